# SPDX-License-Identifier: GPL-2.0-or-later
"""Which arrangements do several tests need?  Two machines on a wire, with their addresses.

Hypervisor N has 192.0.2.N and 2001:db8::N on eth1; VM N has 10.0.0.N and fd00::N.
"""
import copy

from .hypervisor import Hypervisor
from .linux_peer import LinuxPeer
from .machine import Container
from .wire import wire

VNI = 5001
OVERHEAD = {4: 50, 6: 70}


def underlay_address(number, family=4):
    return f"192.0.2.{number}" if family == 4 else f"2001:db8::{number}"


def underlay_addresses(number):
    """Both families, with prefix lengths."""
    return [f"{underlay_address(number, 4)}/24", f"{underlay_address(number, 6)}/64"]


def vm_addresses(number):
    return [f"10.0.0.{number}/24", f"fd00::{number}/64"]


def configuration(number, peers, family=4, segments=None, device="eth1", **more):
    """Hypervisor N's file: one segment `blue`, its peers by number, no ports yet."""
    return {
        "underlay": {"device": device, "address": underlay_address(number, family)},
        "segments": copy.deepcopy(segments) or [{"name": "blue", "vni": VNI}],
        "peers": [{"address": underlay_address(peer, family)} for peer in peers],
        "ports": [],
        **copy.deepcopy(more),
    }


def ours(lab, number, peers, family=4, **more):
    """An overlaid hypervisor h<N>, not yet wired or started."""
    return Hypervisor(lab, f"h{number}", configuration(number, peers, family, **more))


def two_hypervisors(lab, kind="super", family=4, mtu=1500, vm_mtu=None, segments=None, **more):
    """h1 and h2, both ours and started, with a container each: (h1, h2, v1, v2)."""
    h1 = ours(lab, 1, [2], family, segments=segments, **more)
    h2 = ours(lab, 2, [1], family, segments=segments, **more)
    wire(h1, h2, kind, mtu)
    vm_mtu = vm_mtu or mtu - OVERHEAD[family]
    vms = []
    for number, hypervisor in enumerate((h1, h2), 1):
        hypervisor.address(*underlay_addresses(number))
        vms.append(Container(hypervisor, f"v{number}", vm_addresses(number), mtu=vm_mtu))
        hypervisor.start()
    return (h1, h2, *vms)


def with_kernel_peer(lab, kind="super", family=4, mtu=1500, vm_mtu=None, flood="unicast",
                     segments=None, device_mtu=None, port=4789, **peer_options):
    """h1 is ours, h2 the kernel's bridge and vxlan: (h1, h2, v1, v2)."""
    h1 = ours(lab, 1, [2], family, segments=segments)
    if port != 4789:
        h1.config["underlay"]["vxlan-port"] = port
    h2 = LinuxPeer(lab, "h2", *underlay_addresses(2))
    wire(h1, h2, kind, mtu)
    h1.address(*underlay_addresses(1))
    h2.connect()
    h2.segment(VNI, underlay_address(2, family), [underlay_address(1, family)], flood=flood,
               mtu=device_mtu, port=port, device=None if device_mtu else "eth1", **peer_options)
    vm_mtu = vm_mtu or mtu - OVERHEAD[family]
    v1 = Container(h1, "v1", vm_addresses(1), mtu=vm_mtu)
    v2 = Container(h2, "v2", vm_addresses(2), mtu=vm_mtu)
    h1.start()
    return h1, h2, v1, v2
