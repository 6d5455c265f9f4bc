# SPDX-License-Identifier: GPL-2.0-or-later
"""Do hypervisors that each understand another envelope share one segment?

Six of ours on a switch: each is sent its own envelope, over its own family, by
all others, so every frame of a flood leaves in several shapes, and every pair
of VMs talks in two envelopes.  One hypervisor's peers know both its addresses.
"""
import itertools

import pytest

from frames import BROADCAST, plain
from lab import Capture, Container, Pinger, Sniffer, Switch, inject, iperf, ping, wait_until
from lab.topology import VNI, ours, underlay_address, underlay_addresses, vm_addresses
from lab.traffic import rate

VM_MTU = 1400
# number: (what it understands, the family by which it is named)
HOSTS = {1: ("vxlan", 4), 2: ("geneve", 6), 3: ("gre", 4), 4: ("nvgre", 6), 5: ("stt", 4),
         6: ("vxlan", 6)}
KNOWN_BY = {"vxlan": "udp.dstport == 4789", "geneve": "udp.dstport == 6081",
            "gre": "gre", "nvgre": "gre", "stt": "stt"}


def _peer(number):
    kind, family = HOSTS[number]
    return {"address": underlay_address(number, family), "encapsulation": kind,
            "other-addresses": [underlay_address(number, 10 - family)]}


@pytest.fixture(scope="module")
def site(lab):
    """{number: hypervisor}, {number: VM}."""
    switch, hosts, vms = Switch(lab, kind="cut"), {}, {}
    for number in HOSTS:
        host = hosts[number] = ours(lab, number, [])
        host.config["underlay"]["address"] = [underlay_address(number, family)
                                              for family in (4, 6)]
        host.config["peers"] = [_peer(other) for other in HOSTS if other != number]
        # Who is sent NVGRE or GRE, which look alike, or STT, which looks like TCP, says so.
        if number == 1 or HOSTS[number][0] in ("gre", "nvgre", "stt"):
            others = {"gre"} if HOSTS[number][0] == "nvgre" else {"nvgre"}
            for peer in host.config["peers"]:
                peer["accept"] = [kind for kind in ("vxlan", "geneve", "nvgre", "gre", "stt")
                                  if kind not in others]
        switch.plug(host)
        host.address(*underlay_addresses(number))
        vms[number] = Container(host, f"v{number}", vm_addresses(number), mtu=VM_MTU)
        host.start()
    for one, other in itertools.permutations(HOSTS, 2):
        wait_until(lambda a=one, b=other: ping(vms[a], vms[b].v4, count=1).lost == 0,
                   what=f"a ping from {HOSTS[one]} to {HOSTS[other]}")
    return hosts, vms


def test_every_vm_pings_every_other_over_both_families(site):
    _, vms = site
    for one, other in itertools.permutations(HOSTS, 2):
        for address in (vms[other].v4, vms[other].v6):
            assert ping(vms[one], address, count=5).lost == 0, (HOSTS[one], HOSTS[other])


def test_every_broadcast_arrives_once_at_every_other_vm(site):
    _, vms = site
    sniffers = {number: Sniffer(vm.space, "eth0", incoming_only=True)
                for number, vm in vms.items()}
    for number, vm in vms.items():
        inject(vm.space, "eth0", *(plain(vm.mac, BROADCAST, f"from {number} no {i} ")
                                   for i in range(10)))
    for number, sniffer in sniffers.items():
        for other in set(HOSTS) - {number}:
            texts = [f"from {other} no {i} ".encode() for i in range(10)]
            sniffer.wait_for(lambda frame, last=texts[-1]: last in frame)
            seen = [frame[14:14 + len(texts[0])] for frame in sniffer.matching(
                lambda frame, o=other: f"from {o} no ".encode() in frame)]
            assert sorted(seen) == texts, (HOSTS[other], HOSTS[number])
        assert not sniffer.matching(lambda frame, n=number: f"from {n} no ".encode() in frame)


def test_each_hypervisor_is_sent_its_own_envelope(site):
    hosts, vms = site
    for number, (kind, family) in HOSTS.items():
        with Capture(hosts[number], "eth1") as capture:
            for other in set(HOSTS) - {number}:
                assert ping(vms[other], vms[number].v4, count=3).lost == 0
        field = "ip.dst" if family == 4 else "ipv6.dst"
        requests = capture.select(f"icmp.type == 8 and {field} == "
                                  f"{underlay_address(number, family)}", stt=kind == "stt")
        right = capture.select(f"icmp.type == 8 and {KNOWN_BY[kind]}", stt=kind == "stt")
        assert len(requests) == len(right) == 3 * (len(HOSTS) - 1)


def test_each_vm_is_learned_at_the_one_peer_that_has_it(site):
    hosts, vms = site
    for number, host in hosts.items():
        for other in set(HOSTS) - {number}:
            kind, family = HOSTS[other]
            entry = host.fdb_entry(vms[other].mac)
            assert entry["peer"] == underlay_address(other, family), kind
            assert entry["moves"] == 0


def test_tcp_runs_from_every_envelope_to_every_other(site):
    _, vms = site
    for one, other in itertools.permutations(HOSTS, 2):
        assert rate(iperf(vms[one], vms[other], amount="4M")) > 50e6, (HOSTS[one], HOSTS[other])


@pytest.mark.parametrize("kind", ["geneve", "gre", "stt", "vxlan"])
def test_a_change_of_the_envelope_at_run_time_loses_only_what_is_in_flight(site, kind):
    """Host 1's peers send it another envelope, one after the other; it accepts them all.

    Not GRE from whom it sends NVGRE: they look alike, and it expects NVGRE back.
    """
    hosts, vms = site
    senders = [number for number in HOSTS
               if number != 1 and {kind, HOSTS[number][0]} != {"gre", "nvgre"}]
    pinger = Pinger(vms[2], vms[1].v4)
    pinger.wait_for_answers(50)
    for number in senders:
        hosts[number].ctl("peer", "set", underlay_address(1), "encapsulation", kind)
    pinger.wait_for_answers(50)
    assert pinger.stop().lost <= 1
    for number in senders:
        assert ping(vms[number], vms[1].v4, count=3).lost == 0
