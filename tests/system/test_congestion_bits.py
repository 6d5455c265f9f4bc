# SPDX-License-Identifier: GPL-2.0-or-later
"""Are ECN and DSCP treated end to end as RFC 6040 says, and as the kernel does?"""
import pytest
from scapy.all import IP, UDP, Ether, IPv6, Raw

from frames import internet_sum, vxlan
from lab import Lab, Sniffer, inject, ping, wait_until
from lab.topology import VNI, underlay_address, with_kernel_peer

ECN = {"Not-ECT": 0, "ECT(1)": 1, "ECT(0)": 2, "CE": 3}
EF = 46


@pytest.fixture(scope="module", params=[4, 6], ids=["underlay-v4", "underlay-v6"])
def pair(request):
    with Lab("congestion-bits") as lab:
        site = with_kernel_peer(lab, "cut", request.param)
        assert ping(site[2], site[3].v4).lost == 0
        yield request.param, *site


def _inner(source, target, tos, text, version=4):
    ip = IP(src=source.v4, dst=target.v4, tos=tos) if version == 4 else \
        IPv6(src=source.v6, dst=target.v6, tc=tos)
    return bytes(Ether(src=source.mac, dst=target.mac) / ip / UDP(sport=9, dport=9) / Raw(text))


def _tos(frame):
    """Traffic class of the IP packet in an Ethernet frame."""
    return frame[15] if frame[12:14] == b"\x08\x00" else (frame[14] << 4 | frame[15] >> 4) & 0xff


def _outer(h1, v1, v2, tos, version):
    """Traffic class of the outer packet around an inner one of class `tos`."""
    text = f"outer of {tos} {version}".encode()
    with Sniffer(h1, "eth1") as sniffer:
        inject(v1.space, "eth0", _inner(v1, v2, tos, text, version))
        return _tos(sniffer.wait_for(lambda frame: text in frame))


@pytest.mark.parametrize("version", [4, 6], ids=["inner-v4", "inner-v6"])
def test_the_outer_packet_takes_the_ecn_of_the_inner_one_and_the_segments_dscp(pair, version):
    _, h1, _, v1, v2 = pair
    for ecn in ECN.values():
        assert _outer(h1, v1, v2, EF << 2 | ecn, version) == ecn
    h1.ctl("segment set blue dscp 10")
    assert _outer(h1, v1, v2, EF << 2 | 2, version) == 10 << 2 | 2
    h1.ctl("segment set blue dscp copy")
    assert _outer(h1, v1, v2, EF << 2 | 1, version) == EF << 2 | 1
    h1.ctl("segment set blue dscp 0")


class Way:
    """Tunnel packets made by hand, from one hypervisor's namespace to the other's VM."""

    def __init__(self, family, numbers, hosts, vms, version):
        self.family, self.version, self.vms = family, version, vms
        self.sender, self.receiver = hosts
        self.addresses = [underlay_address(number, family) for number in numbers]
        self.sniffer = Sniffer(vms[1].space, "eth0", incoming_only=True)

    def _send(self, outer_tos, inner_tos, text):
        field = {"tos": outer_tos} if self.family == 4 else {"tc": outer_tos}
        inject(self.sender, "eth1",
               vxlan(self.sender.mac("eth1"), self.receiver.mac("eth1"), *self.addresses, VNI,
                     _inner(*self.vms, inner_tos, text, self.version), **field))

    def deliver(self, outer_tos, inner_tos):
        """The traffic class with which an inner packet arrived; None: it did not."""
        text = f"<{outer_tos} {inner_tos} {self.version} {self.addresses}>".encode()
        self._send(outer_tos, inner_tos, text)
        # Without congestion nothing is dropped: when this one is there, so is the first.
        self._send(0, 0, b"after " + text)
        self.sniffer.wait_for(lambda frame: b"after " + text in frame)
        got = self.sniffer.matching(lambda f: text in f and b"after " not in f)
        return _tos(got[0]) if got else None


@pytest.mark.parametrize("version", [4, 6], ids=["inner-v4", "inner-v6"])
def test_decapsulation_gives_the_same_as_the_kernel_on_all_combinations(pair, version):
    family, h1, h2, v1, v2 = pair
    drops = h1.dropped("ecn_ce_on_not_ect")
    to_ours = Way(family, (2, 1), (h2, h1), (v2, v1), version)
    to_kernel = Way(family, (1, 2), (h1, h2), (v1, v2), version)
    ours, kernel = {}, {}
    for inner_name, inner in ECN.items():
        for outer_name, outer in ECN.items():
            key, classes = (inner_name, outer_name), (EF << 2 | outer, 10 << 2 | inner)
            ours[key], kernel[key] = to_ours.deliver(*classes), to_kernel.deliver(*classes)
    assert ours == kernel
    assert ours["Not-ECT", "CE"] is None
    assert ours["ECT(0)", "CE"] == 10 << 2 | ECN["CE"], "congestion is told, DSCP stays"
    assert ours["ECT(0)", "ECT(1)"] == 10 << 2 | ECN["ECT(1)"]
    wait_until(lambda: h1.dropped("ecn_ce_on_not_ect") == drops + 1, what="the counted drop")


def test_the_inner_header_checksum_is_right_after_a_change_of_ecn(pair):
    family, h1, h2, v1, v2 = pair
    source, target = (underlay_address(n, family) for n in (2, 1))
    field = {"tos": 3} if family == 4 else {"tc": 3}
    inner = _inner(v2, v1, 2, b"checksum please")
    with Sniffer(v1.space, "eth0", incoming_only=True) as sniffer:
        inject(h2, "eth1", vxlan(h2.mac("eth1"), h1.mac("eth1"), source, target, VNI, inner, **field))
        frame = sniffer.wait_for(lambda f: b"checksum please" in f)
    assert frame[15] == 3 and internet_sum(frame[14:34]) == 0xffff
