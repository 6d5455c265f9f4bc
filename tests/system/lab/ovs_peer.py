# SPDX-License-Identifier: GPL-2.0-or-later
"""What is a hypervisor that runs Open vSwitch's userspace datapath?

One database and one switch daemon per namespace.  br-phy owns the uplink with
its address and MAC, br-int the VM ports and the tunnels.  Its AF_PACKET ports
take partial checksums and super-frames for what they are not, so offloads are
off wherever it reads.
"""
import ipaddress
import os

from .netns import Namespace
from .run import wait_until

SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"


class OvsPeer(Namespace):
    """Needs its uplink (a wire) before start()."""

    def __init__(self, lab, name, *addresses):
        super().__init__(lab, name)
        self.addresses = [ipaddress.ip_interface(address) for address in addresses]
        self._directory = lab.directory / f"ovs-{name}"
        self._directory.mkdir()
        self._environment = {**os.environ, "OVS_RUNDIR": str(self._directory),
                             "OVS_LOGDIR": str(self._directory),
                             "OVS_DBDIR": str(self._directory)}
        self._n_tunnels = 0

    def _daemon(self, program, *words):
        log = self._directory / f"{program}.log"
        with open(log, "w", encoding="ascii") as output:
            self.spawn(program, *words, "-vconsole:warn", env=self._environment,
                       stdout=output, stderr=output)

    def vsctl(self, words):
        return self.run("ovs-vsctl", f"--db=unix:{self._directory}/db.sock", "--timeout=20",
                        *words.split(), env=self._environment).stdout

    def ofctl(self, command, *words):
        """OpenFlow to br-int."""
        return self.run("ovs-ofctl", command, f"unix:{self._directory}/br-int.mgmt", *words,
                        env=self._environment).stdout

    def appctl(self, words):
        return self.run("ovs-appctl", *words.split(), env=self._environment).stdout

    def _silence_kernel_on(self, uplink):
        """The kernel sees the uplink's frames too, and would answer for br-phy's addresses."""
        self.sysctl(f"net.ipv4.conf.{uplink}.rp_filter", 1)
        self.sysctl(f"net.ipv4.conf.{uplink}.arp_ignore", 8)
        self.sysctl(f"net.ipv6.conf.{uplink}.disable_ipv6", 1)

    def start(self, uplink="eth1"):
        self.run("ovsdb-tool", "create", self._directory / "conf.db", SCHEMA)
        self._daemon("ovsdb-server", self._directory / "conf.db",
                     f"--remote=punix:{self._directory}/db.sock", "--pidfile",
                     "--unixctl=" + str(self._directory / "ovsdb.ctl"))
        wait_until((self._directory / "db.sock").exists, what="ovsdb-server")
        self.vsctl("--no-wait init")
        self._daemon("ovs-vswitchd", f"unix:{self._directory}/db.sock", "--pidfile")
        wait_until((self._directory / "ovs-vswitchd.pid").exists, what="ovs-vswitchd")
        mac = self.mac(uplink)
        self._silence_kernel_on(uplink)
        self.offloads(uplink, "tso off gso off gro off tx off")
        self.vsctl(f"add-br br-phy -- set bridge br-phy datapath_type=netdev "
                   f"fail_mode=standalone other_config:hwaddr={mac} -- add-port br-phy {uplink}")
        self.vsctl("add-br br-int -- set bridge br-int datapath_type=netdev fail_mode=standalone")
        self.offloads("br-phy", "tx off")
        self.ip(f"link set {uplink} up")
        self.ip("link set br-phy up")
        for address in self.addresses:
            self.ip(f"address add {address} dev br-phy")

    def tunnel(self, vni, remote, kind="vxlan", options=""):
        """Several tunnels in one bridge would loop broadcasts: each is `protected`.

        Returns the tunnel's port in br-int.
        """
        self._n_tunnels += 1
        name = f"tun{self._n_tunnels}"
        self.vsctl(f"add-port br-int {name} -- set port {name} protected=true -- set interface "
                   f"{name} type={kind} options:remote_ip={remote} options:key={vni} {options}")
        return name

    def plug(self, port, _segment=None):
        self.offloads(port, "tso off gso off gro off tx off")
        self.vsctl(f"add-port br-int {port}")

    def adopt(self, container):
        """Makes a container's NIC one that OVS reads right: no offloads inside either."""
        container.space.offloads("eth0", "tso off gso off gro off tx off")
