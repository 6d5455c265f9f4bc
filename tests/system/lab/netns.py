# SPDX-License-Identifier: GPL-2.0-or-later
"""What is a machine of the lab?  A network namespace and the commands that run in it.

nsenter is used rather than `ip netns exec`: the latter gives every command a
mount namespace of its own, in which nothing that is mounted survives.
"""
import contextlib
import ctypes
import json
import os

from .run import NETNS, _libc, run

CLONE_NEWNET = 0x40000000


def _enter(descriptor):
    if _libc.setns(ctypes.c_int(descriptor), ctypes.c_int(CLONE_NEWNET)) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


class Namespace:
    """One network namespace, quiet (no DAD, no router solicitations) and without filters."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.full_name = f"{lab.prefix}-{name}"
        run("ip", "netns", "add", self.full_name)
        lab.defer(run, "ip", "netns", "del", self.full_name)
        self.ip("link set lo up")
        for scope in ("all", "default"):
            self.sysctl(f"net.ipv6.conf.{scope}.accept_dad", 0)
            self.sysctl(f"net.ipv6.conf.{scope}.router_solicitations", 0)
            self.sysctl(f"net.ipv4.conf.{scope}.rp_filter", 0)

    def __repr__(self):
        return self.name

    def command(self, *words):
        return ("nsenter", f"--net={NETNS / self.full_name}", "--", *words)

    def run(self, *words, **options):
        return run(*self.command(*words), **options)

    def spawn(self, *words, **options):
        """Starts a process that ends with the lab."""
        return self.lab.spawn(*self.command(*words), **options)

    def ip(self, words, **options):
        """ip(8) with its words in one string; returns what it printed."""
        return self.run("ip", *words.split(), **options).stdout

    def ip_json(self, words):
        return json.loads(self.ip(f"-j -d {words}") or "[]")

    def sysctl(self, name, value=None):
        """Reads or writes a net.* sysctl of this namespace."""
        path = "/proc/sys/" + name.replace(".", "/")
        with self.entered():
            if value is not None:
                with open(path, "w", encoding="ascii") as file:
                    file.write(f"{value}\n")
            with open(path, encoding="ascii") as file:
                return file.read().strip()

    @contextlib.contextmanager
    def entered(self):
        """This thread is in the namespace: sockets made inside stay there."""
        with open("/proc/thread-self/ns/net", "rb") as home, \
                open(NETNS / self.full_name, "rb") as away:
            _enter(away.fileno())
            try:
                yield self
            finally:
                _enter(home.fileno())

    def link(self, device):
        """The device's attributes as ip -j prints them, or None."""
        found = [l for l in self.ip_json("link show") if l["ifname"] == device]
        return found[0] if found else None

    def mac(self, device):
        return self.link(device)["address"]

    def statistics(self, device):
        return self.ip_json(f"-s link show dev {device}")[0]["stats64"]

    def offloads(self, device, words):
        """offloads("eth1", "tso off tx-udp_tnl-segmentation off"): ethtool -K."""
        self.run("ethtool", "-K", device, *words.split())

    def cut_super_frames(self, device):
        """The device's far end sees frames of at most the MTU with complete checksums."""
        self.offloads(device, "tso off tx-udp_tnl-segmentation off tx-udp_tnl-csum-segmentation "
                              "off tx-udp-segmentation off gro on tx off sg on gso on")
