# SPDX-License-Identifier: GPL-2.0-or-later
"""What is a VM of the lab?  This file: a container; guest.py: a QEMU guest.

Both have a NIC eth0 whose far end is a device (`port`) of a host's namespace,
and run(): so pings and streams need not know which of the two they use.
"""
import ipaddress
import itertools

from .netns import Namespace

_macs = itertools.count(1)


def next_mac():
    """A locally administered MAC that no other VM of this process has."""
    number = next(_macs)
    return f"02:4f:56:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


class Machine:
    """The part of a VM that does not depend on how it is run."""

    def __init__(self, host, name, addresses, mac, mtu, port):
        self.host, self.name, self.mtu = host, name, mtu
        self.addresses = [ipaddress.ip_interface(address) for address in addresses]
        self.mac = mac or next_mac()
        self.port = port or f"vm-{name}"

    def __repr__(self):
        return self.name

    def _address(self, version):
        return str(next(a.ip for a in self.addresses if a.version == version))

    @property
    def v4(self):
        return self._address(4)

    @property
    def v6(self):
        return self._address(6)


class Container(Machine):
    """A VM made of a namespace: eth0 is a veth, its far end the host's port."""

    def __init__(self, host, name, addresses, mac=None, mtu=1500, port=None, plug=True,
                 segment=None):
        super().__init__(host, name, addresses, mac, mtu, port)
        self.space = Namespace(host.lab, f"{host.name}-{name}")
        self.connect()
        if plug:
            host.plug(self.port, segment)

    def connect(self):
        """Makes the cable; also again after the port was deleted."""
        self.host.ip(f"link add {self.port} numtxqueues 2 numrxqueues 2 type veth "
                     f"peer name eth0 address {self.mac} netns {self.space.full_name}")
        self.host.sysctl(f"net.ipv6.conf.{self.port}.disable_ipv6", 1)
        self.host.ip(f"link set {self.port} mtu {self.mtu} up")
        self.space.ip(f"link set eth0 mtu {self.mtu} up")
        for address in self.addresses:
            self.space.ip(f"address add {address} dev eth0")

    def run(self, *words, **options):
        return self.space.run(*words, **options)

    def spawn(self, *words, **options):
        return self.space.spawn(*words, **options)

    def forget_neighbors(self):
        """Empties the ARP and ND cache and the learned path MTUs."""
        self.space.ip("neighbor flush all")
        self.space.ip("-4 route flush cache")
        self.space.ip("-6 route flush cache")
