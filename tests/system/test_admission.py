# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may send into a segment?  Configured peers and ports, and nobody else on any path.

h1 is the one under attack; h2 is its peer, but only of segment red; the
stranger is a kernel VTEP that h1 was not told of.
"""
import socket

import pytest
from scapy.all import ARP, IP, TCP, UDP, Ether, Raw, fragment

from frames import BROADCAST, plain, tcp_super_frame, vxlan
from lab import (Container, LinuxPeer, Namespace, Sniffer, Switch, inject, iperf, next_mac, ping,
                 wait_until)
from lab.hypervisor import Hypervisor
from lab.topology import (configuration, underlay_address, underlay_addresses, vm_addresses,
                          with_kernel_peer)
from lab.traffic import rate

RED, BLUE = 100, 300


class Site:
    """The topology by name."""

    def __init__(self, lab):
        self.switch = Switch(lab, kind="super")
        self.h1 = Hypervisor(lab, "h1", configuration(
            1, [2], segments=[{"name": "red", "vni": RED}, {"name": "blue", "vni": BLUE}]))
        self.h1.config["peers"][0]["segments"] = ["red"]
        self.h2 = Namespace(lab, "h2")
        self.stranger = LinuxPeer(lab, "stranger", *underlay_addresses(66))
        for number, host in ((1, self.h1), (2, self.h2), (66, self.stranger)):
            self.switch.plug(host)
            for address in underlay_addresses(number):
                host.ip(f"address add {address} dev eth1")
        self.stranger.segment(BLUE, underlay_address(66), [underlay_address(1)])
        self.red = Container(self.h1, "red", vm_addresses(1), mtu=1450, segment="red")
        self.blue = Container(self.h1, "blue", vm_addresses(1), mtu=1450, segment="blue")
        self.evil = Container(self.stranger, "evil", vm_addresses(66), mtu=1450)
        self.h1.start()

    def packet(self, number, vni, inner, source=None, **ip):
        """A VXLAN packet to h1 from the machine with that number."""
        sender = {2: self.h2, 66: self.stranger}[number]
        return vxlan(sender.mac("eth1"), self.h1.mac("eth1"), source or underlay_address(number),
                     underlay_address(1), vni, inner, **ip)


@pytest.fixture(scope="module")
def site(lab):
    return Site(lab)


def _hears(sniffer, text):
    return sniffer.matching(lambda frame: text.encode() in frame)


def test_frames_of_a_sender_that_is_no_peer_are_dropped_and_counted(site):
    before = site.h1.dropped("unknown_peer")
    inner = [plain(next_mac(), BROADCAST, f"stranger {number}") for number in range(10)]
    with Sniffer(site.blue.space, "eth0") as blue, Sniffer(site.red.space, "eth0") as red:
        for vni in (RED, BLUE):
            inject(site.stranger, "eth1", *(site.packet(66, vni, frame) for frame in inner))
        wait_until(lambda: site.h1.dropped("unknown_peer") >= before + 20, what="20 drops")
        assert _hears(blue, "stranger") == [] and _hears(red, "stranger") == []
    assert site.h1.fdb() == [] or not any(e.get("peer") == underlay_address(66)
                                          for e in site.h1.fdb())


def test_a_peer_reaches_only_the_segments_that_it_is_in(site):
    before = site.h1.dropped("peer_not_in_segment")
    mac = next_mac()
    with Sniffer(site.blue.space, "eth0") as blue, Sniffer(site.red.space, "eth0") as red:
        inject(site.h2, "eth1", site.packet(2, BLUE, plain(mac, BROADCAST, "peer in blue")))
        inject(site.h2, "eth1", site.packet(2, RED, plain(mac, BROADCAST, "peer in red")))
        red.wait_for(lambda frame: b"peer in red" in frame)
        wait_until(lambda: site.h1.dropped("peer_not_in_segment") == before + 1, what="the drop")
        assert _hears(blue, "peer in") == [] and len(_hears(red, "peer in")) == 1


def test_super_frames_of_a_stranger_do_not_get_in_past_the_anchor(site):
    """GSO packets go through the kernel's tunnel device, which checks no sender."""
    before = site.h1.dropped("unknown_peer")
    with Sniffer(site.blue.space, "eth0", incoming_only=True) as blue:
        for _ in range(10):
            tcp_super_frame(site.evil.space, "eth0", site.evil.mac, site.blue.mac, site.evil.v4,
                            site.blue.v4, b"super stranger " * 1000)
        wait_until(lambda: site.h1.dropped("unknown_peer") >= before + 10, what="the drops")
        assert _hears(blue, "super stranger") == []


def test_the_same_super_frames_of_a_peer_are_delivered(own_lab):
    """The proof that the test above tests what it says."""
    _, _, v1, v2 = with_kernel_peer(own_lab, "super")
    with Sniffer(v1.space, "eth0", incoming_only=True) as sniffer:
        tcp_super_frame(v2.space, "eth0", v2.mac, v1.mac, v2.v4, v1.v4, b"super peer " * 1300)
        frame = sniffer.wait_for(lambda frame: b"super peer" in frame)
    assert len(frame) > 10000


def _fragments(packet):
    ether = Ether(packet)
    return [bytes(Ether(src=ether.src, dst=ether.dst) / piece)
            for piece in fragment(ether[IP], fragsize=800)]


def test_fragments_of_a_stranger_do_not_get_in_past_reassembly(site):
    before = site.h1.dropped("unknown_peer")
    inner = plain(next_mac(), BROADCAST, "fragment of a stranger", 1400)
    with Sniffer(site.blue.space, "eth0") as blue:
        pieces = _fragments(site.packet(66, BLUE, inner))
        assert len(pieces) == 2
        inject(site.stranger, "eth1", *pieces)
        wait_until(lambda: site.h1.dropped("unknown_peer") > before, what="the drop")
        assert _hears(blue, "fragment of") == []


def test_fragments_of_a_peer_are_reassembled_and_delivered(site):
    inner = plain(next_mac(), BROADCAST, "fragment of a peer", 1400)
    with Sniffer(site.red.space, "eth0") as red:
        inject(site.h2, "eth1", *_fragments(site.packet(2, RED, inner)))
        assert red.wait_for(lambda frame: frame == inner)


def test_a_fragmented_packet_into_a_foreign_segment_is_refused_by_name(site):
    before = site.h1.dropped("peer_not_in_segment")
    inner = plain(next_mac(), BROADCAST, "fragment into blue", 1400)
    with Sniffer(site.blue.space, "eth0") as blue:
        inject(site.h2, "eth1", *_fragments(site.packet(2, BLUE, inner)))
        wait_until(lambda: site.h1.dropped("peer_not_in_segment") == before + 1, what="the drop")
        assert _hears(blue, "fragment into") == []


def test_our_own_address_as_outer_source_is_refused(site):
    before = site.h1.dropped("own_address")
    inner = plain(next_mac(), BROADCAST, "from yourself")
    with Sniffer(site.red.space, "eth0") as red:
        inject(site.h2, "eth1", site.packet(2, RED, inner, source=underlay_address(1)))
        wait_until(lambda: site.h1.dropped("own_address") == before + 1, what="the drop")
        assert _hears(red, "from yourself") == []


def test_a_vm_cannot_forge_a_tunnel_packet(site):
    """What a VM sends is payload, also if it looks like the underlay's traffic."""
    inner = plain(next_mac(), site.red.mac, "forged")
    forged = vxlan(site.blue.mac, site.h1.mac("eth1"), underlay_address(2), underlay_address(1),
                   RED, inner)
    with Sniffer(site.red.space, "eth0", incoming_only=True) as red, \
            Sniffer(site.h2, "eth1", incoming_only=True) as wire_end:
        inject(site.blue.space, "eth0", forged)
        inject(site.blue.space, "eth0", plain(site.blue.mac, BROADCAST, "after the forged one"))
        wait_until(lambda: site.h1.traffic("port", site.blue.port)["rx-frames"] >= 2,
                   what="both to be seen by the switch")
        assert _hears(red, "forged") == []
        assert _hears(wire_end, "forged") == [], "blue has no peer: nothing may leave"


def _exchange_udp(client, server, address):
    """200 datagrams of three fragments each, one at a time: none may be lost or changed."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with server.entered():
        receiver = socket.socket(family, socket.SOCK_DGRAM)
        receiver.bind((address, 5000))
    with client.entered():
        sender = socket.socket(family, socket.SOCK_DGRAM)
    with sender, receiver:
        receiver.settimeout(5)
        for number in range(200):
            datagram = bytes([number]) * 4000
            sender.sendto(datagram, (address, 5000))
            assert receiver.recv(8000) == datagram


def test_the_hosts_own_traffic_on_the_underlay_is_undisturbed(site):
    for address in (underlay_address(1), underlay_address(1, 6)):
        assert ping(site.h2, address, count=200, interval=0.002).lost == 0
        assert ping(site.h2, address, count=20, size=4000).lost == 0, "host fragments"
        assert rate(iperf(site.h2, site.h1, address=address, seconds=1)) > 500e6
        _exchange_udp(site.h2, site.h1, address)
    assert rate(iperf(site.h1, site.h2, address=underlay_address(2), seconds=1)) > 500e6


def test_udp_that_is_not_for_our_port_reaches_the_host(site):
    for port in (4790, 8472, 6082):
        packet = bytes(Ether(src=site.h2.mac("eth1"), dst=site.h1.mac("eth1"))
                       / IP(src=underlay_address(2), dst=underlay_address(1))
                       / UDP(sport=50000, dport=port) / Raw(b"not for the switch"))
        with Sniffer(site.h2, "eth1", incoming_only=True) as answers:
            inject(site.h2, "eth1", packet)
            # Nobody listens: the host's stack says so, which shows that it got the packet.
            answers.wait_for(lambda frame: frame[23:24] == b"\x01" and frame[34:36] == b"\x03\x03")


@pytest.fixture
def curious(site):
    """A VM that claims an underlay address, on a port with the host's IPv6 switched on."""
    site.h1.sysctl(f"net.ipv6.conf.{site.blue.port}.disable_ipv6", 0)
    site.blue.space.ip("address add 192.0.2.50/24 dev eth0")
    site.blue.space.ip("address add 2001:db8::50/64 dev eth0")
    yield site.blue
    site.blue.space.ip("address del 192.0.2.50/24 dev eth0")
    site.blue.space.ip("address del 2001:db8::50/64 dev eth0")
    site.h1.sysctl(f"net.ipv6.conf.{site.blue.port}.disable_ipv6", 1)


def test_the_hosts_addresses_cannot_be_reached_through_a_port(site, curious):
    h1 = site.h1
    port_mac, underlay_mac = h1.mac(curious.port), h1.mac("eth1")
    tcp = [bytes(Ether(src=curious.mac, dst=mac) / IP(src="192.0.2.50", dst=underlay_address(1))
                 / TCP(sport=1000, dport=9, flags="S")) for mac in (port_mac, underlay_mac)]
    who_has = bytes(Ether(src=curious.mac, dst=BROADCAST)
                    / ARP(hwsrc=curious.mac, psrc="192.0.2.50", pdst=underlay_address(1)))
    with Sniffer(curious.space, "eth0", incoming_only=True) as answers:
        inject(curious.space, "eth0", who_has, *tcp)
        for mac in (port_mac, underlay_mac):
            for address in (underlay_address(1), underlay_address(1, 6)):
                curious.space.ip(f"neighbor replace {address} lladdr {mac} dev eth0")
                assert ping(curious, address, count=2, wait=0.2).received == 0
        assert answers.frames() == [], "the host answered a VM"


def test_an_anti_spoofing_port_lets_only_its_macs_send(site):
    h1, vm = site.h1, site.red
    assert h1.api("PATCH", f"ports/{vm.port}", {"macs": [vm.mac]})[0] in (200, 204)
    before = h1.dropped("mac_not_allowed")
    with Sniffer(site.h2, "eth1", incoming_only=True) as wire_end:
        inject(vm.space, "eth0", plain(next_mac(), BROADCAST, "spoofed"),
               plain(vm.mac, BROADCAST, "honest"))
        wire_end.wait_for(lambda frame: b"honest" in frame)
        assert _hears(wire_end, "spoofed") == []
    assert h1.dropped("mac_not_allowed") == before + 1
    assert h1.api("PATCH", f"ports/{vm.port}", {"macs": []})[0] in (200, 204)
