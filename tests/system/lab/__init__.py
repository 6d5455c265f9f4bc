# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab: hypervisors, VMs and real peers in network namespaces of one machine.

Used by the system tests, `make demo` and the benchmarks.  Needs root.
"""
from .capture import Capture, Sniffer, inject
from .guest import Guest
from .hypervisor import Hypervisor
from .linux_peer import LinuxPeer
from .machine import Container, next_mac
from .netns import Namespace
from .ovs_peer import OvsPeer
from .run import REPOSITORY, CommandFailed, Lab, TimedOut, end_on_signals, run, sweep, wait_until
from .traffic import Pinger, Stream, iperf, ping
from .wire import Router, Switch, wire
