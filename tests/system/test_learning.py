# SPDX-License-Identifier: GPL-2.0-or-later
"""What does the switch learn, how much, for how long, and what may learning not touch?"""
import json
import subprocess

import pytest

from frames import BROADCAST, plain
from lab import Lab, Sniffer, inject, next_mac, ping, wait_until
from lab.hypervisor import build_directory
from lab.run import Output
from lab.topology import two_hypervisors


@pytest.fixture(scope="module")
def pair(lab):
    return two_hypervisors(lab)


def _announce(vm, *macs):
    inject(vm.space, "eth0", *(plain(mac, BROADCAST, "here I am") for mac in macs))


def _lives_at(hypervisor, mac, **path):
    entry = hypervisor.fdb_entry(mac)
    return entry and {key: entry.get(key) for key in path} == path and entry


def test_a_mac_that_moves_to_a_peer_and_back_is_followed(pair):
    h1, _, v1, v2 = pair
    mac = next_mac()
    _announce(v1, mac)
    wait_until(lambda: _lives_at(h1, mac, port=v1.port), what="the port")
    for moves, (vm, path) in enumerate([(v2, {"peer": "192.0.2.2"}), (v1, {"port": v1.port})] * 2, 1):
        _announce(vm, mac)
        entry = wait_until(lambda p=path: _lives_at(h1, mac, **p), what=f"{path}")
        assert entry["moves"] == moves
        with Sniffer(vm.space, "eth0", incoming_only=True) as there:
            other = v2 if vm is v1 else v1
            inject(other.space, "eth0", plain(other.mac, mac, f"to the moved one {moves}"))
            there.wait_for(lambda frame, n=moves: f"moved one {n}".encode() in frame)


def test_a_static_entry_is_not_overridden_by_learning(pair):
    h1, h2, v1, v2 = pair
    mac = next_mac()
    h1.ctl("fdb", "add", "segment", "blue", "mac", mac, "port", v1.port)
    _announce(v2, mac)
    wait_until(lambda: h2.fdb_entry(mac), what="h2 to believe it is local")
    h2.ctl("fdb", "del", "segment", "blue", "mac", mac)
    with Sniffer(v1.space, "eth0", incoming_only=True) as sniffer:
        inject(v2.space, "eth0", plain(v2.mac, mac, "to the static one"))
        sniffer.wait_for(lambda frame: b"static one" in frame)
    entry = h1.fdb_entry(mac)
    assert (entry["source"], entry["port"]) == ("static", v1.port)
    h1.ctl("fdb", "del", "segment", "blue", "mac", mac)
    _announce(v2, mac)
    wait_until(lambda: _lives_at(h1, mac, peer="192.0.2.2"), what="to be learned now")


def test_group_and_zero_addresses_are_refused_as_sources(pair):
    h1, _, v1, _ = pair
    for mac, reason in (("01:00:5e:00:00:01", "inner_src_multicast"),
                        ("00:00:00:00:00:00", "inner_src_zero")):
        before = h1.dropped(reason)
        _announce(v1, mac)
        wait_until(lambda r=reason, low=before: h1.dropped(r) == low + 1, what=reason)
        assert h1.fdb_entry(mac) is None


def test_a_port_learns_no_more_than_its_limit_and_counts_the_rest(pair):
    h1, _, v1, v2 = pair
    assert h1.api("POST", "fdb/flush", {"port": v1.port})[0] == 200
    assert h1.api("PATCH", f"ports/{v1.port}", {"max-learned": 10})[0] in (200, 204)
    before = h1.traffic("port", v1.port)["learn-refused"]
    macs = [next_mac() for _ in range(50)]
    with Sniffer(v2.space, "eth0", incoming_only=True) as sniffer:
        _announce(v1, *macs)
        # What is not learned is forwarded all the same.
        wait_until(lambda: len(sniffer.matching(lambda f: b"here I am" in f)) == 50, what="50 frames")
    entries = [e for e in h1.fdb(port=v1.port) if e["source"] == "learned"]
    assert len(entries) == 10
    assert h1.traffic("port", v1.port)["learn-refused"] >= before + 40
    assert h1.state("ports", v1.port)["learned"] == 10
    assert h1.api("PATCH", f"ports/{v1.port}", {"max-learned": 1024})[0] in (200, 204)
    _announce(v1, *macs)
    wait_until(lambda: h1.state("ports", v1.port)["learned"] >= 50, what="the higher limit")


def test_a_segment_learns_no_more_than_its_limit(pair):
    h1, h2, _, v2 = pair
    assert h1.api("POST", "fdb/flush", {"segment": "blue"})[0] == 200
    h1.ctl("segment set blue max-learned 20")
    macs = [next_mac() for _ in range(60)]
    _announce(v2, *macs)
    wait_until(lambda: h1.traffic("segment", "blue")["learn-refused"] >= 40, what="refusals")
    assert h1.state("segments", "blue")["learned"] == 20
    assert len([e for e in h1.fdb(segment="blue") if e["source"] == "learned"]) == 20
    h1.ctl("segment set blue max-learned 65536")
    assert h2.state("segments", "blue")["learned"] >= 60


def test_a_segment_with_learning_off_floods_and_learns_nothing(pair):
    h1, _, v1, v2 = pair
    h1.ctl("segment set blue learning false")
    assert h1.api("POST", "fdb/flush", {"segment": "blue"})[0] == 200
    assert ping(v1, v2.v4).lost == 0
    assert [e for e in h1.fdb(segment="blue") if e["source"] == "learned"] == []
    h1.ctl("segment set blue learning true")
    assert ping(v1, v2.v4).lost == 0
    assert h1.fdb_entry(v2.mac)


def test_unknown_unicast_is_dropped_by_name_where_the_segment_says_so(pair):
    h1, _, v1, v2 = pair
    h1.ctl("segment set blue unknown-unicast drop")
    before = h1.dropped("unknown_unicast")
    with Sniffer(v2.space, "eth0", incoming_only=True) as sniffer:
        inject(v1.space, "eth0", plain(v1.mac, next_mac(), "to nobody known"),
               plain(v1.mac, BROADCAST, "to all"))
        sniffer.wait_for(lambda frame: b"to all" in frame)
        assert not sniffer.matching(lambda frame: b"nobody known" in frame)
    assert h1.dropped("unknown_unicast") == before + 1
    h1.ctl("segment set blue unknown-unicast flood")


def test_deleting_and_flushing_forget_entries(pair):
    h1, _, v1, v2 = pair
    assert ping(v1, v2.v4).lost == 0
    h1.ctl("fdb", "del", "segment", "blue", "mac", v2.mac)
    assert h1.fdb_entry(v2.mac) is None
    assert ping(v1, v2.v4).lost == 0
    assert h1.fdb_entry(v2.mac)
    h1.ctl("fdb flush segment blue")
    assert [e for e in h1.fdb(segment="blue") if e["source"] == "learned"] == []
    assert h1.state("segments", "blue")["learned"] == 0


def test_entries_that_are_not_seen_age_out_and_those_in_use_stay(own_lab):
    h1, _, v1, v2 = two_hypervisors(
        own_lab, segments=[{"name": "blue", "vni": 5001, "aging": "3s"}])
    mac = next_mac()
    _announce(v1, mac)
    assert ping(v1, v2.v4).lost == 0
    wait_until(lambda: h1.fdb_entry(mac), what="to be learned")

    def quiet_one_is_gone():
        assert ping(v1, v2.v4, count=1).lost == 0
        assert h1.fdb_entry(v1.mac) and h1.fdb_entry(v2.mac)
        return h1.fdb_entry(mac) is None
    wait_until(quiet_one_is_gone, deadline=15, what="aging", interval=0.3)
    wait_until(lambda: h1.state("segments", "blue")["learned"] == 2, what="the count to follow")


def test_a_full_fdb_refuses_and_the_switch_goes_on(own_lab):
    h1, _, v1, v2 = two_hypervisors(own_lab, limits={"fdb-entries": 1024})
    assert h1.api("PATCH", f"ports/{v1.port}", {"max-learned": 5000})[0] in (200, 204)
    assert ping(v1, v2.v4).lost == 0
    _announce(v1, *(next_mac() for _ in range(3000)))
    wait_until(lambda: h1.traffic("port", v1.port)["learn-refused"] >= 1900, what="refusals")
    assert 900 <= len(h1.fdb()) <= 1024
    assert ping(v1, v2.v4, count=20).lost == 0
    late = h1.ctl("fdb", "add", "segment", "blue", "mac", "02:ff:00:00:00:01", "port", v1.port,
                  check=False)
    assert late.returncode == 1 and "fdb-entries" in late.stderr, late.stderr
    assert h1.fdb_entry("02:ff:00:00:00:01") is None
    assert h1.api("GET", "status")[0] == 200


class Watch:
    """overlayctl --json watch in the background."""

    def __init__(self, lab: Lab, hypervisor):
        self._output = Output()
        lab.spawn(build_directory() / "overlayctl", "--socket", hypervisor.socket, "--json", "watch",
                  stdout=self._output, stderr=subprocess.STDOUT)
        wait_until(self.records, what="the first record")

    def records(self):
        return [json.loads(line) for line in self._output.text().split("\n")[:-1] if line]

    def events(self, kind, mac):
        return [r for r in self.records() if r.get("event") == kind and r.get("mac") == mac]


def test_watch_tells_of_learned_moved_refused_and_aged_addresses(own_lab):
    h1, _, v1, v2 = two_hypervisors(
        own_lab, segments=[{"name": "blue", "vni": 5001, "aging": "2s"}])
    watch = Watch(own_lab, h1)
    mac = next_mac()
    _announce(v1, mac)
    wait_until(lambda: watch.events("learned", mac), what="learned")
    _announce(v2, mac)
    wait_until(lambda: watch.events("moved", mac), what="moved")
    wait_until(lambda: watch.events("aged", mac), deadline=15, what="aged")
    learned = h1.state("ports", v1.port)["learned"]
    assert h1.api("PATCH", f"ports/{v1.port}", {"max-learned": max(1, learned)})[0] in (200, 204)
    refused = [next_mac() for _ in range(5)]
    _announce(v1, *refused)
    wait_until(lambda: any(watch.events("refused", one) for one in refused), what="refused")
