# SPDX-License-Identifier: GPL-2.0-or-later
"""Does a hypervisor on Linux 6.1, the oldest supported, talk to one on the test machine's kernel?

The guest is the hypervisor here: our daemon runs in it, its virtio-net NIC is
the underlay, its VM a namespace. Its far end is a tap of h1.
"""
import gzip
import json
import shutil
import subprocess

import pytest

from lab import Container, Guest, iperf, ping, wait_until
from lab import guest as guest_module
from lab.hypervisor import build_directory
from lab.topology import VNI, ours, underlay_address, underlay_addresses, vm_addresses
from lab.traffic import rate

SOCKET = "/run/overlaid/overlaid.sock"
CONFIGURATION = f"""\
underlay: {{device: eth0, address: {underlay_address(2)}}}
segments: [{{name: blue, vni: {VNI}}}]
peers: [{{address: {underlay_address(1)}}}]
ports: [{{device: port0, segment: blue}}]
"""


def with_libraries(program):
    """The program's file and those of the libraries that it links."""
    done = subprocess.run(["ldd", program], check=True, capture_output=True, text=True)
    return [program] + [word for word in done.stdout.split() if word.startswith("/")]


def archive(root):
    """The tree as a compressed cpio archive: the kernel unpacks one after the other."""
    names = subprocess.run(["find", "."], cwd=root, check=True, capture_output=True).stdout
    done = subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=root, input=names,
                          check=True, capture_output=True)
    return gzip.compress(done.stdout, 1)


def write_tree(root):
    programs = {"overlaid": build_directory() / "overlaid",
                "overlayctl": build_directory() / "overlayctl",
                "tc": shutil.which("tc")}
    for name, path in programs.items():
        for file in with_libraries(str(path)):
            target = root / ("bin/" + name if file == str(path) else file.lstrip("/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    for directory in ("etc/overlaid", "run", "var/run/netns"):
        (root / directory).mkdir(parents=True, exist_ok=True)
    (root / "etc/overlaid/overlaid.yaml").write_text(CONFIGURATION, encoding="ascii")


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The lab's guest with our programs in it."""
    base, made = guest_module.image(), tmp_path_factory.mktemp("image")
    tree = made / "tree"
    write_tree(tree)
    (made / "vmlinuz").symlink_to(f"{base}/vmlinuz")
    with open(f"{base}/initrd", "rb") as initrd:
        (made / "initrd").write_bytes(initrd.read() + archive(tree))
    return made


def become_hypervisor(guest):
    for command in (
            "mount -t bpf bpf /sys/fs/bpf",
            "ip-full netns add vm",
            "ip-full link add port0 type veth peer name eth0 netns vm",
            "ip-full link set port0 up",
            "ip-full -n vm link set lo up",
            "ip-full -n vm link set eth0 mtu 1450 up",
            "ip-full -n vm address add 10.0.0.2/24 dev eth0",
            "ip-full -n vm address add fd00::2/64 dev eth0 nodad"):
        guest.run(*command.split())
    guest.run("sh", "-c", "overlaid --config /etc/overlaid/overlaid.yaml >/tmp/log 2>&1 &")
    try:
        wait_until(lambda: guest.run("overlayctl", "status", check=False).returncode == 0,
                   deadline=60, what="the daemon in the guest")
    except AssertionError:
        print(guest.run("cat", "/tmp/log").stdout)
        raise


class GuestVm:
    """The VM inside the guest: what ping() and iperf() need of one."""

    def __init__(self, guest):
        self.guest, self.v4, self.v6, self.name = guest, "10.0.0.2", "fd00::2", "guest-vm"

    def run(self, *words, **options):
        return self.guest.run("ip-full", "netns", "exec", "vm", *words, **options)


@pytest.fixture(scope="module")
def hypervisors(lab, image):
    """h1 with a container, the guest hypervisor, and its VM."""
    patch = pytest.MonkeyPatch()
    patch.setattr(guest_module, "image", lambda: image)
    h1 = ours(lab, 1, [2], device="wire")
    guest = Guest(h1, "old", [underlay_addresses(2)[0]], port="wire", plug=False, memory=320)
    patch.undo()
    h1.ip(f"address add {underlay_addresses(1)[0]} dev wire")
    vm = Container(h1, "v1", vm_addresses(1), mtu=1450)
    h1.start()
    become_hypervisor(guest)
    return h1, guest, vm, GuestVm(guest)


def test_the_guest_runs_the_oldest_supported_kernel(hypervisors):
    _, guest, *_ = hypervisors
    assert guest.run("uname", "-r").stdout.startswith("6.1.")


def test_programs_are_attached_by_clsact_where_there_is_no_tcx(hypervisors):
    _, guest, *_ = hypervisors
    status = json.loads(guest.run("overlayctl", "--json", "status").stdout)
    assert [device["hook"] for device in status["devices"]] == ["clsact"]
    assert "from_port" in guest.run("tc", "filter", "show", "dev", "port0", "ingress").stdout


def test_vms_on_the_old_and_the_new_kernel_ping_each_other(hypervisors):
    *_, vm, other = hypervisors
    assert ping(vm, other.v4, count=10, interval=0.1).lost == 0
    assert ping(vm, other.v6, count=10, interval=0.1).lost == 0


def test_what_does_not_fit_is_answered_on_the_old_kernel_too(hypervisors):
    _, guest, vm, _ = hypervisors
    guest.run("ip-full", "-n", "vm", "link", "set", "eth0", "mtu", "1500")
    try:
        done = guest.run("ip-full", "netns", "exec", "vm", "/bin/ping", "-c", "3", "-i", "0.3",
                         "-s", "1450", vm.v4, check=False)
    finally:
        guest.run("ip-full", "-n", "vm", "link", "set", "eth0", "mtu", "1450")
    assert "mtu = 1450" in done.stdout and "2 received" in done.stdout, done.stdout


def test_tcp_runs_from_the_new_kernel_to_the_old_one(hypervisors):
    *_, vm, other = hypervisors
    # interpreted code: a black hole would show, the speed says nothing
    assert rate(iperf(vm, other)) > 20e6
