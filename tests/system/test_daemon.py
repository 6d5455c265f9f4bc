# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the daemon behave as a service should: status, privileges, notification, versions?"""
import os
import socket
import stat

import pytest

from lab import Container, ping, run, wait_until, wire
from lab.hypervisor import build_directory
from lab.topology import ours, two_hypervisors, underlay_addresses, vm_addresses


@pytest.fixture(scope="module")
def pair(lab):
    site = two_hypervisors(lab)
    assert ping(site[2], site[3].v4).lost == 0
    return site


def test_it_keeps_only_the_privileges_that_it_needs(pair):
    with open(f"/proc/{pair[0].process.pid}/status", encoding="ascii") as file:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    NET_ADMIN, NET_RAW, PERFMON, BPF = 12, 13, 38, 39
    allowed = sum(1 << number for number in (NET_ADMIN, NET_RAW, PERFMON, BPF))
    for kind in ("CapEff", "CapPrm"):
        assert int(fields[kind], 16) == allowed, (kind, fields[kind])
    assert fields["NoNewPrivs"] == "1"


def test_only_root_and_its_group_may_speak_to_it(pair):
    mode = os.stat(pair[0].socket).st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o660


def test_both_programs_tell_their_version():
    for program in ("overlaid", "overlayctl"):
        assert run(build_directory() / program, "--version").stdout.split()[-1][0].isdigit()


def test_a_wrong_option_is_a_usage_error():
    assert run(build_directory() / "overlaid", "--nonsense", check=False).returncode == 2


def test_a_good_configuration_passes_the_check(pair):
    done = run(pair[0].binary, "--check", "--config", pair[0].config_file, check=False)
    assert done.returncode == 0, done.stderr


def test_it_tells_the_service_manager_when_it_is_ready_alive_and_stopping(own_lab):
    h1, h2 = ours(own_lab, 1, [2]), ours(own_lab, 2, [1])
    wire(h1, h2)
    h1.address(*underlay_addresses(1))
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.setblocking(False)
    address = str(own_lab.directory / "notify")
    manager.bind(address)
    heard = []

    def hears(word):
        try:
            while True:
                heard.append(manager.recv(4096).decode())
        except BlockingIOError:
            pass
        return any(word in message for message in heard)

    environment = ("env", f"NOTIFY_SOCKET={address}", "WATCHDOG_USEC=500000",
                   "nsenter", f"--net=/run/netns/{h1.full_name}", "--")
    h1.start(wrapper=environment)
    wait_until(lambda: hears("READY=1"), what="READY")
    wait_until(lambda: hears("WATCHDOG=1"), what="WATCHDOG")
    h1.reload()
    wait_until(lambda: hears("RELOADING=1"), what="RELOADING")
    assert h1.stop() == 0
    wait_until(lambda: hears("STOPPING=1"), what="STOPPING")
    manager.close()


@pytest.mark.parametrize("command", [
    "status", "segment list", "segment show blue", "port list", "port show vm-v1", "peer list",
    "peer show 192.0.2.2", "fdb list", "fdb list segment blue", "neighbor list", "counters",
    "counters port vm-v1", "counters segment blue", "counters peer 192.0.2.2", "drops", "check",
    "diff", "datapath show"])
def test_each_question_has_a_table_for_people_and_json_for_programs(pair, command):
    h1 = pair[0]
    table = h1.ctl(command, check=False)
    # `check` tells by its status that it has complaints.
    assert table.returncode == 0 or command == "check", table.stderr
    assert "\x1b[" not in table.stdout, "colour in a pipe"
    assert h1.show(*command.split(), check=False) is not None


def test_status_names_what_runs(pair):
    text = pair[0].ctl("status").stdout
    for word in ("192.0.2.1", "eth1"):
        assert word in text


def test_counters_count_what_passes(pair):
    h1, _, v1, v2 = pair
    before = {noun: h1.traffic(noun, name) for noun, name in
              (("port", v1.port), ("segment", "blue"), ("peer", "192.0.2.2"))}
    assert ping(v1, v2.v4, count=100, interval=0.002).lost == 0
    port, peer = h1.traffic("port", v1.port), h1.traffic("peer", "192.0.2.2")
    # Other frames, such as ARP's, may come on top.
    assert 100 <= port["rx-frames"] - before["port"]["rx-frames"] <= 110
    assert 100 <= port["tx-frames"] - before["port"]["tx-frames"] <= 110
    assert 100 <= peer["rx-frames"] - before["peer"]["rx-frames"] <= 110
    assert 100 <= peer["tx-frames"] - before["peer"]["tx-frames"] <= 110
    assert port["rx-bytes"] - before["port"]["rx-bytes"] >= 100 * 98
    h1.ctl("counters reset")
    assert h1.traffic("port", v1.port)["rx-frames"] < 100


def test_it_switches_gro_on_where_frames_arrive(pair):
    """A veth comes without, and without it tunnel GRO never wakes."""
    assert "generic-receive-offload: on" in pair[0].run("ethtool", "-k", "eth1").stdout


def test_a_foreign_tunnel_device_on_our_udp_port_is_reported_and_traffic_goes_on(own_lab):
    h1, h2 = ours(own_lab, 1, [2]), ours(own_lab, 2, [1])
    wire(h1, h2, "cut")
    h1.ip("link add foreign type vxlan external dstport 4789")
    h1.ip("link set foreign up")
    vms = []
    for number, hypervisor in ((1, h1), (2, h2)):
        hypervisor.address(*underlay_addresses(number))
        vms.append(Container(hypervisor, f"v{number}", vm_addresses(number), mtu=1450))
        hypervisor.start()
    findings = h1.api("GET", "check")[1]["findings"]
    assert any("4789" in f["message"] or "foreign" in f["message"] for f in findings), findings
    # Floods to a next hop that is not resolved yet would need the anchor.
    assert ping(h1, "192.0.2.2").lost == 0
    assert ping(vms[0], vms[1].v4, count=20).lost == 0
    assert ping(vms[1], vms[0].v6, count=20).lost == 0
