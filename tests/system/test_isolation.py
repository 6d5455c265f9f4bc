# SPDX-License-Identifier: GPL-2.0-or-later
"""Are segments apart?  Three hypervisors, three segments, the same MACs and IPs in each.

Proven by what is not received: every VM records all that reaches it, and
nothing of another segment may be among it.
"""
import itertools

import pytest

from frames import BROADCAST, plain
from lab import Container, Sniffer, Switch, inject, wait_until
from lab.topology import ours, underlay_addresses, vm_addresses

SEGMENTS = {"red": 100, "green": 200, "blue": 300}
NUMBERS = (1, 2, 3)


def mac(number):
    return f"02:00:00:00:00:0{number}"


@pytest.fixture(scope="module")
def vms(lab):
    """{(hypervisor number, segment): VM}; VM N has one MAC and IP in all segments."""
    switch = Switch(lab)
    made = {}
    for number in NUMBERS:
        hypervisor = ours(lab, number, [peer for peer in NUMBERS if peer != number],
                          segments=[{"name": name, "vni": vni} for name, vni in SEGMENTS.items()])
        switch.plug(hypervisor)
        hypervisor.address(*underlay_addresses(number))
        for segment in SEGMENTS:
            made[number, segment] = Container(hypervisor, segment, vm_addresses(number),
                                              mac=mac(number), mtu=1450, segment=segment)
        hypervisor.start()
    return made


def test_vms_with_equal_addresses_reach_only_those_of_their_segment(vms):
    sniffers = {key: Sniffer(vm.space, "eth0", incoming_only=True) for key, vm in vms.items()}
    for segment in SEGMENTS:
        pattern = segment.encode().hex()
        for one, other in itertools.permutations(NUMBERS, 2):
            target = vms[other, segment]
            done = vms[one, segment].run("ping", "-n", "-c", 3, "-i", 0.01, "-W", 2, "-p", pattern,
                                         target.v4)
            assert " 0% packet loss" in done.stdout
    for (number, segment), sniffer in sniffers.items():
        own = sniffer.matching(lambda frame, text=segment: (text * 5).encode() in frame)
        assert len(own) >= 12, "3 requests and 3 answers with each of 2 others"
        for other in set(SEGMENTS) - {segment}:
            stray = sniffer.matching(lambda frame, text=other: (text * 3).encode() in frame)
            assert stray == [], f"VM {number} of {segment} received frames of {other}"


def _speak(vms, segment):
    """Every kind of frame that the switch treats in its own way, from each VM of a segment."""
    for number in NUMBERS:
        vm = vms[number, segment]
        others = [mac(other) for other in NUMBERS if other != number]
        targets = [BROADCAST, "01:00:5e:01:02:03", "33:33:00:00:00:99", "02:00:00:00:be:ef",
                   *others]
        inject(vm.space, "eth0", *(plain(vm.mac, target, f"{segment} from {number}")
                                   for target in targets))


def test_broadcast_multicast_and_unknown_unicast_stay_in_their_segment(vms):
    sniffers = {key: Sniffer(vm.space, "eth0", incoming_only=True) for key, vm in vms.items()}
    for segment in SEGMENTS:
        _speak(vms, segment)
    # Each of the two others sent four floods and one frame to this VM.
    for (number, segment), sniffer in sniffers.items():
        wait_until(lambda s=sniffer, text=f"{segment} from": len(
            s.matching(lambda frame: text.encode() in frame)) >= 10, what="own floods")
    for (number, segment), sniffer in sniffers.items():
        got = sniffer.matching(lambda frame: b" from " in frame)
        assert len(got) == 10, f"VM {number} of {segment}: {got}"
        assert all(segment.encode() in frame for frame in got)
        assert not any(f"from {number}".encode() in frame for frame in got), "its own came back"


def test_the_fdb_holds_the_same_mac_once_per_segment(vms):
    hypervisor = vms[1, "red"].host
    for segment in SEGMENTS:
        paths = {entry["mac"]: entry.get("port") or entry.get("peer")
                 for entry in hypervisor.fdb(segment=segment)}
        assert paths == {mac(1): f"vm-{segment}", mac(2): "192.0.2.2", mac(3): "192.0.2.3"}
