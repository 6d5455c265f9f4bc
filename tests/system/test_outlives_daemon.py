# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the datapath go on while the daemon is killed, restarted, replaced and unloaded?"""
import json
import shutil

import pytest

from frames import BROADCAST, plain
from lab import (Container, Pinger, Stream, inject, iperf, next_mac, ping, run,
                 wait_until, wire)
from lab.topology import ours, two_hypervisors, underlay_addresses, vm_addresses
from lab.traffic import rate


@pytest.fixture(scope="module")
def pair(lab):
    h1, h2, v1, v2 = two_hypervisors(lab, "cut", fdb=[])
    assert h1.ctl("fdb", "add", "segment", "blue", "mac", "02:00:00:00:00:99", "port",
                  v1.port).returncode == 0
    assert ping(v1, v2.v4).lost == 0 and ping(v2, v1.v6).lost == 0
    return h1, h2, v1, v2


def _entries(hypervisor):
    """The FDB without what changes by itself."""
    return {(e["segment"], e["mac"], e.get("port"), e.get("peer"), e["source"])
            for e in hypervisor.fdb()}


class Flow:
    """A ping every 2 ms and a TCP stream; end(): pings without an answer, the stream's report.

    The stream's window fits the queue of 256 frames that a veth has: TCP would
    fill it otherwise, and what falls off its end then nobody has to answer for.
    """

    def __init__(self, v1, v2, seconds):
        self._pinger = Pinger(v1, v2.v4)
        self._stream = Stream(v2, v1, seconds=seconds, extra=("-w", "64K"))

    def goes_on(self):
        self._pinger.wait_for_answers(150)

    def end(self):
        report = self._stream.stop()
        return self._pinger.stop().lost, report


def _loses_nothing(pair, event, seconds=3):
    h1, _, v1, v2 = pair
    before = _entries(h1)
    assert {source for *_, source in before} >= {"learned", "static"}
    flow = Flow(v1, v2, seconds)
    event(flow)
    lost, report = flow.end()
    assert lost == 0
    # A stream that stood still for one of its intervals would show it.
    assert min(i["sum"]["bits_per_second"] for i in report["intervals"][:seconds]) > 20e6
    assert _entries(h1) == before


def test_killing_the_daemon_loses_no_frame_and_no_entry(pair):
    h1 = pair[0]

    def event(flow):
        for _ in range(3):
            h1.kill()
            flow.goes_on()
            h1.start(write=False)
            flow.goes_on()

    _loses_nothing(pair, event)


def test_an_orderly_restart_loses_no_frame_and_no_entry(pair):
    h1 = pair[0]

    def event(flow):
        for _ in range(3):
            assert h1.stop() == 0
            flow.goes_on()
            h1.start(write=False)
            flow.goes_on()

    _loses_nothing(pair, event)


def _program_ids(hypervisor):
    return {program["id"] for program in hypervisor.api("GET", "datapath")[1]["programs"]}


def test_a_newer_build_replaces_the_programs_without_a_loss(pair, tmp_path):
    """The newer build differs in the bytes of its programs, as a real one does."""
    h1 = pair[0]
    newer = tmp_path / "overlaid"
    shutil.copy(h1.binary, newer)
    data = newer.read_bytes()
    # A source file's name in the object's debug information: other bytes, the same meaning.
    assert b"/step/parse.h" in data
    newer.write_bytes(data.replace(b"/step/parse.h", b"/step/parsE.h"))
    old_programs = _program_ids(h1)

    def event(flow):
        h1.stop()
        flow.goes_on()
        h1.start(write=False, binary=newer)
        flow.goes_on()
        assert _program_ids(h1).isdisjoint(old_programs), "the programs were not replaced"

    try:
        _loses_nothing(pair, event)
    finally:
        h1.restart(write=False)


def test_new_traffic_starts_while_no_daemon_runs(pair):
    h1, _, v1, v2 = pair
    h1.kill()
    assert ping(v1, v2.v4, count=50).lost == 0
    assert ping(v2, v1.v6, count=50).lost == 0
    assert rate(iperf(v1, v2, seconds=1)) > 100e6
    h1.start(write=False)
    assert ping(v1, v2.v4).lost == 0


def test_what_was_learned_without_a_daemon_is_there_when_it_returns(pair):
    h1, h2, v1, v2 = pair
    h1.kill()
    late = Container(h2, "late", vm_addresses(9), mtu=1450)
    assert ping(late, v1.v4).lost == 0
    h1.start(write=False)
    assert h1.fdb_entry(late.mac)["peer"] == "192.0.2.2"
    assert ping(v1, v2.v4).lost == 0


def test_a_neighbour_that_changes_while_no_daemon_runs_is_found_again(pair):
    """What the daemon knew of next hops is not trusted for long after its death."""
    h1, h2, v1, v2 = pair
    assert ping(v1, v2.v4).lost == 0
    h1.kill()
    h2.ip("link set eth1 address 02:00:00:00:88:02")
    h1.ip("neighbor replace 192.0.2.2 lladdr 02:00:00:00:88:02 dev eth1 nud reachable")
    wait_until(lambda: ping(v1, v2.v4, count=1, wait=0.2).received, deadline=15,
               what="the kernel's own neighbour to be used")
    assert ping(v1, v2.v4, count=100, interval=0.002).lost == 0
    h1.start(write=False)
    assert ping(v1, v2.v4, count=100, interval=0.002).lost == 0


def test_a_larger_fdb_takes_over_the_entries_of_the_smaller_one(own_lab):
    """Another size is another map: its contents are copied under running traffic."""
    h1, _, v1, v2 = two_hypervisors(own_lab, limits={"fdb-entries": 2048})
    assert ping(v1, v2.v4).lost == 0
    h1.ctl(f"fdb add segment blue mac 02:00:00:00:00:99 port {v1.port}")
    h1.ctl("save")
    inject(v1.space, "eth0", *(plain(next_mac(), BROADCAST, "here I am") for _ in range(1000)))
    wait_until(lambda: len(h1.fdb()) >= 1003, what="a thousand entries")
    before = _entries(h1)
    pinger = Pinger(v1, v2.v4)
    text = h1.config_file.read_text()
    assert "2048" in text
    h1.stop()
    h1.config_file.write_text(text.replace("2048", "4096"))
    h1.start(write=False)
    pinger.wait_for_answers(100)
    assert pinger.stop().lost == 0
    assert _entries(h1) == before
    assert h1.api("GET", "status")[1]["counts"]["fdb-capacity"] == 4096


def test_a_daemon_started_by_ip_netns_exec_keeps_its_datapath(own_lab):
    """That command gives the daemon a mount namespace which ends with it."""
    h1, _, v1, v2 = two_hypervisors(own_lab)
    h1.ctl("datapath", "unload")
    h1.process.wait(10)
    wrapper = ("ip", "netns", "exec", h1.full_name)
    h1.start(write=False, wrapper=wrapper)
    assert ping(v1, v2.v4).lost == 0
    before = _entries(h1)
    pinger = Pinger(v1, v2.v4)
    h1.kill()
    pinger.wait_for_answers(150)
    h1.start(write=False, wrapper=wrapper)
    pinger.wait_for_answers(150)
    assert pinger.stop().lost == 0
    assert _entries(h1) >= before


def _traces(hypervisor):
    """Everything in the namespace that a switch could leave behind."""
    links = {link["ifname"] for link in hypervisor.ip_json("link show")}
    filters = {link: hypervisor.run("tc", "filter", "show", "dev", link, "ingress").stdout
               for link in links}
    disciplines = hypervisor.run("tc", "qdisc", "show").stdout.count("clsact")
    attached = json.loads(hypervisor.run("bpftool", "-j", "net", "show").stdout)
    return links, filters, disciplines, attached


def _is_gone(kind, number):
    return run("bpftool", kind, "show", "id", number, check=False).returncode != 0


def test_unload_leaves_no_trace(own_lab):
    h1, h2 = ours(own_lab, 1, [2]), ours(own_lab, 2, [1])
    wire(h1, h2)
    vms = []
    for number, hypervisor in ((1, h1), (2, h2)):
        hypervisor.address(*underlay_addresses(number))
        vms.append(Container(hypervisor, f"v{number}", vm_addresses(number), mtu=1450))
    before = _traces(h1)
    for hypervisor in (h1, h2):
        hypervisor.start()
    assert ping(vms[0], vms[1].v4).lost == 0
    assert _traces(h1) != before
    _, datapath = h1.api("GET", "datapath")
    h1.ctl("datapath", "unload")
    assert h1.process.wait(10) == 0
    assert _traces(h1) == before
    for kind, plural in (("prog", "programs"), ("map", "maps")):
        assert datapath[plural]
        for item in datapath[plural]:
            wait_until(lambda k=kind, i=item["id"]: _is_gone(k, i), what=f"{kind} {item}")
    for mounts in ("/proc/self/mounts", "/proc/1/mounts"):
        with open(mounts, encoding="utf-8") as file:
            assert str(h1.runtime) not in file.read()
    assert not list(h1.runtime.glob("bpf/*"))
    assert ping(vms[0], vms[1].v4, count=1, wait=0.3).received == 0


def test_it_starts_again_after_an_unload(own_lab):
    h1, _, v1, v2 = two_hypervisors(own_lab)
    h1.ctl("datapath", "unload")
    h1.process.wait(10)
    h1.start(write=False)
    assert ping(v1, v2.v4).lost == 0
