# SPDX-License-Identifier: GPL-2.0-or-later
"""What lies between two hypervisors?

`super`: a veth as it comes: GSO super-frames and partial checksums cross it.
`cut`: as on a real NIC's wire: frames of at most the MTU, checksums complete.
A Switch joins three and more hypervisors; a Router has a subnet on each leg.
"""
from .netns import Namespace

KINDS = ("super", "cut")


def _finish(end, device, kind, mtu):
    assert kind in KINDS, kind
    if kind == "cut":
        end.cut_super_frames(device)
    end.ip(f"link set {device} mtu {mtu} up")


def wire(a, b, kind="super", mtu=1500, a_device="eth1", b_device="eth1"):
    """A cable between two namespaces."""
    a.ip(f"link add {a_device} numtxqueues 2 numrxqueues 2 type veth peer name {b_device} "
         f"netns {b.full_name}")
    _finish(a, a_device, kind, mtu)
    _finish(b, b_device, kind, mtu)


class Switch(Namespace):
    """A learning switch with one leg for each plug()."""

    def __init__(self, lab, name="switch", kind="super", mtu=1500):
        super().__init__(lab, name)
        self.kind, self.mtu, self.n_legs = kind, mtu, 0
        self.ip(f"link add br0 mtu {mtu} type bridge forward_delay 0 mcast_snooping 0")
        self.sysctl("net.ipv6.conf.br0.disable_ipv6", 1)
        self.ip("link set br0 up")

    def plug(self, host, device="eth1"):
        """Gives `host` a device on the switch; returns the leg's name here."""
        self.n_legs += 1
        leg = f"leg{self.n_legs}"
        wire(self, host, self.kind, self.mtu, a_device=leg, b_device=device)
        self.sysctl(f"net.ipv6.conf.{leg}.disable_ipv6", 1)
        self.ip(f"link set {leg} master br0")
        return leg


class Router(Namespace):
    """Forwards between its legs; leg() gives it an address there."""

    def __init__(self, lab, name="router"):
        super().__init__(lab, name)
        self.sysctl("net.ipv4.ip_forward", 1)
        self.sysctl("net.ipv6.conf.all.forwarding", 1)
        # Tests ask for many ICMP errors in a short time.
        self.sysctl("net.ipv4.icmp_ratelimit", 0)
        self.sysctl("net.ipv6.icmp.ratelimit", 0)

    def leg(self, host, own_device, *addresses, host_device="eth1", kind="super", mtu=1500):
        wire(self, host, kind, mtu, a_device=own_device, b_device=host_device)
        for address in addresses:
            self.ip(f"address add {address} dev {own_device}")
