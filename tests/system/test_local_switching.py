# SPDX-License-Identifier: GPL-2.0-or-later
"""Does what two VMs of one hypervisor say to each other stay in it?"""
import pytest

from frames import BROADCAST, plain
from lab import Capture, Container, Sniffer, inject, iperf, ping
from lab.topology import two_hypervisors, vm_addresses
from lab.traffic import rate


@pytest.fixture(scope="module")
def segment(lab):
    h1, _, v1, remote = two_hypervisors(lab)
    neighbour = Container(h1, "v3", vm_addresses(3), mtu=1450)
    for address in (neighbour.v4, neighbour.v6, remote.v4):
        assert ping(v1, address).lost == 0
    return h1, v1, neighbour, remote


def test_unicast_between_local_ports_never_reaches_the_wire(segment):
    h1, v1, neighbour, remote = segment
    local = {bytes.fromhex(vm.mac.replace(":", "")) for vm in (v1, neighbour)}
    with Capture(h1, "eth1", "udp port 4789") as capture:
        assert ping(v1, neighbour.v4, count=200, interval=0.002).lost == 0
        assert ping(v1, neighbour.v6, count=200, interval=0.002).lost == 0
        forth, back = rate(iperf(v1, neighbour)), rate(iperf(neighbour, v1))
        # The proof that the capture would have seen one.
        assert ping(v1, remote.v4, count=1).lost == 0
    inner = [(frame[50:56], frame[56:62]) for frame in capture.frames()]
    assert len(inner) >= 2, "not even the ping to the other hypervisor was captured"
    assert [pair for pair in inner if set(pair) <= local] == []
    assert min(forth, back) > 500e6, (forth, back)


def test_a_frame_to_the_port_that_it_came_from_is_dropped_by_name(segment):
    h1, v1, _, _ = segment
    before = h1.dropped("same_port")
    with Sniffer(v1.space, "eth0", incoming_only=True) as sniffer:
        inject(v1.space, "eth0", plain(v1.mac, v1.mac, "to myself"))
        assert ping(v1, "10.0.0.3").lost == 0
        assert not sniffer.matching(lambda frame: b"to myself" in frame)
    assert h1.dropped("same_port") == before + 1


def test_a_broadcast_reaches_the_local_port_and_the_peer_once(segment):
    _, v1, neighbour, remote = segment
    sniffers = [Sniffer(vm.space, "eth0", incoming_only=True) for vm in (v1, neighbour, remote)]
    sent = [plain(v1.mac, BROADCAST, f"hear {number:2}") for number in range(20)]
    inject(v1.space, "eth0", *sent)
    for sniffer in sniffers[1:]:
        sniffer.wait_for(lambda frame: frame == sent[-1])
        assert sniffer.matching(lambda frame: b"hear " in frame) == sent
    assert sniffers[0].matching(lambda frame: b"hear " in frame) == []
