# SPDX-License-Identifier: GPL-2.0-or-later
"""Does every kind of frame cross in every envelope, over both families, in both directions?

{envelope} x {underlay} x {untagged, tagged} x {TCP, UDP, ICMP, ARP} x {small, as
long as the MTU, super-frame}; TCP, UDP and ICMP each over IPv4 and IPv6.  The
wire is cut to the MTU, and tshark reads all that was on it.
"""
import dataclasses
import itertools
import struct

import pytest
from scapy.all import (ARP, ICMP, IP, TCP, UDP, Dot1Q, Ether, ICMPv6EchoRequest, IPv6, Raw)

from frames import internet_sum, send_with_offload
from lab import Capture, Container, Lab, Sniffer, iperf, ping, wait_until, wire
from lab.topology import VNI, ours, underlay_address, underlay_addresses, vm_addresses
from lab.traffic import rate

KINDS = ("vxlan", "geneve", "nvgre", "gre", "stt")
VM_MTU = 1400   # fits every envelope on a wire of 1500
TAG = 7
GSO_TCPV4, GSO_TCPV6, GSO_UDP = 1, 4, 5     # struct virtio_net_hdr


@dataclasses.dataclass
class Site:
    kind: str
    family: int
    h1: object
    h2: object
    v1: object
    v2: object
    capture: object


@pytest.fixture(scope="module", params=itertools.product(KINDS, (4, 6)),
                ids=lambda param: f"{param[0]}-v{param[1]}")
def site(request):
    kind, family = request.param
    with Lab("envelopes") as lab:
        hosts, vms = [], []
        for number in (1, 2):
            host = ours(lab, number, [3 - number], family,
                        segments=[{"name": "blue", "vni": VNI, "vlan-tags": "carry"}])
            host.config["peers"][0]["encapsulation"] = kind
            hosts.append(host)
        wire(*hosts, "cut")
        for number, host in enumerate(hosts, 1):
            host.address(*underlay_addresses(number))
            vms.append(Container(host, f"v{number}", vm_addresses(number), mtu=VM_MTU))
            host.start()
        for source, target in (vms, vms[::-1]):
            wait_until(lambda s=source, t=target: ping(s, t.v4, count=1).lost == 0,
                       what=f"a ping over {kind}")
        with Capture(hosts[0], "eth1", outbound=True, buffer_mib=64) as capture:
            yield Site(kind, family, *hosts, *vms, capture)


@dataclasses.dataclass
class Traffic:
    """One frame to send, and how to know it again."""
    frame: bytes
    payload: bytes
    protocol: type
    offload: dict = dataclasses.field(default_factory=dict)


def _layers(source, target, inner, tagged):
    ethernet = Ether(src=source.mac, dst=target.mac)
    if tagged:
        ethernet /= Dot1Q(vlan=TAG, prio=3)
    if inner == 4:
        return ethernet / IP(src=source.v4, dst=target.v4, id=4711, flags="DF")
    return ethernet / IPv6(src=source.v6, dst=target.v6)


def _payload(size):
    return bytes(itertools.islice(itertools.cycle(b"every envelope carries this; "), size))


def _pseudo_sum(packet, protocol, length):
    layer = packet[IP] if IP in packet else packet[IPv6]
    addresses = bytes(layer)[12:20] if IP in packet else bytes(layer)[8:40]
    return internet_sum(addresses + struct.pack("!IHBB", length, 0, 0, protocol))


def _super(packet, inner, protocol, payload):
    """The frame with a bare pseudo-header sum, and what its virtio-net header says."""
    layer, number, field, header = (TCP, 6, 16, 20) if protocol is TCP else (UDP, 17, 6, 8)
    raw = bytearray(bytes(packet))
    start = len(raw) - len(payload) - header
    length = len(payload) + header
    raw[start + field:start + field + 2] = struct.pack(
        "!H", _pseudo_sum(packet, number, length))
    segment = VM_MTU - (20 if inner == 4 else 40) - header
    gso_type = GSO_UDP if layer is UDP else GSO_TCPV4 if inner == 4 else GSO_TCPV6
    return bytes(raw), {"gso_type": gso_type, "gso_size": segment, "header_bytes": start + header,
                        "checksum_start": start, "checksum_offset": field}


def _make(source, target, inner, tagged, protocol, size):
    """A frame of the protocol, `size` one of small, mtu, super."""
    if protocol is ARP:
        packet = Ether(src=source.mac, dst=target.mac)
        if tagged:
            packet /= Dot1Q(vlan=TAG, prio=3)
        # of addresses that nobody has: no host answers
        packet /= ARP(op=1, hwsrc=source.mac, psrc="10.9.9.1", pdst="10.9.9.2")
        return Traffic(bytes(packet), b"", ARP)
    header = 20 if protocol is TCP else 8
    room = VM_MTU - (20 if inner == 4 else 40) - header
    payload = _payload({"small": 5, "mtu": room, "super": 12 * room + 100}[size])
    packet = _layers(source, target, inner, tagged)
    if protocol is TCP:
        packet /= TCP(sport=2000, dport=2001, seq=1000, flags="PA")
    elif protocol is UDP:
        packet /= UDP(sport=2000, dport=2001)
    else:
        packet /= ICMP(type=8, id=77) if inner == 4 else ICMPv6EchoRequest(id=77)
    packet /= Raw(payload)
    if size == "super":
        return Traffic(*_swap(_super(packet, inner, protocol, payload), payload, protocol))
    return Traffic(bytes(packet), payload, protocol)


def _swap(made, payload, protocol):
    frame, offload = made
    return frame, payload, protocol, offload


def _is_it(frame, traffic, source):
    """The frame, or a piece of the super-frame."""
    sent = traffic.frame
    if frame[6:12] != bytes.fromhex(source.mac.replace(":", "")) or frame[12:14] != sent[12:14]:
        return False
    packet, original = Ether(frame), Ether(sent[:200])
    if traffic.protocol is ARP:
        return ARP in packet and packet[ARP].pdst == "10.9.9.2"
    if traffic.protocol in (TCP, UDP):
        return traffic.protocol in packet and packet[traffic.protocol].dport == 2001
    layer = ICMP if ICMP in original else ICMPv6EchoRequest
    return layer in packet and packet[layer].id == 77


def _arrived(frames, traffic):
    """The payload put together again; None while something is missing."""
    pieces = []
    for frame in frames:
        packet = Ether(frame)
        if traffic.protocol is TCP:
            data = packet[TCP].payload.original[:_length(packet) - 20]
            pieces.append((packet[TCP].seq - 1000, data))
        else:
            pieces.append((len(pieces), packet[UDP].payload.original[:packet[UDP].len - 8]))
    data = b"".join(piece for _, piece in sorted(pieces))
    return data if len(data) >= len(traffic.payload) else None


def _length(packet):
    """Of the layer 4 part."""
    return packet[IP].len - packet[IP].ihl * 4 if IP in packet else packet[IPv6].plen


def _crosses(site, source, target, traffic, whole):
    with Sniffer(target.space, "eth0", incoming_only=True, tags=True) as sniffer:
        if traffic.offload:
            send_with_offload(source.space, "eth0", traffic.frame, **traffic.offload)
        else:
            send_with_offload(source.space, "eth0", traffic.frame)
        seen = lambda: sniffer.matching(lambda f: _is_it(f, traffic, source))  # noqa: E731
        if whole:
            wait_until(seen, 5, f"the frame from {source.name}", interval=0.005)
            assert [f[:len(traffic.frame)] for f in seen()] == [traffic.frame]
        else:
            wait_until(lambda: _arrived(seen(), traffic), 5, "all pieces", interval=0.01)
            assert _arrived(seen(), traffic) == traffic.payload


def _is_dropped(site, source, _target, traffic, whole):
    """RFC 7637 section 3.3: NVGRE carries no tags."""
    host = site.h1 if source is site.v1 else site.h2
    before = host.dropped("inner_vlan")
    send_with_offload(source.space, "eth0", traffic.frame, **traffic.offload)
    # a super-frame counts as its segments
    wait_until(lambda: host.dropped("inner_vlan") >= before + (1 if whole else 12),
               what="the drop")


CASES = [(protocol, size) for protocol in (TCP, UDP, ICMP, ARP)
         for size in ("small", "mtu", "super")
         if not (size == "super" and protocol in (ICMP, ARP)) and not (
             size == "mtu" and protocol is ARP)]


@pytest.mark.parametrize("tagged", [False, True], ids=["untagged", "tagged"])
@pytest.mark.parametrize("protocol, size", CASES,
                         ids=[f"{protocol.__name__}-{size}" for protocol, size in CASES])
def test_it_arrives_as_it_was_sent(site, protocol, size, tagged):
    crosses = _is_dropped if site.kind == "nvgre" and tagged else _crosses
    for source, target in ((site.v1, site.v2), (site.v2, site.v1)):
        for inner in (4,) if protocol is ARP else (4, 6):
            traffic = _make(source, target, inner, tagged, protocol, size)
            crosses(site, source, target, traffic, whole=size != "super")


def test_tcp_runs_both_ways(site):
    for source, target in ((site.v1, site.v2), (site.v2, site.v1)):
        assert rate(iperf(source, target, amount="16M")) > 100e6
        assert rate(iperf(source, target, address=target.v6, amount="16M")) > 100e6


def test_the_peer_is_sent_the_envelope_that_it_was_given(site):
    """Last: what was on the wire until now."""
    site.capture.stop()
    number = {"vxlan": "udp.dstport == 4789", "geneve": "udp.dstport == 6081",
              "nvgre": "gre.proto == 0x6558", "gre": "gre.proto == 0x6558",
              "stt": "tcp.dstport == 7471"}[site.kind]
    source = "ip.src" if site.family == 4 else "ipv6.src"
    ours_to_peer = f"{source} == {underlay_address(1, site.family)}"
    assert len(site.capture.select(f"({number}) and {ours_to_peer}")) > 1000
    assert max(site.capture.lengths()) <= 1514
    assert site.capture.complaints() == []
