# SPDX-License-Identifier: GPL-2.0-or-later
"""Do two hypervisors of ours speak STT, and is it STT that they speak?"""
import struct

import pytest
from scapy.all import IP, TCP, Dot1Q, Ether, IPv6, Raw

from frames import BROADCAST, EXPERIMENTAL, plain
from lab import (Capture, Container, Lab, Pinger, Sniffer, Switch, inject, iperf, next_mac, ping,
                 wait_until, wire)
from lab.topology import (VNI, ours, two_hypervisors, underlay_address, underlay_addresses,
                          vm_addresses)
from lab.traffic import rate

PORT = 7471
COMPLAINTS = ("_ws.malformed or _ws.expert.severity == 8388608 or "
              "ip.checksum.status == 0 or stt.segment.overlap or stt.segment.error or "
              "stt.version_unknown.expert or stt.l4offset_bad.expert or stt.mss_bad.expert")


def _two(lab, family):
    """h1 and h2 with a container each, whose MTU is the underlay's."""
    segments = [{"name": "blue", "vni": VNI, "vlan-tags": "carry"}]
    h1 = ours(lab, 1, [2], family, segments=segments)
    h2 = ours(lab, 2, [1], family, segments=segments)
    wire(h1, h2, "cut")
    vms = []
    for number, hypervisor in enumerate((h1, h2), 1):
        hypervisor.config["peers"][0]["encapsulation"] = "stt"
        hypervisor.address(*underlay_addresses(number))
        vms.append(Container(hypervisor, f"v{number}", vm_addresses(number), mtu=1500))
        hypervisor.start()
    return h1, h2, *vms


@pytest.fixture(scope="module", params=(4, 6), ids=("v4", "v6"))
def pair(request):
    with Lab("stt") as lab:
        yield (request.param, *_two(lab, request.param))


def test_pings_of_both_families_cross_in_both_directions(pair):
    _, _, _, v1, v2 = pair
    for source, target in ((v1, v2), (v2, v1)):
        for address in (target.v4, target.v6):
            assert ping(source, address, count=20).lost == 0, address


def test_a_vm_may_have_the_mtu_of_the_underlay(pair):
    """A frame needs two segments then, and no VM hears of it."""
    _, h1, _, v1, v2 = pair
    with Capture(h1, "eth1", outbound=True) as capture:
        assert ping(v1, v2.v4, size=1472, df=True).lost == 0
        assert ping(v1, v2.v6, size=1452, df=True).lost == 0
    assert max(capture.lengths()) == 1514
    assert len(capture.select("stt.pkt_len == 1532", stt=True)) >= 6


def test_tcp_runs_both_ways_with_super_frames_in_one_stt_frame_each(pair):
    _, h1, _, v1, v2 = pair
    assert "tcp-segmentation-offload: on" in v1.run("ethtool", "-k", "eth0").stdout
    with Capture(h1, "eth1", outbound=True, buffer_mib=64) as capture:
        iperf(v1, v2, amount="8M")
    lengths = [int(length) for length, in capture.select("stt", "stt.pkt_len", stt=True)]
    assert max(capture.lengths()) <= 1514
    assert max(lengths) > 20000, "super-frames were cut before they became STT frames"
    for address in (v2.v4, v2.v6):
        assert rate(iperf(v1, v2, address=address)) > 200e6
    assert rate(iperf(v2, v1)) > 200e6


def test_tshark_has_no_complaint_about_any_frame_on_the_wire(pair):
    family, h1, _, v1, v2 = pair
    with Capture(h1, "eth1", outbound=True, buffer_mib=64) as capture:
        for address in (v2.v4, v2.v6):
            assert ping(v1, address, size=1000).lost == 0
            iperf(v1, v2, address=address, amount="8M")
            iperf(v1, v2, address=address, amount="2M", extra=("-u", "-b", "100M", "-l", "1200"))
        inject(v1.space, "eth0", plain(v1.mac, BROADCAST, "to everybody"))
    proto = "ip.proto == 6" if family == 4 else "ipv6.nxt == 6"
    sent = capture.select(f"stt and {proto}", "stt.context_id", stt=True)
    assert len(sent) > 5000
    # The heuristic must have taken every packet of ours for STT, and nothing else be there.
    assert len(sent) == len(capture.select(f"eth.src == {h1.mac('eth1')} and ({proto})"))
    assert {int(context, 0) for context, in sent if context} == {VNI}
    assert capture.tshark("-Y", COMPLAINTS, checksums=False, stt=True) == []
    # Inner checksums are partial.  As TCP, tshark verifies the outer ones.
    assert capture.complaints() == []


def test_nobody_answers_with_rst(pair):
    _, h1, h2, v1, v2 = pair
    with Capture(h1, "eth1", buffer_mib=64) as capture:
        assert ping(v1, v2.v4, count=20, size=1472).lost == 0
        iperf(v1, v2, amount="4M")
        # what is not STT, from a peer's address to STT's port
        family = IP if pair[0] == 4 else IPv6
        inject(h1, "eth1", bytes(
            Ether(src=h1.mac("eth1"), dst=h2.mac("eth1"))
            / family(src=underlay_address(1, pair[0]), dst=underlay_address(2, pair[0]))
            / TCP(sport=50000, dport=PORT, flags="A") / Raw(bytes(3))))
        assert ping(v1, v2.v4).lost == 0
    resets = [frame for frame in capture.frames() if _tcp_flags(frame, pair[0]) & 0x04]
    assert len(capture.frames()) > 1000
    assert resets == []


def _tcp_flags(frame, family):
    l4, protocol = (34, frame[23]) if family == 4 else (54, frame[20])
    return frame[l4 + 13] if protocol == 6 and len(frame) > l4 + 13 else 0


def test_a_broadcast_arrives_once_and_is_learned_from(pair):
    _, _, h2, v1, v2 = pair
    source = next_mac()
    with Sniffer(v2.space, "eth0", incoming_only=True) as sniffer:
        frames = [plain(source, BROADCAST, f"{number:04}") for number in range(30)]
        inject(v1.space, "eth0", *frames)
        sniffer.wait_for(lambda frame: frame == frames[-1])
        got = [frame for frame in sniffer.frames() if frame[12:14] == b"\x88\xb5"]
    assert got == frames
    assert h2.fdb_entry(source)["peer"] == underlay_address(1, pair[0])


def test_a_tag_travels_in_the_header_and_comes_out_again(pair):
    _, h1, _, v1, v2 = pair
    tagged = bytes(Ether(src=v1.mac, dst=v2.mac) / Dot1Q(prio=5, vlan=100, type=EXPERIMENTAL)
                   / Raw(b"tagged" + bytes(50)))
    twice = bytes(Ether(src=v1.mac, dst=v2.mac) / Dot1Q(vlan=7)
                  / Dot1Q(prio=1, vlan=8, type=EXPERIMENTAL) / Raw(b"twice" + bytes(50)))
    with Capture(h1, "eth1", outbound=True) as capture, \
            Capture(v2.space, "eth0") as arrived:
        inject(v1.space, "eth0", tagged, twice)
        assert ping(v1, v2.v4).lost == 0
        wait_until(lambda: h1.traffic("segment", "blue")["tx-frames"], what="frames")
    tags = capture.select("stt.vlan.id == 100", "stt.vlan.pcp", "stt.vlan.v", stt=True)
    assert tags == [("5", "1")]
    got = [frame for frame in arrived.frames() if b"tagged" in frame or b"twice" in frame]
    assert got == [tagged, twice]


def _stt_segment(h1, h2, family, frame_id, length, offset, payload):
    """A segment as hypervisor 1 would send it to hypervisor 2."""
    ip = IP if family == 4 else IPv6
    return bytes(Ether(src=h1.mac("eth1"), dst=h2.mac("eth1"))
                 / ip(src=underlay_address(1, family), dst=underlay_address(2, family))
                 / TCP(sport=50000, dport=PORT, seq=length << 16 | offset, ack=frame_id,
                       flags="PA", window=0xffff) / Raw(payload))


def test_segments_in_any_order_make_a_frame(pair):
    family, h1, h2, v1, v2 = pair
    inner = plain(v1.mac, v2.mac, "in three pieces", 300)
    frame = struct.pack("!BBBBHHQH", 0, 0, 0, 0, 0, 0, VNI, 0) + inner
    cuts = [(200, 318), (0, 10), (10, 200)]
    with Sniffer(v2.space, "eth0", incoming_only=True) as sniffer:
        inject(h1, "eth1", *[_stt_segment(h1, h2, family, 77, 318, a, frame[a:b])
                             for a, b in cuts])
        assert sniffer.wait_for(lambda got: got == inner)


def test_endless_first_halves_are_counted_and_cost_nobody_else_a_frame(pair):
    family, h1, h2, v1, v2 = pair
    before, lost = h2.dropped("too_many_frames"), h2.dropped("reassembly_timeout")
    halves = [_stt_segment(h1, h2, family, 1000 + number, 2000, 0, bytes(100))
              for number in range(1000)]
    pinger = Pinger(v2, v1.v4)
    inject(h1, "eth1", *halves)
    pinger.wait_for_answers(50)
    assert pinger.stop().lost == 0
    wait_until(lambda: h2.dropped("too_many_frames") - before
               + h2.dropped("reassembly_timeout") - lost >= 1000, 30, "1000 counted halves")
    assert h2.dropped("too_many_frames") > before
    assert ping(v1, v2.v4, size=1472).lost == 0


def test_what_the_threads_drop_has_a_name_and_a_peer(pair):
    family, h1, h2, _, _ = pair
    inject(h1, "eth1", _stt_segment(h1, h2, family, 5, 100, 0, b"\x01" + bytes(99)))
    def rows():
        return [row for row in h2.listed("drops") if row["reason"] == "stt_version"]
    wait_until(rows, what="a drop named stt_version")
    assert [(row["frames"], row["peer"]) for row in rows()] == [(1, underlay_address(1, family))]


def test_real_tcp_on_the_port_of_stt_goes_on_between_others(pair):
    """Another pair of addresses on the same hosts: no peers, so it is the hosts' own TCP."""
    family, h1, h2, v1, v2 = pair
    a, b = ("192.0.2.101", "192.0.2.102") if family == 4 else ("2001:db8::101", "2001:db8::102")
    length = 24 if family == 4 else 64
    h1.address(f"{a}/{length}")
    h2.address(f"{b}/{length}")
    h2.run("iperf3", "-s", "-1", "-D", "-p", PORT)
    wait_until(lambda: f":{PORT:04X} " in h2.run("cat", "/proc/net/tcp", "/proc/net/tcp6").stdout,
               what="iperf3")
    done = h1.run("iperf3", "-c", b, "-B", a, "-p", PORT, "-n", "20M", "--connect-timeout", "3000")
    assert "receiver" in done.stdout
    assert ping(v1, v2.v4).lost == 0


def test_status_shows_the_tap_and_unloading_takes_it_away(own_lab):
    h1, _, _, _ = _two(own_lab, 4)
    anchors = h1.show("status")["anchors"]
    assert [row["present"] for row in anchors if row["device"] == "ovl-stt"] == [True]
    link = h1.link("ovl-stt")
    assert not link.get("addr_info")
    h1.ctl("datapath", "unload")
    h1.process.wait(10)
    assert h1.run("ip", "link", "show", "ovl-stt", check=False).returncode != 0


def test_a_killed_daemon_pauses_stt_and_nothing_else(own_lab):
    """v1 talks to v2 by STT and to v3 by VXLAN; h1's daemon dies and comes back."""
    switch = Switch(own_lab, kind="cut")
    hypervisors, vms = [], []
    for number in (1, 2, 3):
        others = [n for n in (1, 2, 3) if n != number]
        hypervisor = ours(own_lab, number, others)
        for peer, other in zip(hypervisor.config["peers"], others):
            if {number, other} == {1, 2}:
                peer["encapsulation"] = "stt"
        switch.plug(hypervisor)
        hypervisor.address(*underlay_addresses(number))
        vms.append(Container(hypervisor, f"v{number}", vm_addresses(number), mtu=1450))
        hypervisors.append(hypervisor.start())
    h1, (v1, v2, v3) = hypervisors[0], vms
    assert ping(v1, v2.v4).lost == 0 and ping(v1, v3.v4).lost == 0
    ifindex = h1.link("ovl-stt")["ifindex"]
    pinger = Pinger(v1, v3.v4)
    h1.kill()
    pinger.wait_for_answers(100)
    assert ping(v1, v2.v4, count=5).received == 0
    h1.start(write=False)
    pinger.wait_for_answers(100)
    wait_until(lambda: ping(v1, v2.v4, count=1).lost == 0, what="STT to go on")
    assert ping(v1, v2.v4, count=20).lost == 0
    assert pinger.stop().lost == 0
    assert h1.link("ovl-stt")["ifindex"] == ifindex


def test_a_peer_changes_from_vxlan_to_stt_and_back_while_frames_flow(own_lab):
    h1, h2, v1, v2 = two_hypervisors(own_lab, "cut")
    assert ping(v1, v2.v4).lost == 0
    for hypervisor, other in ((h1, 2), (h2, 1)):
        hypervisor.ctl("peer", "set", underlay_address(other), "accept", "vxlan,stt")
    pinger = Pinger(v1, v2.v4)
    for kind in ("stt", "vxlan", "stt"):
        for hypervisor, other in ((h1, 2), (h2, 1)):
            assert hypervisor.ctl("peer", "set", underlay_address(other), "encapsulation",
                                  kind).returncode == 0
        pinger.wait_for_answers(100)
    assert pinger.stop().lost <= 6, "more than what was in flight at six changes"
