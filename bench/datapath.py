# SPDX-License-Identifier: GPL-2.0-or-later
"""What does each of our programs cost, and what do our maps occupy?  From the kernel's books."""
import contextlib
from pathlib import Path

import measures
from systems import Overlaid

STATISTICS = Path("/proc/sys/kernel/bpf_stats_enabled")
CAPACITIES = (1 << 17, 1 << 20)


@contextlib.contextmanager
def _statistics():
    before = STATISTICS.read_text()
    STATISTICS.write_text("1")
    try:
        yield
    finally:
        STATISTICS.write_text(before)


def _show(host):
    status, body = host.api("GET", "datapath")
    assert status == 200, body
    return body


def _books(host):
    """{program: (runs, ns)}, and the frames that came from ports and from peers."""
    runs = {program["name"]: (program["run-count"], program["run-ns"])
            for program in _show(host)["programs"]}
    frames = [sum(item["state"]["traffic"]["rx-frames"] for item in host.listed(noun))
              for noun in ("ports", "peers")]
    return runs, frames


def _difference(title, host, before, after):
    for program, (runs, ns) in sorted(after[0].items()):
        runs, ns = runs - before[0][program][0], ns - before[0][program][1]
        noun = 0 if program == "from_port" else 1
        if runs > 1000:    # else it is ARP and the like
            yield {"traffic": title, "host": host.name.rsplit("-", 1)[1], "program": program,
                   "runs": runs, "ns": ns / runs,
                   "frames": (after[1][noun] - before[1][noun]) / runs}


def cost_of_programs(systems, helpers, seconds):
    """Rows: what a run of each program takes under each kind of traffic."""
    cut, whole = systems["overlaid", "cut"], systems["overlaid", "super"]
    traffics = (
        ("64-byte frames", cut, lambda: measures.small_frames(cut, helpers, seconds)),
        ("64-byte frames, local", cut,
         lambda: measures.small_frames(cut, helpers, seconds, local=True)),
        ("TCP, wire cut", cut, lambda: measures.tcp(cut, 1, seconds)),
        ("TCP, super-frame wire", whole, lambda: measures.tcp(whole, 1, seconds)),
        ("TCP, local", cut, lambda: measures.tcp(cut, 1, seconds, local=True)))
    rows = []
    with _statistics():
        for title, system, traffic in traffics:
            hosts = (system.h1, system.h2)
            before = [_books(host) for host in hosts]
            traffic()
            for host, books in zip(hosts, before):
                rows += _difference(title, host, books, _books(host))
    return rows


def memory_of_fdb(lab):
    """Rows: what the maps occupy at each capacity."""
    rows = []
    for entries in CAPACITIES:
        made = type("Sized", (Overlaid,), {"extra": {"limits": {"fdb-entries": entries}}})
        system = made(lab, f"sized{entries}", "super")
        maps = _show(system.h1)["maps"]
        (fdb,) = [item for item in maps if item["name"] == "fdb"]
        assert fdb["max-entries"] == entries, fdb
        rows.append({"entries": entries, "fdb": fdb["memory-bytes"],
                     "all": sum(item["memory-bytes"] for item in maps)})
        for host in (system.h1, system.h2):
            host.stop()
            host.ctl("datapath", "unload", check=False)
    return rows
