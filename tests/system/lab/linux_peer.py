# SPDX-License-Identifier: GPL-2.0-or-later
"""What is a hypervisor that is nothing but the Linux kernel?  bridge + vxlan device."""
from .netns import Namespace


class LinuxPeer(Namespace):
    """VMs on a bridge per segment; segment() gives each a vxlan device.

    flood="unicast": one remote in the device; flood="head-end": a list in the FDB.
    """

    def __init__(self, lab, name, *addresses):
        super().__init__(lab, name)
        self.addresses = addresses
        self.bridge = None

    def connect(self, device="eth1"):
        """Gives the underlay device, once it is there, the peer's addresses."""
        for address in self.addresses:
            self.ip(f"address add {address} dev {device}")

    def segment(self, vni, local, remotes, device="eth1", flood="unicast", udp_checksum=None,
                port=4789, mtu=None, options=""):
        """A bridge br<vni> with a vxlan device vx<vni>; later VMs are plugged into it."""
        self.bridge = f"br{vni}"
        words = f"link add vx{vni} type vxlan id {vni} local {local} dstport {port} {options} "
        if device:
            words += f"dev {device} "
        if flood == "unicast":
            (remote,) = remotes
            words += f"remote {remote} "
        if udp_checksum is not None:
            sign = "" if udp_checksum else "no"
            words += f"{sign}udpcsum "
        if ":" in str(local):
            # Zero checksums are sent unless they are asked for, and always accepted.
            words += "udp6zerocsumrx " if udp_checksum else "udp6zerocsumtx udp6zerocsumrx "
        self.ip(words)
        self.ip(f"link add {self.bridge} type bridge forward_delay 0 mcast_snooping 0")
        for link in (self.bridge, f"vx{vni}"):
            self.sysctl(f"net.ipv6.conf.{link}.disable_ipv6", 1)
        if flood == "head-end":
            for remote in remotes:
                self.run("bridge", "fdb", "append", "00:00:00:00:00:00", "dev", f"vx{vni}",
                         "dst", remote)
        if mtu:
            self.ip(f"link set vx{vni} mtu {mtu}")
        self.ip(f"link set vx{vni} master {self.bridge} up")
        self.ip(f"link set {self.bridge} up")

    def plug(self, port, vni=None):
        """Puts a port into the bridge of a VNI, by default the one made last."""
        self.ip(f"link set {port} master {f'br{vni}' if vni else self.bridge}")

    def learned(self, vni, mac):
        """Where the vxlan device believes a MAC to be: a remote address, or None."""
        for line in self.run("bridge", "fdb", "show", "dev", f"vx{vni}").stdout.splitlines():
            words = line.split()
            if words[0] == mac.lower() and "dst" in words:
                return words[words.index("dst") + 1]
        return None
