# SPDX-License-Identifier: GPL-2.0-or-later
"""Has a refused request changed anything?  Fixtures for the tests of bad input."""
import pytest

from lab import ping
from lab.topology import two_hypervisors


def running_state(hypervisor):
    """The running state without counters."""
    state = {}
    for plural in ("segments", "peers", "ports"):
        state[plural] = [{k: v for k, v in item.items() if k != "state"}
                         for item in hypervisor.listed(plural)]
    state["fdb"] = sorted((e["mac"], e["segment"]) for e in hypervisor.fdb()
                          if e["source"] == "static")
    state["links"] = sorted(link["ifname"] for link in hypervisor.ip_json("link show"))
    return state


@pytest.fixture
def unchanged(pair):
    """After the test everything is as before, and the daemon answers."""
    h1, _, v1, v2 = pair
    before = running_state(h1)
    yield h1
    assert running_state(h1) == before
    assert h1.process.poll() is None
    assert ping(v1, v2.v4).lost == 0


@pytest.fixture(scope="module")
def pair(lab):
    site = two_hypervisors(lab)
    h1 = site[0]
    h1.config["fdb"] = [{"segment": "blue", "mac": "02:00:00:00:00:99", "peer": "192.0.2.2"}]
    h1.write_config()
    h1.ctl("apply", h1.config_file)
    return site
