# SPDX-License-Identifier: GPL-2.0-or-later
"""What do all system tests share?  A lab per module, and the daemons' logs when one fails."""
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from lab import Lab, end_on_signals  # noqa: E402  pylint: disable=wrong-import-position
from lab.hypervisor import build_directory  # noqa: E402  pylint: disable=wrong-import-position

LOG_LINES = 40
_labs = []


def pytest_configure():
    end_on_signals()


def pytest_collection_modifyitems(items):
    reason = None
    if os.geteuid() != 0:
        reason = "needs root: it makes network namespaces"
    elif not (build_directory() / "overlaid").exists():
        raise pytest.UsageError(f"{build_directory()}/overlaid is missing: build first, "
                                "or name the build directory in OVERLAID_BUILD")
    for item in items if reason else ():
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="module")
def lab(request):
    """A lab that lives as long as the module's tests."""
    with Lab(request.module.__name__.removeprefix("test_")) as made:
        _labs.append(made)
        yield made
        _labs.remove(made)


@pytest.fixture
def own_lab(request):
    """A lab for one test, for those that break what they build."""
    with Lab(request.module.__name__.removeprefix("test_")) as made:
        _labs.append(made)
        yield made
        _labs.remove(made)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    del call
    report = (yield).get_result()
    if not report.failed:
        return
    for made in _labs:
        for log in sorted(made.directory.glob("*/overlaid.log")):
            tail = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
            report.sections.append((f"{item.name}: log of {log.parent.name}", "\n".join(tail)))
