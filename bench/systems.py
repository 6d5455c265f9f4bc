# SPDX-License-Identifier: GPL-2.0-or-later
"""Which switches are compared?  Each on the same topology, side by side.

    v1, v3 -- h1 ---- wire ---- h2 -- v2        v*: VMs (veth), MTU 1500
                                                wire: a veth, MTU 1600

A wire is `super` (GSO super-frames cross it uncut, as a veth comes) or `cut`
(to the MTU, as on a real NIC's wire; checksums stay the device's business).
"""
import contextlib
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "system"))

# pylint: disable=wrong-import-position
from lab import (Container, Hypervisor, LinuxPeer, Namespace, OvsPeer, ping,  # noqa: E402
                 wait_until, wire)

VNI = 5001
UNDERLAY_MTU = 1600
CUT = ("tso off tx-udp_tnl-segmentation off tx-udp_tnl-csum-segmentation off "
       "tx-udp-segmentation off gso on")


def address(number):
    return f"192.0.2.{number}"


class System:
    """The common part: the wire, the VMs, and that they reach each other."""

    gro = "off"  # on the underlay devices before the switch is set up: as a veth comes
    switches = True

    def __init__(self, lab, name, kind):
        self.lab, self.name, self.kind = lab, name, kind
        self.h1, self.h2 = (self.host(number) for number in (1, 2))
        wire(self.h1, self.h2, "super", UNDERLAY_MTU)
        for host in (self.h1, self.h2):
            if kind == "cut":
                host.offloads("eth1", CUT)
            host.offloads("eth1", f"gro {self.gro}")
        self.set_up()
        self.v1 = self.vm(self.h1, 1)
        self.v2 = self.vm(self.h2, 2)
        self.v3 = self.vm(self.h1, 3) if self.switches else None
        self.start()
        for target in filter(None, (self.v2, self.v3)):
            wait_until(lambda vm=target: ping(self.v1, vm.v4, count=1).lost == 0,
                       what=f"a ping over {name}")

    def vm(self, host, number):
        return Container(host, f"v{number}", [f"10.0.0.{number}/24"], mtu=1500)

    def set_up(self):
        """Before there are VMs."""

    def start(self):
        """After there are VMs."""

    def __enter__(self):
        """Its turn to be measured."""
        return self

    def __exit__(self, *_):
        pass


class Overlaid(System):
    """The daemon with the shortest configuration that does it; all else by default."""

    encapsulation = None    # the default
    extra = {}

    def host(self, number):
        peer = {"address": address(3 - number)}
        if self.encapsulation:
            peer["encapsulation"] = self.encapsulation
        config = {"underlay": {"device": "eth1", "address": address(number)},
                  "segments": [{"name": "blue", "vni": VNI}], "peers": [peer], "ports": [],
                  **self.extra}
        return Hypervisor(self.lab, f"{self.name}-h{number}", config)

    def set_up(self):
        for number, host in enumerate((self.h1, self.h2), 1):
            host.address(f"{address(number)}/24")

    def start(self):
        for host in (self.h1, self.h2):
            host.start()


class OverlaidGeneve(Overlaid):
    encapsulation = "geneve"


class OverlaidNvgre(Overlaid):
    encapsulation = "nvgre"


class OverlaidGre(Overlaid):
    encapsulation = "gre"


class OverlaidStt(Overlaid):
    encapsulation = "stt"


class Kernel(System):
    """Linux bridge and vxlan device, GRO of the underlay as a veth comes: off.

    Where the kernel has bridge netfilter built in, it walks every bridged
    packet through the tables of the IP stack; Debian's kernel has it as a
    module that only a firewall loads.  So it is off unless a subclass asks.
    """

    netfilter = 0
    udp_checksum = None     # as the device comes: on over IPv4

    def host(self, number):
        return LinuxPeer(self.lab, f"{self.name}-h{number}", f"{address(number)}/24")

    def set_up(self):
        for number, host in enumerate((self.h1, self.h2), 1):
            host.connect()
            for family in ("ip", "ip6", "arp"):
                with contextlib.suppress(FileNotFoundError):
                    host.sysctl(f"net.bridge.bridge-nf-call-{family}tables", self.netfilter)
            host.segment(VNI, address(number), [address(3 - number)],
                         udp_checksum=self.udp_checksum)


class KernelTuned(Kernel):
    """The same, tuned: GRO on on the underlay, no outer UDP checksums, as ours sends."""

    gro = "on"
    udp_checksum = False


class KernelNetfilter(Kernel):
    """As `Kernel`, with bridge netfilter on (where the kernel has it at all)."""

    netfilter = 1


class Bare(System):
    """No switch: what comes from v1 goes out of the wire, what comes from there to v2, and back.

    No encapsulation, no addresses, no counters: what is left is what no switch can save.
    """

    switches = False

    def __init__(self, lab, name, kind):
        self.gro = "on" if kind == "cut" else "off"
        super().__init__(lab, name, kind)

    def host(self, number):
        return Patch(self.lab, f"{self.name}-h{number}")

    def start(self):
        for host in (self.h1, self.h2):
            host.join("eth1", host.port)


class Patch(Namespace):
    """A host that copies everything between two devices."""

    port = None

    def plug(self, port, _segment=None):
        self.port = port

    def join(self, a, b):
        for source, target in ((a, b), (b, a)):
            self.run("tc", "qdisc", "add", "dev", source, "clsact")
            self.run("tc", "filter", "add", "dev", source, "ingress", "protocol", "all", "u32",
                     "match", "u32", "0", "0", "action", "mirred", "egress", "redirect",
                     "dev", target)


class Ovs(System):
    """Open vSwitch's userspace datapath; stopped while others are measured."""

    encapsulation = "vxlan"

    def host(self, number):
        return OvsPeer(self.lab, f"{self.name}-h{number}", f"{address(number)}/24")

    def set_up(self):
        for number, host in enumerate((self.h1, self.h2), 1):
            host.start()
            host.tunnel(VNI, address(3 - number), self.encapsulation)

    def vm(self, host, number):
        container = super().vm(host, number)
        host.adopt(container)
        return container

    def start(self):
        self.lab.defer(self._signal, signal.SIGCONT)

    def _processes(self):
        return [int((self.lab.directory / f"ovs-{host.name}" / "ovs-vswitchd.pid").read_text())
                for host in (self.h1, self.h2)]

    def _signal(self, number):
        for process in self._processes():
            os.kill(process, number)

    def __enter__(self):
        self._signal(signal.SIGCONT)
        wait_until(lambda: ping(self.v1, self.v2.v4, count=1).lost == 0, what="OVS to wake up")
        return self

    def __exit__(self, *_):
        self._signal(signal.SIGSTOP)


class OvsGeneve(Ovs):
    encapsulation = "geneve"


class OvsGre(Ovs):
    encapsulation = "gre"
