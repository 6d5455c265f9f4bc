# SPDX-License-Identifier: GPL-2.0-or-later
"""Do file, API and running state agree after SIGHUP, apply, save and restarts?"""
import copy

import pytest
import yaml

from frames import plain
from lab import Container, Pinger, Sniffer, inject, ping, wait_until
from lab.topology import two_hypervisors, vm_addresses


@pytest.fixture
def pair(own_lab):
    return two_hypervisors(own_lab)


def _names(hypervisor, plural, key="name"):
    return {item[key] for item in hypervisor.listed(plural)}


def _edited(hypervisor):
    """A copy of the configuration to change."""
    return copy.deepcopy(hypervisor.config)


def test_sighup_makes_an_edited_file_the_running_state(pair):
    h1, _, v1, v2 = pair
    config = _edited(h1)
    config["segments"].append({"name": "green", "vni": 6000, "aging": "10m"})
    config["segments"][0]["unknown-unicast"] = "drop"
    h1.write_config(config)
    h1.reload()
    wait_until(lambda: _names(h1, "segments") == {"blue", "green"}, what="green")
    _, blue = h1.api("GET", "segments/blue")
    assert blue["unknown-unicast"] == "drop"
    assert ping(v1, v2.v4).lost == 0


def test_sighup_with_a_bad_file_changes_nothing_and_says_where_it_is_wrong(pair):
    h1, _, v1, v2 = pair
    good = h1.config_file.read_text()
    before = h1.listed("segments"), h1.listed("peers")
    lines = good.splitlines()
    lines.insert(lines.index("segments:") + 1, "- {name: green, vni: 16777216}")
    h1.write_config("\n".join(lines) + "\n")
    h1.reload()
    number = lines.index("- {name: green, vni: 16777216}") + 1
    wait_until(lambda: f"overlaid.yaml:{number}" in h1.log(), what="the complaint")
    complaint = next(line for line in h1.log().splitlines() if f"overlaid.yaml:{number}" in line)
    assert "vni" in complaint and "16777215" in complaint
    assert [s["name"] for s in h1.listed("segments")] == [s["name"] for s in before[0]]
    assert ping(v1, v2.v4).lost == 0


def test_apply_makes_only_the_changes_that_are_needed(pair, tmp_path):
    h1, _, v1, v2 = pair
    assert ping(v1, v2.v4).lost == 0
    entries = {(e["mac"], e["source"]) for e in h1.fdb()}
    index = h1.state("ports", v1.port)["ifindex"]
    config = _edited(h1)
    config["segments"][0]["aging"] = "600s"
    config["segments"].append({"name": "green", "vni": 6000})
    file = tmp_path / "new.yaml"
    file.write_text(yaml.safe_dump(config))
    differences = h1.ctl("diff", file).stdout
    changed = [line for line in differences.splitlines() if line.strip()]
    assert any("green" in line for line in changed) and any("aging" in line for line in changed)
    assert not any("port" in line or "peer " in line for line in changed), differences
    pinger = Pinger(v1, v2.v4)
    h1.ctl("apply", file)
    pinger.wait_for_answers(100)
    assert pinger.stop().lost == 0
    assert {(e["mac"], e["source"]) for e in h1.fdb()} >= entries
    assert h1.state("ports", v1.port)["ifindex"] == index
    assert h1.api("GET", "segments/blue")[1]["aging"] in (600, "600s", "10m")
    assert h1.ctl("diff", file).stdout.strip() in ("", "no difference")


def test_changes_elsewhere_lose_no_frame(pair):
    """Segments, peers, ports and records come and go beside a running flow."""
    h1, _, v1, v2 = pair
    pinger = Pinger(v1, v2.v4)
    for number in range(20):
        name, peer = f"n{number}", f"192.0.2.{100 + number}"
        h1.ctl(f"segment add {name} vni {9000 + number}")
        h1.ctl(f"peer add {peer}")
        h1.ctl(f"port add new{number} segment {name}")
        h1.ctl(f"fdb add segment {name} mac 02:00:00:00:01:{number:02x} peer {peer}")
    pinger.wait_for_answers(20)
    h1.ctl("apply", h1.config_file)
    assert _names(h1, "segments") == {"blue"}
    pinger.wait_for_answers(20)
    assert pinger.stop().lost == 0


def test_apply_of_what_is_running_changes_nothing(pair):
    h1, _, v1, v2 = pair
    pinger = Pinger(v1, v2.v4)
    programs = h1.api("GET", "datapath")[1]["programs"]
    for _ in range(5):
        h1.ctl("apply", h1.config_file)
    pinger.wait_for_answers(50)
    assert pinger.stop().lost == 0
    assert [p["id"] for p in h1.api("GET", "datapath")[1]["programs"]] == \
        [p["id"] for p in programs]


def test_changes_through_the_api_survive_the_daemon_and_save_writes_them(pair):
    h1 = pair[0]
    h1.ctl("segment add green vni 6000")
    h1.ctl("peer add 192.0.2.77 segments green")
    assert "green" in h1.ctl("diff").stdout
    assert "green" not in h1.config_file.read_text()
    h1.kill()
    h1.start(write=False)
    assert _names(h1, "segments") == {"blue", "green"}
    assert "192.0.2.77" in _names(h1, "peers", "address")
    h1.ctl("save")
    saved = yaml.safe_load(h1.config_file.read_text())
    assert {segment["name"] for segment in saved["segments"]} == {"blue", "green"}
    assert h1.ctl("diff").stdout.strip() in ("", "no difference")
    h1.restart(write=False)
    assert _names(h1, "segments") == {"blue", "green"}


def test_a_file_edited_while_the_daemon_was_away_wins_and_the_log_says_what_it_undoes(pair):
    h1, _, v1, v2 = pair
    h1.ctl("segment add green vni 6000")
    h1.kill()
    config = _edited(h1)
    config["segments"].append({"name": "red", "vni": 7000})
    h1.write_config(config)
    h1.start(write=False)
    assert _names(h1, "segments") == {"blue", "red"}
    assert "green" in h1.log().rsplit("--- start", 1)[1]
    assert ping(v1, v2.v4).lost == 0


def test_a_segment_in_use_is_not_deleted_and_one_that_is_free_is(pair):
    h1 = pair[0]
    done = h1.ctl("segment del blue", check=False)
    assert done.returncode == 1 and "vm-v1" in done.stderr
    h1.ctl("segment add green vni 6000")
    h1.ctl("segment del green")
    assert _names(h1, "segments") == {"blue"}


def test_a_port_that_changes_its_segment_is_out_of_reach_of_the_old_one(pair):
    h1, h2, v1, v2 = pair
    stays = Container(h1, "stays", vm_addresses(3), mtu=1450)
    assert ping(v1, v2.v4).lost == 0 and ping(stays, v1.v4).lost == 0
    for hypervisor in (h1, h2):
        hypervisor.ctl("segment add green vni 6000")
    h1.ctl(f"port set {v1.port} segment green")
    assert h1.fdb_entry(v1.mac, segment="blue") is None, "an entry of blue leads into green"
    with Sniffer(v1.space, "eth0", incoming_only=True) as sniffer:
        inject(stays.space, "eth0", plain(stays.mac, v1.mac, "from blue"))
        assert ping(stays, v2.v4).lost == 0
        assert ping(v1, v2.v4, count=1, wait=0.2).received == 0
        assert not sniffer.matching(lambda frame: b"from blue" in frame)
    h2.ctl(f"port set {v2.port} segment green")
    assert ping(v1, v2.v4).lost == 0
    assert h1.fdb_entry(v2.mac, segment="green")["peer"] == "192.0.2.2"
