# SPDX-License-Identifier: GPL-2.0-or-later
"""Is a small MTU somewhere between two hypervisors learned from the router that has it?"""
import re

import pytest

from lab import Container, Hypervisor, Router, iperf, ping, wait_until
from lab.topology import OVERHEAD, configuration, vm_addresses
from lab.traffic import rate


class Behind:
    """h1 and h2 on two networks; the router between them has 1400 bytes towards h2."""

    def __init__(self, lab, family):
        self.family = family
        host = {4: "{net}.{n}", 6: "2001:db8:{net}::{n}"}[family]
        nets = {4: ("198.51.100", "203.0.113"), 6: ("a", "b")}[family]
        length = {4: 24, 6: 64}[family]
        router = Router(lab)
        self.addresses = [host.format(net=net, n=1) for net in nets]
        self.hypervisors, self.vms = [], []
        for number, net in enumerate(nets, 1):
            hypervisor = Hypervisor(lab, f"h{number}", configuration(number, []))
            gateway = host.format(net=net, n=254 if family == 4 else "fe")
            own, other = self.addresses[number - 1], self.addresses[2 - number]
            router.leg(hypervisor, f"to{number}", f"{gateway}/{length}", kind="cut")
            hypervisor.ip(f"address add {own}/{length} dev eth1")
            hypervisor.ip(f"route add {other} via {gateway}")
            hypervisor.config["underlay"]["address"] = own
            hypervisor.config["peers"] = [{"address": other}]
            self.hypervisors.append(hypervisor)
            self.vms.append(Container(hypervisor, f"v{number}", vm_addresses(number), mtu=1430))
        router.ip(f"route add {self.addresses[1]} dev to2 mtu lock 1400")
        for hypervisor in self.hypervisors:
            hypervisor.start()


@pytest.mark.parametrize("family", [4, 6], ids=["underlay-v4", "underlay-v6"])
def test_a_smaller_mtu_behind_a_router_is_learned(own_lab, family):
    site = Behind(own_lab, family)
    (h1, _), (v1, v2) = site.hypervisors, site.vms
    peer = site.addresses[1]
    assert ping(v1, v2.v4, count=3).lost == 0
    assert h1.state("peers", peer)["path-mtu"] == 1500

    def has_learned():
        ping(v1, v2.v4, count=1, size=1402, df=True, wait=0.1)
        return h1.state("peers", peer)["path-mtu"] == 1400
    wait_until(has_learned, deadline=20, what="the path MTU")
    limit = 1400 - OVERHEAD[family]
    assert h1.state("peers", peer)["limit"] == limit
    result = ping(v1, v2.v4, count=2, size=1402, df=True, wait=0.5)
    assert re.search(rf"mtu ?= ?{limit}\b", result.output), result.output
    assert ping(v1, v2.v4, count=3, size=limit - 28, df=True).lost == 0
    assert rate(iperf(v1, v2, seconds=1)) > 200e6
    assert ping(v1, v2.v4, count=3, size=3000, df=False).lost == 0
