# SPDX-License-Identifier: GPL-2.0-or-later
"""Does a hypervisor of ours talk to one that runs Open vSwitch in userspace?"""
import dataclasses

import pytest

from frames import BROADCAST, plain
from lab import Capture, Container, Lab, OvsPeer, Sniffer, inject, iperf, ping, wait_until, wire
from lab.topology import (OVERHEAD, VNI, ours, underlay_address, underlay_addresses, vm_addresses)
from lab.traffic import rate


@dataclasses.dataclass
class Case:
    """What our side is configured with, and what Open vSwitch is."""
    kind: str
    family: int
    peer: dict = dataclasses.field(default_factory=dict)
    options: str = ""
    name: str = ""

    def __str__(self):
        return "-".join(filter(None, (self.kind, f"v{self.family}", self.name)))

    @property
    def ovs_kind(self):
        """Over IPv6, GRE has a type of its own; NVGRE is GRE whose key the flows read."""
        kind = "gre" if self.kind == "nvgre" else self.kind
        return "ip6gre" if kind == "gre" and self.family == 6 else kind


# One option that need not be understood: class 0x0102 (OVN), type 1, four bytes.
OPTION = "0102010112345678"
# What Open vSwitch sends as the key, the flow ID in its low byte.
NVGRE = f"options:in_key=flow options:out_key={VNI << 8 | 0x5a}"
CASES = [Case("vxlan", 4), Case("vxlan", 6), Case("geneve", 4), Case("geneve", 6),
         Case("geneve", 4, {"geneve-options": OPTION}, name="options"),
         Case("geneve", 6, {"geneve-options": OPTION}, name="options"),
         Case("gre", 4), Case("gre", 6),
         # Not both: Open vSwitch computes the checksum before it writes the sequence number.
         Case("gre", 4, {"gre-checksum": True}, "options:csum=true", name="checksum"),
         Case("gre", 4, {"gre-sequence": True}, "options:seq=true", name="sequence"),
         Case("nvgre", 4, options=NVGRE), Case("nvgre", 6, options=NVGRE)]


def _require_key(h2, tunnel):
    """Only our VSID passes, whatever the flow ID."""
    h2.ofctl("add-flow", f"priority=2,in_port={tunnel},tun_id={VNI << 8:#x}/0xffffff00,"
             "actions=NORMAL")
    h2.ofctl("add-flow", f"priority=1,in_port={tunnel},actions=drop")


def _require_option(h2, tunnel, port):
    """Only frames with our option pass, and what leaves carries one too."""
    h2.ofctl("add-tlv-map", "{class=0x102,type=1,len=4}->tun_metadata0")
    h2.ofctl("add-flow", f"priority=2,in_port={tunnel},tun_metadata0=0x12345678,actions=NORMAL")
    h2.ofctl("add-flow", f"priority=1,in_port={tunnel},actions=drop")
    h2.ofctl("add-flow", f"priority=1,in_port={port},"
             "actions=set_field:0x9abcdef0->tun_metadata0,NORMAL")


@pytest.fixture(scope="module", params=CASES, ids=str)
def pair(request):
    case = request.param
    with Lab("ovs-peer") as lab:
        h1 = ours(lab, 1, [2], case.family)
        h1.config["peers"][0].update({"encapsulation": case.kind, **case.peer})
        h2 = OvsPeer(lab, "h2", *underlay_addresses(2))
        wire(h1, h2, "cut")
        h1.address(*underlay_addresses(1))
        h2.start()
        tunnel = h2.tunnel(VNI, underlay_address(1, case.family), case.ovs_kind, case.options)
        # Enough for every envelope of these.
        mtu = 1500 - OVERHEAD[case.family] - 8
        v1 = Container(h1, "v1", vm_addresses(1), mtu=mtu)
        v2 = Container(h2, "v2", vm_addresses(2), mtu=mtu)
        h2.adopt(v2)
        if case.kind == "nvgre":
            _require_key(h2, tunnel)
        if case.name == "options":
            _require_option(h2, tunnel, v2.port)
        h1.start()
        # Open vSwitch drops what it has no next hop for while it asks for it.
        wait_until(lambda: ping(v2, v1.v4, count=1).lost == 0, what="Open vSwitch's first answer")
        yield case.family, h1, h2, v1, v2


def test_pings_of_both_families_cross_in_both_directions(pair):
    _, _, _, v1, v2 = pair
    for source, target in ((v1, v2), (v2, v1)):
        for address in (target.v4, target.v6):
            assert ping(source, address, count=20).lost == 0, address


def test_udp_crosses_in_both_directions(pair):
    _, _, _, v1, v2 = pair
    for source, target in ((v1, v2), (v2, v1)):
        report = iperf(source, target, extra=("-u", "-b", "2M", "-l", "1000"))
        total = report["end"]["sum"]
        assert total["packets"] > 100 and total["lost_packets"] == 0


def test_tcp_runs_both_ways_and_tshark_has_no_complaint(pair):
    _, h1, _, v1, v2 = pair
    with Capture(h1, "eth1", outbound=True) as capture:
        forth = rate(iperf(v1, v2, amount="8M"))
        back = rate(iperf(v2, v1, amount="8M"))
    # Open vSwitch's userspace datapath is slow here; a broken path gives next to nothing.
    assert min(forth, back) > 20e6, (forth, back)
    assert max(capture.lengths()) <= 1514
    assert capture.complaints() == []


def test_each_broadcast_arrives_once(pair):
    _, _, _, v1, v2 = pair
    for source, target in ((v1, v2), (v2, v1)):
        sent = [plain(source.mac, BROADCAST, f"broadcast {number}") for number in range(20)]
        with Sniffer(target.space, "eth0", incoming_only=True) as sniffer:
            inject(source.space, "eth0", *sent)
            sniffer.wait_for(lambda frame, last=sent[-1]: frame == last)
            assert [f for f in sniffer.frames() if b"broadcast " in f] == sent


def test_the_vm_behind_open_vswitch_is_learned(pair):
    family, h1, _, v1, v2 = pair
    assert ping(v1, v2.v4).lost == 0
    assert h1.fdb_entry(v2.mac)["peer"] == underlay_address(2, family)
