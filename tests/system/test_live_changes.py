# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the switch follow devices, addresses, routes and neighbours as they change?"""
import pytest

from frames import BROADCAST, plain
from lab import (Capture, Container, Hypervisor, Lab, Pinger, Router, Sniffer, Stream, inject,
                 iperf, next_mac, ping, wait_until, wire)
from lab.topology import configuration, ours, two_hypervisors, underlay_addresses, vm_addresses


def _port(hypervisor, device):
    return hypervisor.state("ports", device)


@pytest.fixture(scope="module")
def pair(lab):
    return two_hypervisors(lab)


def test_a_device_that_appears_after_start_is_attached(pair):
    h1, _, _, v2 = pair
    h1.ctl("port", "add", "vm-later", "segment", "blue")
    assert not _port(h1, "vm-later")["present"]
    later = Container(h1, "later", vm_addresses(11), mtu=1450, plug=False)
    wait_until(lambda: _port(h1, "vm-later")["attached"], what="the port")
    assert ping(later, v2.v4).lost == 0


def test_a_device_that_vanishes_comes_back_with_its_settings(pair):
    h1, _, _, v2 = pair
    vm = Container(h1, "back", vm_addresses(12), mtu=1450)
    assert h1.api("PATCH", f"ports/{vm.port}", {"macs": [vm.mac]})[0] in (200, 204)
    assert ping(vm, v2.v4).lost == 0
    for _ in range(3):
        h1.ip(f"link del {vm.port}")
        wait_until(lambda: not _port(h1, vm.port)["present"], what="the loss to be noticed")
        vm.connect()
        wait_until(lambda: _port(h1, vm.port)["attached"], what="the port to be back")
        assert ping(vm, v2.v4).lost == 0
        before = h1.dropped("mac_not_allowed")
        inject(vm.space, "eth0", plain(next_mac(), BROADCAST, "spoofed"))
        wait_until(lambda low=before: h1.dropped("mac_not_allowed") == low + 1,
                   what="the port's macs to be in force again")


def test_frames_to_a_vanished_port_are_dropped_by_name(pair):
    h1, _, v1, _ = pair
    gone = Container(h1, "gone", vm_addresses(13), mtu=1450)
    assert ping(v1, gone.v4).lost == 0
    h1.ctl("fdb", "add", "segment", "blue", "mac", gone.mac, "port", gone.port)
    h1.ip(f"link del {gone.port}")
    wait_until(lambda: not _port(h1, gone.port)["present"], what="the loss to be noticed")
    before = h1.dropped("port_down")
    inject(v1.space, "eth0", plain(v1.mac, gone.mac, "too late"))
    wait_until(lambda: h1.dropped("port_down") == before + 1, what="the drop")


def test_a_port_that_is_set_down_and_up_works_again(pair):
    h1, _, v1, v2 = pair
    h1.ip(f"link set {v1.port} down")
    wait_until(lambda: not _port(h1, v1.port)["up"], what="down")
    h1.ip(f"link set {v1.port} up")
    wait_until(lambda: _port(h1, v1.port)["up"], what="up")
    v1.space.ip(f"-6 address replace {v1.v6}/64 dev eth0")
    assert ping(v1, v2.v4).lost == 0


def test_an_underlay_device_that_flaps_carries_frames_again(pair):
    h1, _, v1, v2 = pair
    pinger = Pinger(v1, v2.v4)
    for _ in range(3):
        h1.ip("link set eth1 down")
        wait_until(lambda: not h1.api("GET", "status")[1]["devices"][0]["up"],
                   what="down to be noticed")
        h1.ip("link set eth1 up")
        pinger.wait_for_answers(100)
    pinger.stop()


def test_an_underlay_address_that_is_lost_and_returns_is_reported_and_used_again(pair):
    h1, _, v1, v2 = pair
    assert ping(v1, v2.v4).lost == 0
    h1.ip("address del 192.0.2.1/24 dev eth1")
    wait_until(lambda: any("192.0.2.1" in f["message"] or "192.0.2.1" in f["field"]
                           for f in h1.api("GET", "check")[1]["findings"]), what="the finding")
    h1.ip("address add 192.0.2.1/24 dev eth1")
    wait_until(lambda: ping(v1, v2.v4, count=1, wait=0.2).received, what="traffic again")
    wait_until(lambda: not any("192.0.2.1" in f["message"] for f in
                               h1.api("GET", "check")[1]["findings"]), what="the finding to go")


def test_a_changed_neighbour_loses_no_more_than_the_kernel_itself(pair):
    h1, h2, v1, v2 = pair
    h2.sysctl("net.ipv4.conf.eth1.arp_notify", 1)
    own, overlay = Pinger(h1, "192.0.2.2"), Pinger(v1, v2.v4)
    for number in range(1, 6):
        h2.ip(f"link set eth1 address 02:00:00:00:77:0{number}")
        h1.ip(f"neighbor replace 192.0.2.2 lladdr 02:00:00:00:77:0{number} dev eth1 nud reachable")
        overlay.wait_for_answers(50)
    kernel_lost, lost = own.stop().lost, overlay.stop().lost
    assert lost <= kernel_lost + 2 * 5, (lost, kernel_lost)


def test_an_unresolved_neighbour_costs_no_frame(pair):
    """The kernel queues while it resolves; so must what goes through us."""
    h1, _, v1, v2 = pair
    pinger = Pinger(v1, v2.v4, interval=0.01)
    for _ in range(5):
        h1.ip("neighbor flush dev eth1")
        pinger.wait_for_answers(10)
    assert pinger.stop().lost == 0


# Two hypervisors with a router between them, reached over two wires each.

A, B = "198.51.100.1", "198.51.100.2"


class Fabric:
    """h1 and h2 have VTEP addresses on lo, and two wires each to routers r1 and r2."""

    def __init__(self, lab):
        self.routers = [Router(lab, "r1"), Router(lab, "r2")]
        self.hypervisors = []
        for number, own, other in ((1, A, B), (2, B, A)):
            hypervisor = Hypervisor(lab, f"h{number}", configuration(
                number, [], device=["eth1", "eth2"]))
            hypervisor.config["underlay"]["address"] = own
            hypervisor.config["peers"] = [{"address": other}]
            hypervisor.ip(f"address add {own}/32 dev lo")
            hypervisor.sysctl("net.ipv4.fib_multipath_hash_policy", 1)
            for index, router in enumerate(self.routers, 1):
                net = f"10.{index}.{number}"
                router.leg(hypervisor, f"to{number}", f"{net}.254/24", host_device=f"eth{index}",
                           kind="super")
                hypervisor.ip(f"address add {net}.1/24 dev eth{index}")
                router.ip(f"route add {own} via {net}.1")
            self.hypervisors.append(hypervisor)
        self.vms = [Container(h, f"v{n}", vm_addresses(n), mtu=1450)
                    for n, h in enumerate(self.hypervisors, 1)]
        for number, hypervisor in enumerate(self.hypervisors, 1):
            self.route(number, 1, 2)
            hypervisor.start()

    def route(self, number, *routers):
        """Hypervisor N reaches the other one through these routers."""
        target = {1: B, 2: A}[number]
        words = " ".join(f"nexthop via 10.{r}.{number}.254 dev eth{r}" for r in routers)
        own = {1: A, 2: B}[number]
        self.hypervisors[number - 1].ip(f"route replace {target} src {own} {words}")


@pytest.fixture(scope="module")
def fabric():
    with Lab("fabric") as lab:
        yield Fabric(lab)


def _nexthops(hypervisor):
    state = hypervisor.state("peers", B if hypervisor.name == "h1" else A)
    return {nexthop["device"] for nexthop in state["nexthops"]}


def test_flows_spread_over_both_wires_of_an_ecmp_route(fabric):
    h1, (v1, v2) = fabric.hypervisors[0], fabric.vms
    assert ping(v1, v2.v4).lost == 0
    wait_until(lambda: _nexthops(h1) == {"eth1", "eth2"}, what="both next hops")
    before = [h1.statistics(device)["tx"]["bytes"] for device in ("eth1", "eth2")]
    iperf(v1, v2, amount="64M", streams=16)
    after = [h1.statistics(device)["tx"]["bytes"] for device in ("eth1", "eth2")]
    sent = [late - early for early, late in zip(before, after)]
    assert min(sent) > 0.05 * sum(sent), sent


def test_one_flow_stays_on_one_wire(fabric):
    v1, v2 = fabric.vms
    h1 = fabric.hypervisors[0]
    captures = [Capture(h1, device, f"udp port 4789 and src host {A}")
                for device in ("eth1", "eth2")]
    assert ping(v1, v2.v4, count=100, interval=0.002).lost == 0
    counts = []
    for capture in captures:
        capture.stop()
        counts.append(len(capture.select("vxlan and icmp.type == 8")))
    assert sorted(counts) == [0, 100]


def test_a_changed_route_loses_no_frame(fabric):
    v1, v2 = fabric.vms
    h1 = fabric.hypervisors[0]
    pinger = Pinger(v1, v2.v4)
    for routers in ((1,), (2,), (1, 2), (2,), (1, 2)):
        fabric.route(1, *routers)
        wait_until(lambda want=routers: _nexthops(h1) == {f"eth{r}" for r in want},
                   what=f"next hops {routers}")
        pinger.wait_for_answers(50)
    assert pinger.stop().lost == 0


def test_a_wire_that_breaks_is_avoided(fabric):
    v1, v2 = fabric.vms
    h1 = fabric.hypervisors[0]
    fabric.route(2, 1)
    stream = Stream(v1, v2, seconds=4, streams=4)
    h1.ip("link set eth2 down")
    wait_until(lambda: _nexthops(h1) == {"eth1"}, what="the dead next hop to be left")
    assert ping(v1, v2.v4, count=50).lost == 0
    h1.ip("link set eth2 up")
    fabric.route(1, 1, 2)
    wait_until(lambda: _nexthops(h1) == {"eth1", "eth2"}, what="both next hops")
    assert ping(v1, v2.v4, count=50).lost == 0
    stream.stop()
    fabric.route(2, 1, 2)


def test_without_a_route_frames_are_dropped_by_name_until_there_is_one(fabric):
    v1, v2 = fabric.vms
    h1 = fabric.hypervisors[0]
    h1.ip(f"route del {B}")
    wait_until(lambda: not h1.state("peers", B)["reachable"], what="unreachable")
    before = h1.dropped("peer_unreachable")
    inject(v1.space, "eth0", plain(v1.mac, v2.mac, "nowhere to go"))
    wait_until(lambda: h1.dropped("peer_unreachable") == before + 1, what="the drop")
    fabric.route(1, 1, 2)
    wait_until(lambda: h1.state("peers", B)["reachable"], what="reachable")
    assert ping(v1, v2.v4).lost == 0


def test_an_added_and_a_deleted_peer_take_effect_at_once(own_lab):
    h1, h2 = ours(own_lab, 1, []), ours(own_lab, 2, [])
    wire(h1, h2)
    vms = []
    for number, hypervisor in ((1, h1), (2, h2)):
        hypervisor.address(*underlay_addresses(number))
        vms.append(Container(hypervisor, f"v{number}", vm_addresses(number), mtu=1450))
        hypervisor.start()
    v1, v2 = vms
    assert ping(v1, v2.v4, count=1, wait=0.2).received == 0
    h1.ctl("peer add 192.0.2.2")
    h2.ctl("peer add 192.0.2.1")
    assert ping(v1, v2.v4).lost == 0
    h1.ctl("peer del 192.0.2.2")
    with Sniffer(h2, "eth1", incoming_only=True) as wire_end:
        inject(v1.space, "eth0", plain(v1.mac, BROADCAST, "to nobody"))
        wait_until(lambda: h1.dropped("no_receiver") > 0, what="the drop")
        assert not wire_end.matching(lambda frame: b"to nobody" in frame)
    assert ping(v2, v1.v4, count=1, wait=0.2).received == 0
