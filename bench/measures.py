# SPDX-License-Identifier: GPL-2.0-or-later
"""How is one number of one system taken?  Each measure returns {name: value}.

TCP: iperf3 with cubic, its client on CPU 0 and its server on CPU 1.
Small frames: generate.c, pinned to CPU 0, and all forwarding with it.
"""
import json
import os
import subprocess
from pathlib import Path

import cpu
from lab import REPOSITORY, iperf, ping
from lab.traffic import rate, retransmits

HERE = Path(__file__).resolve().parent


def build_helpers(directory):
    """Compiles the generator and its programs; returns their directory."""
    directory.mkdir(parents=True, exist_ok=True)
    multiarch = f"/usr/include/{os.uname().machine}-linux-gnu"
    for command in (
            ["cc", "-D_GNU_SOURCE", "-std=gnu11", "-O2", "-g", "-Wall", "-Wextra", "-Werror",
             "-o", directory / "generate", HERE / "generate.c", "-lbpf"],
            ["clang", "-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Werror",
             "-idirafter", multiarch, "-c", HERE / "frames.bpf.c",
             "-o", directory / "frames.bpf.o"]):
        subprocess.run(command, check=True)
    return directory


def _ends(system, local):
    """Sender and receiver; the first packet finds ARP and FDB as the last one does."""
    source, target = system.v1, system.v3 if local else system.v2
    ping(source, target.v4, count=3)
    return source, target


def tcp(system, streams, seconds, local=False):
    """Gbit/s that arrived, and the CPU time that each KB of it took, in ns.

    CPU time: of both iperf3 processes, with the softirqs that ran in them, and of ksoftirqd.
    """
    source, target = _ends(system, local)
    meter, softirqs = cpu.Meter(), cpu.softirq_ns()
    report = iperf(source, target, seconds=seconds, streams=streams,
                   extra=("-A", "0,1", "-C", "cubic"))
    _, stolen = meter.shares()
    softirqs = cpu.softirq_ns() - softirqs
    shares, sent = report["end"]["cpu_utilization_percent"], report["end"]["sum_sent"]
    processes = (shares["host_total"] + shares["remote_total"]) / 100 * sent["seconds"] * 1e9
    return {"rate": rate(report) / 1e9, "stolen": stolen, "retransmits": retransmits(report),
            "cpu": (processes + softirqs) / (report["end"]["sum_received"]["bytes"] / 1000)}


def _generate(space, device, helpers, seconds, source, target):
    """Injects at a device of `space`, counts at the target's NIC; the generator's report."""
    words = ["taskset", "-c", 0, helpers / "generate", "-o", helpers / "frames.bpf.o",
             "-i", device, "-n", f"/run/netns/{target.space.full_name}", "-e", "eth0",
             "-a", source.mac, "-b", target.mac, "-s", source.v4, "-d", target.v4,
             "-t", seconds, "-c", ",".join(str(thread) for thread in cpu.softirq_threads())]
    done = json.loads(space.run(*words, timeout=seconds + 30).stdout)
    if not done["arrived"]:
        raise AssertionError(f"{space}: no frame of {done['sent']} arrived")
    return {"rate": done["arrived"] / done["wall_ns"] * 1e6,
            "cpu": (done["process_ns"] + done["threads_ns"]) / done["arrived"],
            "lost": 1 - done["arrived"] / done["sent"]}


def small_frames(system, helpers, seconds, local=False):
    """Frames per second that arrived on one CPU, and the CPU time that each took, in ns."""
    source, target = _ends(system, local)
    meter = cpu.Meter()
    sample = _generate(system.h1, source.port, helpers, seconds, source, target)
    return {**sample, "stolen": meter.shares()[1]}


def no_switch(system, helpers, seconds):
    """ns of CPU per frame that is made at the receiving VM's NIC: what is not the switch."""
    return _generate(system.v2.space, "eth0", helpers, seconds, system.v1, system.v2)["cpu"]


__all__ = ["REPOSITORY", "build_helpers", "no_switch", "small_frames", "tcp"]
