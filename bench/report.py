# SPDX-License-Identifier: GPL-2.0-or-later
"""How do the numbers of a run become bench/RESULTS.md?

Only numbers of the run are printed.  What stands between the two marks of the
page is a person's text and is kept.
"""
import datetime
import re
import statistics
import textwrap
from pathlib import Path

import cpu
from cases import CASES, ENVELOPES, EXPLAINED, Versus

KEEP_FROM, KEEP_TO = "<!-- kept: from here -->", "<!-- kept: to here -->"
NOTHING_YET = "\n## What limits it\n\nNothing is written here yet.\n\n"


def _table(head, rows):
    """As text; nothing without rows."""
    if not rows:
        return ""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


class Numbers:
    """The values of a run: samples[(case, system)] = [{metric: value} of each round]."""

    def __init__(self, samples):
        self.samples = samples

    def values(self, case, system, metric):
        return [round_[metric.key] for round_ in self.samples.get((case.key, system), [])]

    def median(self, case, system, metric):
        values = self.values(case, system, metric)
        return statistics.median(values) if values else None

    def ratios(self, case, versus, metric):
        """One for each round that measured both."""
        pairs = zip(self.values(case, versus.ours, metric),
                    self.values(case, versus.theirs, metric))
        return [metric.ratio(ours, theirs) for ours, theirs in pairs]

    def comparisons(self):
        """(case, versus, metric, ratios) of all that was measured."""
        for case in CASES:
            for versus in case.comparisons:
                for metric in case.metrics:
                    ratios = self.ratios(case, versus, metric)
                    if ratios:
                        yield case, versus, metric, ratios


def _spread(values, digits=2):
    return f"{min(values):.{digits}f} .. {max(values):.{digits}f}"


def _ratio_row(numbers, case, versus, metric, ratios):
    ours, theirs = (numbers.median(case, system, metric)
                    for system in (versus.ours, versus.theirs))
    return [case.title, metric.title, versus.ours, versus.theirs, f"{ours:.{metric.digits}f}",
            f"{theirs:.{metric.digits}f}", f"**{statistics.median(ratios):.2f}**", _spread(ratios)]


RATIO_HEAD = ("what", "unit", "ours", "against", "ours", "theirs", "ratio", "min .. max")


def targets(numbers, judge=True):
    """The table that decides."""
    rows = []
    for case, versus, metric, ratios in numbers.comparisons():
        if versus.target is None or not metric.judged:
            continue
        met = "not judged" if not judge else \
            "met" if statistics.median(ratios) >= versus.target else "**missed**"
        rows.append([*_ratio_row(numbers, case, versus, metric, ratios),
                     f"{versus.target:.1f}", met])
    return _table((*RATIO_HEAD, "target", "verdict"), rows)


def others(numbers):
    """Ratios without a target."""
    rows = [_ratio_row(numbers, *found) for found in numbers.comparisons()
            if found[1].ours == "overlaid" and (found[1].target is None or not found[2].judged)]
    return _table(RATIO_HEAD, rows)


def envelopes(numbers):
    """Every envelope as a part of what the same wire and VMs reach without any switch."""
    names = ["overlaid", *(f"overlaid-{kind}" for kind in ENVELOPES)]
    rows = []
    for case in CASES:
        for metric in case.metrics:
            cells = []
            for name in names:
                ratios = numbers.ratios(case, Versus("bare", ours=name), metric)
                value = numbers.median(case, name, metric)
                cells.append(f"**{statistics.median(ratios):.2f}** ({value:.{metric.digits}f})"
                             if ratios else "-")
            if any(cell != "-" for cell in cells):
                bare = numbers.median(case, "bare", metric)
                rows.append([case.title, metric.title, *cells, f"{bare:.{metric.digits}f}"])
    return _table(("what", "unit", "VXLAN", *(kind.upper() if kind != "geneve" else "Geneve"
                                              for kind in ENVELOPES), "bare"), rows)


def null(numbers):
    """Two equal systems: what the method itself adds."""
    rows = [(case.title, metric.title, f"{statistics.median(ratios):.2f}", _spread(ratios))
            for case, versus, metric, ratios in numbers.comparisons()
            if versus.ours == "kernel-twin"]
    return _table(("what", "unit", "kernel-twin to kernel", "min .. max"), rows)


def no_switch(numbers):
    """What the wire and the VMs alone reach, and how far ours is on the way there."""
    rows = []
    for case, versus, metric, ratios in numbers.comparisons():
        if versus.ours != "bare":
            continue
        reached = numbers.ratios(case, Versus(versus.theirs), metric)
        rows.append((case.title, metric.title, versus.theirs,
                     f"{statistics.median(ratios):.2f}", _spread(ratios),
                     f"{statistics.median(reached):.2f}" if reached else "-"))
    return _table(("what", "unit", "against", "bare", "min .. max", "overlaid"), rows)


def medians(numbers):
    """Every system in every case."""
    rows = []
    for case in CASES:
        for metric in case.metrics:
            for system in case.systems():
                values = numbers.values(case, system, metric)
                if values:
                    rows.append((case.title, metric.title, system,
                                 f"{statistics.median(values):.{metric.digits}f}",
                                 _spread(values, metric.digits)))
    return _table(("what", "unit", "system", "median", "min .. max"), rows)


def switch_alone(numbers, alone):
    """Small frames again, without what making, counting and dropping them costs."""
    rows = []
    for case, versus, metric, ratios in numbers.comparisons():
        if metric.title != "ns of CPU per frame" or versus.target is None:
            continue
        ours, theirs = (numbers.median(case, system, metric) - alone
                        for system in (versus.ours, versus.theirs))
        rows.append((case.title, versus.theirs, f"{ours:.0f}", f"{theirs:.0f}",
                     f"{theirs / ours:.2f}", f"{statistics.median(ratios):.2f}"))
    return _table(("what", "against", "ours, ns", "theirs, ns", "ratio", "ratio of the whole"),
                  rows)


def programs(rows):
    return _table(("traffic", "host", "program", "runs", "ns per run", "inner frames per run"),
                  [(r["traffic"], r["host"], r["program"], r["runs"], f"{r['ns']:.0f}",
                    f"{r['frames']:.1f}") for r in rows])


def memory(rows):
    return _table(("capacity", "map `fdb`, MiB", "bytes per entry", "MiB per million",
                   "all maps, MiB"),
                  [(r["entries"], f"{r['fdb'] / 2**20:.1f}", f"{r['fdb'] / r['entries']:.0f}",
                    f"{r['fdb'] / r['entries'] * 1e6 / 2**20:.0f}", f"{r['all'] / 2**20:.1f}")
                   for r in rows])


METHOD = """\
Ratios count here, not absolute numbers: each round measures every system once,
one right after the other, and each ratio is of two numbers of the same round.
The table gives the median of the rounds' ratios with the lowest and the highest.
The order of cases and of systems rotates from round to round.

- **Systems**, each with a topology of its own, all set up before the first
  round on the same machine: two hypervisors (network namespaces), a veth
  between them as the wire (MTU {mtu}), VMs that are namespaces behind a veth
  (MTU 1500), two on the first hypervisor and one on the second; VXLAN over IPv4.
{systems}
- **Wires.** *Super-frame*: the veth as it comes; GSO frames cross it whole.
  *Cut to the MTU*: TSO and UDP-tunnel segmentation offload off at both ends, so
  that what crosses it is at most an MTU long, as on a real NIC's wire; transmit
  checksums stay an offload, as with a real NIC.
- **TCP**: iperf3 with cubic from VM to VM, client pinned to CPU 0, server to
  CPU 1, {seconds} s for each number; the rate is what arrived.
- **64-byte frames**: UDP with 18 bytes of payload in 64 flows between two MACs.
  BPF_PROG_TEST_RUN (live frames, batches of 64) hands them to the sending VM's
  port as a NIC's driver would: the VM's own stack is not in the number.  A tc
  program at the receiving VM's NIC counts and drops them.  The generator is
  pinned to CPU 0 and all forwarding is done there, on the same CPU, in the
  softirqs of each batch.  *Frames per second*: what arrived, by the clock.
  *CPU time per frame*: that of the generator's process and of all ksoftirqd
  threads (nanoseconds of the scheduler, not ticks) by what arrived; the clock
  does not enter, so other load hardly matters.  Making a frame right at the
  receiving VM's NIC, counting and dropping it costs {alone} ns without any switch;
  they are contained in all numbers and make ratios smaller.  Of all frames
  sent, {lost} were lost.
- **Noise.** Before each number the machine is given up to {patience:g} s to fall quiet
  (idle for {quiet:.0%} of 200 ms); {n_quiet} of {n} numbers began on a quiet machine, the
  busiest start saw {busiest:.0%} busy; CPU time stolen by other machines during
  a number: {stolen:.1%} at most.
"""


def _method(run):
    samples = [sample for values in run.samples.values() for sample in values]
    names = []
    for case in CASES:
        names += [name for name in case.systems() if name not in names]
    systems = "\n".join(textwrap.fill(f"- `{name}`: {EXPLAINED[name]}", 80,
                                      initial_indent="  ", subsequent_indent="    ")
                        for name in names if name not in run.without)
    lost = max((sample["lost"] for sample in samples if "lost" in sample), default=0)
    return METHOD.format(
        mtu=run.underlay_mtu, systems=systems, seconds=run.seconds, alone=f"{run.alone:.0f}",
        lost=f"{lost:.2%} at most", patience=run.patience, quiet=cpu.QUIET,
        n_quiet=sum(load <= 1 - cpu.QUIET for load in run.loads), n=len(run.loads),
        busiest=max(run.loads), stolen=max(sample["stolen"] for sample in samples))


def _kept(path):
    if not path.exists():
        return NOTHING_YET
    found = re.search(re.escape(KEEP_FROM) + "(.*)" + re.escape(KEEP_TO), path.read_text(), re.S)
    return found[1] if found else NOTHING_YET


def _head(run):
    date = datetime.date.today().isoformat()
    return textwrap.fill(
        f"Written by `make bench` on {date} ({run.revision}): rounds: {run.rounds}, minutes: "
        f"{run.minutes:.0f}; {cpu.description()}.  Run it again to get your own.", 80)


def _tables(run, numbers):
    """(title, text, table) of all that is told below the method."""
    yield "## Five envelopes", FIVE, envelopes(numbers)
    yield "### Two equal systems", TWIN, null(numbers)
    yield "## Without any switch", NO_SWITCH, no_switch(numbers)
    yield "## Ratios without a target", "", others(numbers)
    yield "## All medians", "", medians(numbers)
    yield ("### Small frames: the switch alone", SWITCH_ALONE.format(alone=run.alone),
           switch_alone(numbers, run.alone))
    yield "## Programs", PROGRAMS, programs(run.programs or [])
    yield "## Memory of the FDB", MEMORY, memory(run.memory or [])


def render(run, path):
    """The whole page as text; what was not measured is left out."""
    numbers = Numbers(run.samples)
    parts = ["<!-- SPDX-License-Identifier: GPL-2.0-or-later -->",
             "# Measured against Linux bridge + vxlan", _head(run),
             "## Targets", targets(numbers, run.judge),
             KEEP_FROM + _kept(Path(path)) + KEEP_TO,
             "## Method", _method(run)]
    for title, text, table in _tables(run, numbers):
        if table:
            parts += [part for part in (title, text, table) if part]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


FIVE = """\
The same hosts, the same run: each envelope as a part of `bare`, which has none
(tc copies every frame); in brackets the medians themselves, last those of `bare`."""

TWIN = """\
`kernel-twin` is a second `kernel`: its ratios would be 1 if nothing disturbed."""

NO_SWITCH = """\
How much better than the kernel's switches are the same wire and VMs without any
switch (`bare`: tc copies every frame, without envelope, learning or counters)?
What is left is not a switch's to save; only the last hop is: overlaid hands
frames to a VM's namespace without the queue (backlog) that `bare` goes through."""

SWITCH_ALONE = """\
The CPU time per frame less the {alone:.0f} ns that it costs without a switch."""

PROGRAMS = """\
From the kernel's own run-time statistics (`kernel.bpf_stats_enabled`, on only
here; its two clock readings, a few dozen ns, are contained).  A run handles one
frame or one super-frame; redirects and clones that a run causes are done later
and are not contained, encapsulation is."""

MEMORY = """\
As the kernel accounts it (`memlock`) with all of the capacity allocated at the
start, so that learning never waits for memory; `limits: {fdb-entries: N}` sets it."""
