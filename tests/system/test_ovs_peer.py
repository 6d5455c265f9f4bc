# SPDX-License-Identifier: GPL-2.0-or-later
"""Does a hypervisor of ours talk to one that runs Open vSwitch in userspace?"""
import pytest

from frames import BROADCAST, plain
from lab import Capture, Container, Lab, OvsPeer, Sniffer, inject, iperf, ping, wire
from lab.topology import (OVERHEAD, VNI, ours, underlay_address, underlay_addresses, vm_addresses)
from lab.traffic import rate


@pytest.fixture(scope="module", params=[4, 6], ids=["v4", "v6"])
def pair(request):
    family = request.param
    with Lab("ovs-peer") as lab:
        h1 = ours(lab, 1, [2], family)
        h2 = OvsPeer(lab, "h2", *underlay_addresses(2))
        wire(h1, h2, "cut")
        h1.address(*underlay_addresses(1))
        h2.start()
        h2.tunnel(VNI, underlay_address(1, family))
        mtu = 1500 - OVERHEAD[family]
        v1 = Container(h1, "v1", vm_addresses(1), mtu=mtu)
        v2 = Container(h2, "v2", vm_addresses(2), mtu=mtu)
        h2.adopt(v2)
        h1.start()
        yield family, h1, h2, v1, v2


def test_pings_of_both_families_cross_in_both_directions(pair):
    _, _, _, v1, v2 = pair
    for source, target in ((v1, v2), (v2, v1)):
        for address in (target.v4, target.v6):
            assert ping(source, address, count=20).lost == 0, address


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
