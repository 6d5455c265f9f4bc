# SPDX-License-Identifier: GPL-2.0-or-later
"""Do a segment's settings do what they say: VLAN tags, flood modes, static records alone?"""
import pytest
from scapy.all import Dot1Q, Ether, Raw

from frames import BROADCAST, EXPERIMENTAL, plain
from lab import Capture, Container, Sniffer, inject, ping, wait_until
from lab.topology import vm_addresses, with_kernel_peer


@pytest.fixture(scope="module")
def pair(lab):
    site = with_kernel_peer(lab, "cut")
    h1 = site[0]
    local = Container(h1, "local", vm_addresses(3), mtu=1450)
    return (*site, local)


def _tagged(source, destination, text, *tags):
    frame = Ether(src=source, dst=destination)
    for tag in tags:
        frame /= Dot1Q(vlan=tag)
    frame.lastlayer().type = EXPERIMENTAL
    return bytes(frame / Raw(text.encode().ljust(60, b".")))


def test_tagged_frames_are_dropped_by_default_in_both_directions(pair):
    h1, _, v1, v2, local = pair
    assert ping(v1, v2.v4).lost == 0
    for source, target in ((v1, v2), (v2, v1), (v1, local)):
        before = h1.dropped("inner_vlan")
        with Sniffer(target.space, "eth0", incoming_only=True) as sniffer:
            inject(source.space, "eth0", _tagged(source.mac, target.mac, "tagged", 7),
                   plain(source.mac, target.mac, "untagged"))
            sniffer.wait_for(lambda frame: b"untagged" in frame)
            assert not sniffer.matching(lambda frame: frame[14:20] == b"tagged"
                                        or frame[18:24] == b"tagged")
        assert h1.dropped("inner_vlan") == before + 1


@pytest.mark.parametrize("tags", [(7,), (7, 9)], ids=["one tag", "two tags"])
def test_tagged_frames_are_carried_byte_for_byte_where_the_segment_says_so(pair, tags):
    h1, _, v1, v2, local = pair
    h1.ctl("segment set blue vlan-tags carry")
    for source, target in ((v1, v2), (v2, v1), (v1, local)):
        # To one's MAC and to all: a flood takes another way.
        for destination in (target.mac, BROADCAST):
            sent = _tagged(source.mac, destination, f"carry {destination}", *tags)
            # The kernel hides a tag from a raw socket; tcpdump puts it back.
            with Capture(target.space, "eth0") as capture, \
                    Sniffer(target.space, "eth0", incoming_only=True) as sniffer:
                inject(source.space, "eth0", sent)
                sniffer.wait_for(lambda frame, d=destination: f"carry {d}".encode() in frame)
            assert sent in capture.frames(), (source, target, destination)
    h1.ctl("segment set blue vlan-tags drop")


def test_flood_none_keeps_floods_local(pair):
    h1, _, v1, v2, local = pair
    assert ping(v1, v2.v4).lost == 0
    h1.ctl("segment set blue flood none")
    with Sniffer(v2.space, "eth0", incoming_only=True) as remote, \
            Sniffer(local.space, "eth0", incoming_only=True) as near:
        inject(v1.space, "eth0", plain(v1.mac, BROADCAST, "stays here"))
        near.wait_for(lambda frame: b"stays here" in frame)
        # Known unicast still goes there, and later than the flood.
        inject(v1.space, "eth0", plain(v1.mac, v2.mac, "goes there"))
        remote.wait_for(lambda frame: b"goes there" in frame)
        assert not remote.matching(lambda frame: b"stays here" in frame)
    h1.ctl("segment set blue flood head-end")
    assert ping(v1, v2.v4).lost == 0


def test_static_records_alone_are_enough(pair):
    """No learning, no flooding: the administrator's records carry the traffic."""
    h1, _, v1, v2, _ = pair
    for word in ("learning false", "flood none", "unknown-unicast drop"):
        h1.ctl(f"segment set blue {word}")
    h1.ctl("fdb flush segment blue")
    v1.space.ip(f"neighbor replace {v2.v4} lladdr {v2.mac} dev eth0")
    v2.space.ip(f"neighbor replace {v1.v4} lladdr {v1.mac} dev eth0")
    assert ping(v1, v2.v4, count=1, wait=0.2).received == 0
    h1.ctl(f"fdb add segment blue mac {v2.mac} peer 192.0.2.2")
    h1.ctl(f"fdb add segment blue mac {v1.mac} port {v1.port}")
    assert ping(v1, v2.v4, count=10).lost == 0
    assert {entry["source"] for entry in h1.fdb()} == {"static"}
    for mac in (v1.mac, v2.mac):
        h1.ctl(f"fdb del segment blue mac {mac}")
    for word in ("learning true", "flood head-end", "unknown-unicast flood"):
        h1.ctl(f"segment set blue {word}")
    wait_until(lambda: ping(v1, v2.v4, count=1, wait=0.2).received, what="to be as before")


def test_a_peer_that_must_send_checksums_is_held_to_it(own_lab):
    """zero-checksum6: false; the same packets pass without it."""
    h1, _, v1, v2 = with_kernel_peer(own_lab, "cut", 6)
    assert ping(v1, v2.v4).lost == 0
    assert h1.api("PATCH", "peers/2001:db8::2", {"zero-checksum6": False})[0] in (200, 204)
    before = h1.dropped("zero_udp_checksum6")
    inject(v2.space, "eth0", plain(v2.mac, v1.mac, "without a checksum"))
    wait_until(lambda: h1.dropped("zero_udp_checksum6") > before, what="the drop")
    assert h1.api("PATCH", "peers/2001:db8::2", {"zero-checksum6": True})[0] in (200, 204)
    assert ping(v1, v2.v4).lost == 0
