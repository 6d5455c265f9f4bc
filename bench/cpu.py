# SPDX-License-Identifier: GPL-2.0-or-later
"""What do the machine's CPUs do, and what are they?"""
import os
import platform
import re
import time
from pathlib import Path

QUIET = 0.95  # share of idle time from which on the machine counts as quiet
SAMPLE = 0.2


def _ticks():
    """(idle, stolen, all) ticks of all CPUs since boot."""
    fields = [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return fields[3] + fields[4], fields[7], sum(fields)


class Meter:
    """Shares of CPU time from construction on."""

    def __init__(self):
        self._start = _ticks()

    def shares(self):
        """(busy, stolen), of all CPUs: 0 to 1."""
        idle, stolen, total = (now - then for now, then in zip(_ticks(), self._start))
        return 1 - (idle + stolen) / max(total, 1), stolen / max(total, 1)


def wait_for_quiet(patience):
    """Waits until others leave the CPUs alone, `patience` s at most; the last busy share."""
    end = time.monotonic() + patience
    while True:
        meter = Meter()
        time.sleep(SAMPLE)
        busy = sum(meter.shares())
        if 1 - busy >= QUIET or time.monotonic() > end:
            return busy


def _name(process):
    try:
        return (process / "comm").read_text()
    except OSError:    # it has just ended
        return ""


def softirq_threads():
    """The kernel's threads that do network work which no process could."""
    return [int(process.name) for process in Path("/proc").glob("[0-9]*")
            if _name(process).startswith("ksoftirqd/")]


def softirq_ns():
    """What they have run so far."""
    return sum(int(Path(f"/proc/{thread}/schedstat").read_text().split()[0])
               for thread in softirq_threads())


def description():
    """The machine in one line."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())[1]) >> 20
    virtual = " (a virtual machine)" if "hypervisor" in Path("/proc/cpuinfo").read_text() else ""
    return (f"{model[1] if model else platform.machine()}, {os.cpu_count()} CPUs{virtual}, "
            f"{memory + 1} GiB, Linux {platform.release().split('-')[0]}")
