# SPDX-License-Identifier: GPL-2.0-or-later
"""What is compared, on which wire, and what is it to reach?  The one table of it.

A ratio is always ours to theirs, and above 1 where we are better: of rates the
quotient, of costs its inverse.
"""
import dataclasses
from typing import Callable

import measures

HIGHER, LOWER = "higher", "lower"


@dataclasses.dataclass(frozen=True)
class Metric:
    """One number of a measure, and which way is better; judged: it has to reach the target."""
    key: str
    title: str
    better: str
    digits: int
    judged: bool = True

    def ratio(self, ours, theirs):
        return ours / theirs if self.better == HIGHER else theirs / ours


@dataclasses.dataclass(frozen=True)
class Versus:
    """ours against theirs; target None: told, not judged."""
    theirs: str
    target: float = None
    ours: str = "overlaid"


@dataclasses.dataclass(frozen=True)
class Case:
    key: str
    title: str
    wire: str
    measure: Callable
    metrics: tuple
    comparisons: tuple
    extra: tuple = ()   # systems that are measured without a comparison

    def systems(self):
        found = []
        for versus in self.comparisons:
            found += [name for name in (versus.ours, versus.theirs) if name not in found]
        return found + [name for name in self.extra if name not in found]


THROUGHPUT = (Metric("rate", "Gbit/s", HIGHER, 2),
              Metric("cpu", "ms of CPU per GB", LOWER, 0, judged=False))
SMALL = (Metric("rate", "thousand frames/s", HIGHER, 0),
         Metric("cpu", "ns of CPU per frame", LOWER, 0))


# Beside VXLAN; what each reaches of it.
ENVELOPES = {"geneve": 0.9, "nvgre": 0.9, "gre": 0.9, "stt": 0.6}


def _envelopes(but=()):
    return tuple(Versus("overlaid", target, f"overlaid-{kind}")
                 for kind, target in ENVELOPES.items() if kind not in but)


OVS = (Versus("ovs", 4.0), Versus("ovs-geneve", 4.0, "overlaid-geneve"),
       Versus("ovs-gre", 4.0, "overlaid-gre"))
TWIN = Versus("kernel", ours="kernel-twin")


def _tcp(streams, local=False):
    return lambda system, run: measures.tcp(system, streams, run.seconds, local)


def _small(local=False):
    return lambda system, run: measures.small_frames(system, run.helpers, run.seconds, local)


def _streams(n):
    return f"{n} stream{'s' if n > 1 else ''}"


def _all():
    for n in (1, 4):
        yield Case(f"tcp-super-{n}", f"TCP over VXLAN, super-frame wire, {_streams(n)}", "super",
                   _tcp(n), THROUGHPUT,
                   (Versus("kernel", 1.3), Versus("kernel", ours="bare"), *_envelopes()))
    for n in (1, 4):
        more = (Versus("kernel-nf"), TWIN, *OVS) if n == 1 else ()
        yield Case(f"tcp-cut-{n}", f"TCP over VXLAN, wire cut to the MTU, {_streams(n)}", "cut",
                   _tcp(n), THROUGHPUT,
                   (Versus("kernel", 1.3), Versus("kernel-tuned", 1.1), *more,
                    Versus("kernel", ours="bare"), Versus("kernel-tuned", ours="bare"),
                    *_envelopes()))
    yield Case("small", "64-byte UDP frames over VXLAN", "cut", _small(), SMALL,
               (Versus("kernel", 2.0), Versus("kernel-tuned", 2.0), Versus("kernel-nf"), TWIN,
                Versus("kernel", ours="bare"), Versus("kernel-tuned", ours="bare"),
                *_envelopes(but=("stt",))), ("overlaid-stt",))
    for n in (1, 4):
        yield Case(f"tcp-local-{n}", f"TCP between two VMs of one hypervisor, {_streams(n)}", "cut",
                   _tcp(n, local=True), THROUGHPUT, (Versus("kernel", 1.0),))
    yield Case("small-local", "64-byte UDP frames between two VMs of one hypervisor", "cut",
               _small(local=True), SMALL, (Versus("kernel", 1.0), Versus("kernel-nf")))


CASES = tuple(_all())

EXPLAINED = {
    "overlaid": "the daemon of this tree, shortest configuration, defaults",
    **{f"overlaid-{kind}": f"the same with `encapsulation: {kind}`" for kind in ENVELOPES},
    "kernel": "Linux bridge + vxlan device as they come (GRO of a veth underlay off, outer UDP "
              "checksums on; bridge netfilter off, as on Debian until a firewall asks for it)",
    "kernel-tuned": "the same with GRO switched on on the underlay devices and without outer "
                    "UDP checksums, as overlaid sends",
    "kernel-nf": "`kernel` with bridge netfilter on, as on hosts with Docker or a bridge firewall",
    "kernel-twin": "a second `kernel`, to see what the method makes of two equal systems",
    "bare": "no switch: tc copies everything between VM and wire (GRO on where that is cut)",
    "ovs": "Open vSwitch's userspace datapath (AF_PACKET ports, offloads off), VXLAN",
    "ovs-geneve": "the same with Geneve",
    "ovs-gre": "the same with keyed GRE",
}
