# SPDX-License-Identifier: GPL-2.0-or-later
"""Does a QEMU guest on a tap with vnet_hdr work as a VM, beside containers?"""
import pytest

from lab import Capture, Guest, iperf, ping
from lab.topology import two_hypervisors, vm_addresses
from lab.traffic import rate


@pytest.fixture(scope="module")
def segment(lab):
    """h1 has a guest and a container, h2 a container."""
    h1, h2, local, remote = two_hypervisors(lab, "cut")
    guest = Guest(h1, "guest", vm_addresses(7), mtu=1450)
    return h1, h2, guest, local, remote


def test_the_guest_and_the_containers_ping_each_other(segment):
    _, _, guest, local, remote = segment
    for other in (local, remote):
        for source, target in ((guest, other), (other, guest)):
            for address in (target.v4, target.v6):
                assert ping(source, address, count=10, interval=0.05).lost == 0, (source, address)


def test_tcp_runs_both_ways_with_segmentation_offload_in_the_guest(segment):
    _, _, guest, local, remote = segment
    assert "tcp-segmentation-offload: on" in guest.run("ethtool", "-k", "eth0").stdout
    for other in (remote, local):
        # The guest is interpreted: its speed says nothing, a black hole would.
        assert rate(iperf(guest, other)) > 50e6
        assert rate(iperf(other, guest)) > 50e6


def test_the_guest_sends_and_receives_super_frames(segment):
    h1, _, guest, _, remote = segment
    with Capture(h1, guest.port, f"tcp and src host {guest.v4}") as sent:
        iperf(guest, remote, amount="20M")
    with Capture(h1, guest.port, f"tcp and src host {remote.v4}") as received:
        iperf(remote, guest, amount="20M")
    assert max(sent.lengths()) > 10000, "the tap cut what the guest sent"
    assert max(received.lengths()) > 10000, "the guest got its stream in single segments"


def test_what_the_guest_sends_is_right_on_the_wire(segment):
    h1, _, guest, _, remote = segment
    with Capture(h1, "eth1", outbound=True) as capture:
        for address, back in ((remote.v4, guest.v4), (remote.v6, guest.v6)):
            iperf(guest, remote, address=address, amount="8M")
            iperf(remote, guest, address=back, amount="8M")
    assert len(capture.frames()) > 2000
    assert max(capture.lengths()) <= 1514
    assert capture.complaints() == []
