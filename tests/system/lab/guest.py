# SPDX-License-Identifier: GPL-2.0-or-later
"""What is a real VM of the lab?  A QEMU guest (TCG) on a tap with vnet_hdr.

Boots Debian's cloud kernel with a busybox root that tools/guest-image makes.
A shell on the second serial port is its remote control.
"""
import secrets
import shlex
import socket
import subprocess
import time

from .machine import Machine
from .run import REPOSITORY, CommandFailed, TimedOut, run, wait_until


def image():
    """The directory with vmlinuz and initrd, made on first use."""
    return run(REPOSITORY / "tools" / "guest-image", timeout=600).stdout.strip()


class Guest(Machine):
    """A running guest: eth0 is virtio-net, its far end the tap `port` of the host."""

    def __init__(self, host, name, addresses, mac=None, mtu=1500, port=None, plug=True,
                 segment=None, memory=160):
        super().__init__(host, name, addresses, mac, mtu, port)
        self.space = host
        self._directory = host.lab.directory
        self._make_tap()
        if plug:
            host.plug(self.port, segment)
        self._boot(memory)
        self._connect()
        self._configure()

    def _make_tap(self):
        self.host.ip(f"tuntap add dev {self.port} mode tap vnet_hdr")
        self.host.sysctl(f"net.ipv6.conf.{self.port}.disable_ipv6", 1)
        self.host.ip(f"link set {self.port} mtu {self.mtu} up")

    def _boot(self, memory):
        files = image()
        self._control = self._directory / f"{self.name}.control"
        self._console = self._directory / f"{self.name}.console"
        log = open(self._directory / f"{self.name}.qemu", "w", encoding="ascii")
        self.process = self.host.spawn(
            "qemu-system-x86_64", "-machine", "pc,accel=tcg", "-cpu", "max", "-m", memory,
            "-nodefaults", "-display", "none", "-no-reboot",
            "-kernel", f"{files}/vmlinuz", "-initrd", f"{files}/initrd",
            "-append", "console=ttyS0 quiet panic=-1 net.ifnames=0 mitigations=off",
            "-netdev", f"tap,id=nic,ifname={self.port},script=no,downscript=no,vhost=off",
            "-device", f"virtio-net-pci,netdev=nic,mac={self.mac},romfile=",
            "-serial", f"file:{self._console}",
            "-chardev", f"socket,id=control,path={self._control},server=on,wait=off",
            "-serial", "chardev:control", stdout=log, stderr=subprocess.STDOUT)
        log.close()

    def _connect(self):
        wait_until(lambda: self._control.exists() or self._died(), what="QEMU's control socket")
        self._shell = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.host.lab.defer(self._shell.close)
        self._shell.connect(str(self._control))
        self._read_until(b"GUEST-READY", 60)

    def _died(self):
        if self.process.poll() is not None:
            log = (self._directory / f"{self.name}.qemu").read_text()
            raise CommandFailed(f"QEMU ended: {log}")
        return False

    def _configure(self):
        self.run("ip", "link", "set", "eth0", "mtu", self.mtu, "up")
        for address in self.addresses:
            self.run("ip", "address", "add", address, "dev", "eth0")

    def _read_until(self, mark, timeout):
        end, data = time.monotonic() + timeout, b""
        while mark not in data:
            self._died()
            left = end - time.monotonic()
            if left <= 0:
                raise TimedOut(f"guest {self.name}: no {mark!r} in {data[-2000:]!r}")
            self._shell.settimeout(left)
            try:
                data += self._shell.recv(65536)
            except socket.timeout:
                continue
        return data

    def run(self, *words, check=True, timeout=60):
        """Runs a command in the guest; its output and errors come together as stdout."""
        mark = secrets.token_hex(8)
        # The path keeps busybox from running its own ping instead of the one copied in.
        command = " ".join(["/bin/" + words[0], *(shlex.quote(str(word)) for word in words[1:])])
        line = f"echo {mark[:8]}''{mark[8:]}; {command} </dev/null 2>&1; echo {mark}=$?\n"
        self._shell.sendall(line.encode())
        data = self._read_until(f"{mark}=".encode(), timeout)
        while not data.rsplit(f"{mark}=".encode(), 1)[1].endswith(b"\n"):
            data += self._read_until(b"\n", timeout)
        text = data.decode(errors="replace").replace("\r\n", "\n").split(f"{mark}\n", 1)[1]
        output, status = text.rsplit(f"{mark}=", 1)
        done = subprocess.CompletedProcess(words, int(status), output, "")
        if check and done.returncode != 0:
            raise CommandFailed(f"guest {self.name}: {command}: status {status}\n{output}")
        return done
