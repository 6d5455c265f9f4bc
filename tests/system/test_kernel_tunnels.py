# SPDX-License-Identifier: GPL-2.0-or-later
"""Does a hypervisor of ours talk to the kernel's own geneve and gretap devices?

Not every kernel that runs these tests has them, so the remote hypervisor is a
guest with Debian's: its virtio-net NIC is the underlay, its VM a namespace
behind a bridge. The tap at its far end is the underlay device of h1.
"""
import dataclasses

import pytest

from lab import Capture, Container, Guest, Lab, iperf, ping
from lab.topology import VNI, ours, underlay_address, underlay_addresses, vm_addresses
from lab.traffic import rate

VM_MTU = 1400  # fits every envelope here


@dataclasses.dataclass
class Case:
    kind: str
    family: int
    device: str     # the kernel's words for it
    peer: dict = dataclasses.field(default_factory=dict)
    name: str = ""

    def __str__(self):
        return "-".join(filter(None, (self.kind, f"v{self.family}", self.name)))


def _gre(family, options=""):
    kind = "gretap" if family == 4 else "ip6gretap"
    return f"type {kind} local {underlay_address(2, family)} remote " \
           f"{underlay_address(1, family)} key {VNI} {options}"


def _geneve(family):
    return f"type geneve id {VNI} remote {underlay_address(1, family)}" \
           + (" udp6zerocsumtx udp6zerocsumrx" if family == 6 else "")


CASES = [Case("geneve", 4, _geneve(4)), Case("geneve", 6, _geneve(6)),
         Case("gre", 4, _gre(4)), Case("gre", 6, _gre(6)),
         Case("gre", 4, _gre(4, "csum seq"), {"gre-checksum": True, "gre-sequence": True},
              "fields")]


class GuestVm:
    """The VM inside the guest: what ping() and iperf() need of one."""

    def __init__(self, guest):
        self.guest, self.v4, self.v6, self.name = guest, "10.0.0.2", "fd00::2", "guest-vm"

    def run(self, *words, **options):
        return self.guest.run("ip-full", "netns", "exec", "vm", *words, **options)


def _make_vm(guest):
    for command in (
            "mkdir -p /run /var/run/netns",
            "load-tunnels",
            "ip-full netns add vm",
            "ip-full link add br0 type bridge forward_delay 0 mcast_snooping 0",
            "ip-full link add port0 type veth peer name eth0 netns vm",
            "ip-full link set port0 master br0 up",
            "ip-full link set br0 up",
            "ip-full -n vm link set lo up",
            f"ip-full -n vm link set eth0 mtu {VM_MTU} up",
            "ip-full -n vm address add 10.0.0.2/24 dev eth0",
            "ip-full -n vm address add fd00::2/64 dev eth0 nodad"):
        guest.run(*command.split())
    return GuestVm(guest)


@pytest.fixture(scope="module")
def site():
    """h1 with a container, the guest, and its VM; no tunnel yet."""
    with Lab("kernel-tunnels") as lab:
        h1 = ours(lab, 1, [], device="wire")
        h1.config["underlay"]["address"] = [underlay_address(1, 4), underlay_address(1, 6)]
        guest = Guest(h1, "far", underlay_addresses(2), port="wire", plug=False, memory=256)
        h1.cut_super_frames("wire")
        h1.sysctl("net.ipv6.conf.wire.disable_ipv6", 0)
        for address in underlay_addresses(1):
            h1.ip(f"address add {address} dev wire" + (" nodad" if ":" in address else ""))
        vm = Container(h1, "v1", vm_addresses(1), mtu=VM_MTU)
        h1.start()
        yield h1, guest, vm, _make_vm(guest)


@pytest.fixture(scope="module", params=CASES, ids=str)
def pair(request, site):
    """One tunnel at a time, made while both hypervisors run."""
    case, (h1, guest, vm, other) = request.param, site
    peer = underlay_address(2, case.family)
    guest.run(*f"ip-full link add tunnel {case.device}".split())
    guest.run(*"ip-full link set tunnel mtu 1400 master br0 up".split())
    words = [word for key, value in case.peer.items() for word in (key, str(value).lower())]
    h1.ctl("peer", "add", peer, "encapsulation", case.kind, *words)
    yield case, h1, guest, vm, other
    h1.ctl("peer", "del", peer)
    guest.run(*"ip-full link del tunnel".split())


def test_the_vms_ping_each_other(pair):
    *_, vm, other = pair
    for source, target in ((vm, other), (other, vm)):
        for address in (target.v4, target.v6):
            assert ping(source, address, count=10, interval=0.1).lost == 0, address


def test_tcp_runs_both_ways_and_tshark_has_no_complaint(pair):
    _, h1, _, vm, other = pair
    with Capture(h1, "wire", outbound=True) as capture:
        forth = rate(iperf(vm, other))
        back = rate(iperf(other, vm))
    # interpreted code: a black hole would show, the speed says nothing
    assert min(forth, back) > 10e6, (forth, back)
    assert capture.complaints() == []


def test_udp_crosses_in_both_directions(pair):
    *_, vm, other = pair
    for source, target in ((vm, other), (other, vm)):
        report = iperf(source, target, extra=("-u", "-b", "2M", "-l", "1000"))
        total = report["end"]["sum"]
        assert total["packets"] > 100 and total["lost_packets"] == 0


def test_the_vm_behind_the_kernels_device_is_learned(pair):
    case, h1, _, vm, other = pair
    assert ping(other, vm.v4).lost == 0
    mac = other.run("cat", "/sys/class/net/eth0/address").stdout.strip()
    assert h1.fdb_entry(mac)["peer"] == underlay_address(2, case.family)
