# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the demo run, show a packet's way on little more than a screen, and clean up?"""
import os
import re

from lab import REPOSITORY, run
from lab.hypervisor import build_directory

DEMO = REPOSITORY / "examples" / "two-hypervisors" / "demo"


def _demo(*words, **environment):
    # From another directory, as a path of its own.
    return run(DEMO, *words, cwd="/", timeout=120,
               env={**os.environ, "OVERLAID_BUILD": str(build_directory()), **environment})


def _left_over():
    names = os.listdir("/run/netns") + os.listdir("/tmp")
    return [name for name in names if name.startswith("overlaid-demo-")]


def test_the_demo_shows_a_packets_day_and_leaves_nothing(own_lab):
    del own_lab  # only for its sweep of what a killed run left
    done = _demo(DEMO_QEMU="0", KEEP="0")
    day = done.stdout[done.stdout.index("The day of one packet"):done.stdout.index("Look around")]
    assert done.stdout.count("5 of 5") == 1
    assert day.count("byte for byte") == 2
    for word in ("FDB", "encapsulate", "decapsulate", "VXLAN", "VNI 5001", "192.0.2.1 > 192.0.2.2"):
        assert word in day
    lines = done.stdout.splitlines()
    assert len(day.splitlines()) <= 36 and max(map(len, day.splitlines())) <= 100
    assert len(lines) <= 60
    assert _left_over() == []


def test_a_demo_that_is_kept_answers_the_commands_that_it_prints(own_lab):
    del own_lab
    try:
        done = _demo(DEMO_QEMU="0", KEEP="1")
        sockets = re.findall(r"--socket (\S+)", done.stdout)
        assert len(sockets) == 2
        status = run(build_directory() / "overlayctl", "--socket", sockets[0], "status")
        assert "192.0.2.1" in status.stdout
        ping = run("ip", "netns", "exec", "overlaid-demo-h1-web", "ping", "-c", "2", "10.0.0.3")
        assert " 0% packet loss" in ping.stdout
    finally:
        _demo("down")
    assert _left_over() == []
