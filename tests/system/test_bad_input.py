# SPDX-License-Identifier: GPL-2.0-or-later
"""Is bad input refused with a clear error, and the running state left as it was?"""
import copy

import pytest
import yaml

from lab import run
from steady import pair, unchanged  # noqa: F401  pylint: disable=unused-import


def _with(path, value):
    """An edit of the configuration: _with("segments.0.vni", 0)."""
    def edit(config):
        *parents, last = [int(word) if word.isdigit() else word for word in path.split(".")]
        place = config
        for word in parents:
            place = place[word]
        if isinstance(place, list) and last == len(place):
            place.append(value)
        else:
            place[last] = value
    return edit


BAD_CONFIGS = {
    "unknown key at the top": (_with("segment", []), "segment"),
    "unknown key in a segment": (_with("segments.0.vnii", 1), "vnii"),
    "unknown key in the underlay": (_with("underlay.devise", "eth1"), "devise"),
    "wrong type of a number": (_with("segments.0.vni", "many"), "vni"),
    "wrong type of a list": (_with("segments", "blue"), "segments"),
    "wrong type of a boolean": (_with("segments.0.learning", "perhaps"), "learning"),
    "wrong word": (_with("segments.0.flood", "carrier-pigeon"), "flood"),
    "VNI 0": (_with("segments.0.vni", 0), "vni"),
    "VNI above 24 bits": (_with("segments.0.vni", 16777216), "vni"),
    "negative VNI": (_with("segments.0.vni", -1), "vni"),
    "duplicate name": (_with("segments.1", {"name": "blue", "vni": 9}), "name"),
    "duplicate VNI": (_with("segments.1", {"name": "green", "vni": 5001}), "vni"),
    "a port twice": (_with("ports.1", {"device": "vm-v1", "segment": "blue"}), "device"),
    "a port in a segment that is not there": (_with("ports.0.segment", "mauve"), "segment"),
    "a device name that no device can have": (_with("ports.0.device", "a" * 16), "device"),
    "a peer twice": (_with("peers.1", {"address": "192.0.2.2"}), "address"),
    "a peer that is no address": (_with("peers.0.address", "192.0.2"), "address"),
    "a peer equal to ourselves": (_with("peers.1", {"address": "192.0.2.1"}), "address"),
    "a peer in a segment that is not there": (_with("peers.0.segments", ["mauve"]), "segments"),
    "an encapsulation that is not there": (_with("peers.0.encapsulation", "mpls"),
                                           "encapsulation"),
    "an MTU that is too small": (_with("segments.0.mtu", 60), "mtu"),
    "a MAC that is none": (_with("fdb.0.mac", "02:00:00:00:00"), "mac"),
    "a static entry of a group address": (_with("fdb.0.mac", "01:00:5e:00:00:01"), "mac"),
    "a static entry with port and peer": (_with("fdb.0.port", "vm-v1"), "fdb"),
    "a static entry of an unknown peer": (_with("fdb.0.peer", "192.0.2.9"), "peer"),
}
BAD_TEXTS = {
    "half a file": "underlay: {device: eth1}\nsegments:\n- {name: blue, vni",
    "no YAML": "}{\n",
    "binary": "\x01\x02\x7f\x00binary",
    "a list": "- underlay\n- segments\n",
    "a tab": "underlay:\n\tdevice: eth1\n",
    "a duplicate key": "underlay: {device: eth1}\nsegments: []\nsegments: []\n",
    "a bomb of aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{c}: &{c} [{','.join([f'*{p}'] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi")),
    "nesting without end": "underlay: " + "[" * 100000,
}


def _check(hypervisor, file):
    return run(hypervisor.binary, "--check", "--config", file, check=False)


def _apply(hypervisor, file):
    return hypervisor.ctl("apply", file, check=False)


@pytest.mark.parametrize("name", BAD_CONFIGS)
def test_a_bad_configuration_is_refused_by_check_and_apply_with_the_field(unchanged, name, tmp_path):
    edit, field = BAD_CONFIGS[name]
    config = copy.deepcopy(unchanged.config)
    edit(config)
    file = tmp_path / "bad.yaml"
    file.write_text(yaml.safe_dump(config, sort_keys=False))
    for attempt in (_check, _apply):
        done = attempt(unchanged, file)
        assert done.returncode == 1, (attempt.__name__, done.stdout, done.stderr)
        assert field in done.stderr and "bad.yaml:" in done.stderr, done.stderr
    status, body = unchanged.api("POST", "apply?name=bad.yaml", file.read_text(),
                                 "application/yaml")
    assert 400 <= status < 500, (status, body)
    assert field in body["error"]["field"] and body["error"]["message"]


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_a_file_that_cannot_be_read_as_yaml_is_refused_with_the_line(unchanged, name, tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_bytes(BAD_TEXTS[name].encode())
    for attempt in (_check, _apply):
        done = attempt(unchanged, file)
        assert done.returncode == 1, (attempt.__name__, done.stdout, done.stderr)
        assert "bad.yaml" in done.stderr, done.stderr


@pytest.mark.parametrize("edit, word", [
    (_with("underlay.device", "eth9"), "eth9"),
    (_with("underlay.address", "192.0.2.200"), "192.0.2.200"),
], ids=["a missing underlay device", "an address that is not ours"])
def test_what_the_kernel_does_not_have_is_refused_by_name(unchanged, edit, word, tmp_path):
    config = copy.deepcopy(unchanged.config)
    edit(config)
    file = tmp_path / "bad.yaml"
    file.write_text(yaml.safe_dump(config, sort_keys=False))
    done = _apply(unchanged, file)
    assert done.returncode == 1 and word in done.stderr and "underlay" in done.stderr, done.stderr


def test_a_failed_change_in_the_middle_is_undone(unchanged, tmp_path):
    """New segments and peers come before the underlay device that does not exist."""
    config = copy.deepcopy(unchanged.config)
    config["segments"] += [{"name": f"new{n}", "vni": 8000 + n} for n in range(50)]
    config["peers"] += [{"address": f"192.0.2.{n}"} for n in range(100, 150)]
    config["underlay"]["device"] = ["eth1", "eth9"]
    file = tmp_path / "bad.yaml"
    file.write_text(yaml.safe_dump(config, sort_keys=False))
    assert _apply(unchanged, file).returncode == 1


def test_a_missing_and_an_unreadable_file_are_refused_by_name(unchanged, tmp_path):
    for file in (tmp_path / "nowhere.yaml", tmp_path):
        for attempt in (_check, _apply):
            done = attempt(unchanged, file)
            assert done.returncode == 1 and str(file) in done.stderr, done.stderr


def test_ten_megabytes_of_yaml_are_refused_or_read_in_bounded_time(unchanged, tmp_path):
    text = yaml.safe_dump(unchanged.config, sort_keys=False)
    file = tmp_path / "big.yaml"
    file.write_text(text + "# padding\n" * (1 << 20))
    assert run(unchanged.binary, "--check", "--config", file, timeout=20).returncode == 0
    rows = "".join(f"- {{segment: blue, mac: '02:00:{n >> 24 & 255:02x}:{n >> 16 & 255:02x}:"
                   f"{n >> 8 & 255:02x}:{n & 255:02x}', peer: 192.0.2.99}}\n"
                   for n in range(160000))
    file.write_text(text[:text.index("fdb:")] + "fdb:\n" + rows)
    assert file.stat().st_size > 9 << 20
    done = unchanged.ctl("apply", file, check=False, timeout=60)
    assert done.returncode == 1 and "big.yaml" in done.stderr, done.stderr
    file.write_text("x" * (20 << 20))
    done = unchanged.ctl("apply", file, check=False, timeout=60)
    assert done.returncode == 1, done.stderr


COMMANDS = [
    (1, "segment add green vni 0", "vni"),
    (1, "segment add green vni 16777216", "vni"),
    (1, "segment add green vni x", "vni"),
    (1, "segment add blue vni 9", "blue"),
    (1, "segment add green vni 5001", "5001"),
    (2, "segment add green", "vni"),
    (1, "segment set mauve aging 1s", "mauve"),
    (1, "segment set blue aging soon", "aging"),
    (1, "segment set blue vni 7", "vni"),
    (1, "segment del mauve", "mauve"),
    (1, "port add vm-v1 segment blue", "vm-v1"),
    (1, "port add new segment mauve", "mauve"),
    (1, "port add name-that-is-too-long segment blue", "device"),
    (1, "port del nothing", "nothing"),
    (1, "peer add 192.0.2.1", "192.0.2.1"),
    (1, "peer add 192.0.2.2", "192.0.2.2"),
    (1, "peer add 192.0.2.300", "192.0.2.300"),
    (1, "peer show 192.0.2.9", "192.0.2.9"),
    (1, "fdb add segment blue mac 02:00:00:00:00:01 peer 192.0.2.9", "192.0.2.9"),
    (1, "fdb add segment blue mac 02:00:00:00:00 peer 192.0.2.2", "mac"),
    (1, "fdb add segment mauve mac 02:00:00:00:00:01 peer 192.0.2.2", "mauve"),
    (2, "", ""),
    (2, "frobnicate", "frobnicate"),
    (2, "segment frobnicate", "frobnicate"),
    (2, "--nonsense status", "nonsense"),
    (2, "segment add green vni", "vni"),
]


@pytest.mark.parametrize("status, command, word", COMMANDS, ids=[c[1] or "nothing" for c in COMMANDS])
def test_a_command_that_is_refused_names_what_is_wrong(unchanged, status, command, word):
    done = unchanged.ctl(*command.split(), check=False) if command else \
        run(unchanged.binary.parent / "overlayctl", "--socket", unchanged.socket, check=False)
    assert done.returncode == status, (done.stdout, done.stderr)
    assert word in done.stderr and (done.stderr or done.stdout).strip(), done.stderr


def test_a_client_without_a_daemon_says_so(tmp_path, pair):
    done = run(pair[0].binary.parent / "overlayctl", "--socket", tmp_path / "none.sock", "status",
               check=False)
    assert done.returncode == 1 and "none.sock" in done.stderr
