# SPDX-License-Identifier: GPL-2.0-or-later
"""Does a hypervisor of ours talk to one that is nothing but the Linux kernel?"""
import dataclasses

import pytest
from scapy.all import Ether, Raw

from lab import Capture, Lab, Sniffer, inject, iperf, ping, wait_until
from lab.topology import VNI, underlay_address, with_kernel_peer
from lab.traffic import rate


@dataclasses.dataclass
class Case:
    family: int
    flood: str
    wire: str
    checksum: bool = False
    port: int = 4789

    def __str__(self):
        return f"v{self.family}-{self.flood}-{self.wire}" + ("-udpcsum" if self.checksum else "") \
            + (f"-port{self.port}" if self.port != 4789 else "")


CASES = [Case(4, "unicast", "super"), Case(4, "head-end", "cut"), Case(6, "unicast", "cut"),
         Case(6, "head-end", "super"), Case(4, "unicast", "cut", checksum=True),
         Case(6, "unicast", "super", checksum=True, port=8472)]


@pytest.fixture(scope="module", params=CASES, ids=str)
def pair(request):
    case = request.param
    with Lab("kernel-peer") as lab:
        yield (case, *with_kernel_peer(lab, case.wire, case.family, flood=case.flood,
                                       udp_checksum=case.checksum, port=case.port))


def test_pings_of_both_families_cross_in_both_directions(pair):
    _, _, _, v1, v2 = pair
    for source, target in ((v1, v2), (v2, v1)):
        for address in (target.v4, target.v6):
            # The first one waits for ARP or ND; none may be lost.
            assert ping(source, address, count=20).lost == 0, address


def test_both_sides_learn_where_the_other_vm_lives(pair):
    case, h1, h2, v1, v2 = pair
    assert ping(v1, v2.v4).lost == 0
    entry = h1.fdb_entry(v2.mac)
    assert entry and entry["peer"] == underlay_address(2, case.family)
    assert entry["source"] == "learned"
    assert h1.fdb_entry(v1.mac)["port"] == v1.port
    assert h2.learned(VNI, v1.mac) == underlay_address(1, case.family)


def test_tcp_runs_both_ways_with_segmentation_offload_in_the_vms(pair):
    case, h1, _, v1, v2 = pair
    assert "tcp-segmentation-offload: on" in v1.run("ethtool", "-k", "eth0").stdout
    with Capture(h1, "eth1", outbound=True) as capture:
        iperf(v1, v2, amount="16M")
    forth, back = rate(iperf(v1, v2)), rate(iperf(v2, v1))
    assert min(forth, back) > 200e6, (forth, back)
    longest = max(capture.lengths())
    if case.wire == "super":
        assert longest > 10000, "super-frames were cut in software"
    else:
        assert longest <= 1514


def test_tcp_over_ipv6_runs_both_ways(pair):
    _, _, _, v1, v2 = pair
    assert rate(iperf(v1, v2, address=v2.v6)) > 200e6
    assert rate(iperf(v2, v1, address=v1.v6)) > 200e6


def _broadcast(vm, number):
    return bytes(Ether(src=vm.mac, dst="ff:ff:ff:ff:ff:ff", type=0x88b5) / Raw(
        b"broadcast %3d" % number + bytes(60)))


def test_each_broadcast_arrives_once_and_is_counted(pair):
    _, h1, _, v1, v2 = pair
    for source, target in ((v1, v2), (v2, v1)):
        before = h1.traffic("segment", "blue")["flooded"]
        with Sniffer(target.space, "eth0", incoming_only=True) as sniffer:
            sent = [_broadcast(source, number) for number in range(50)]
            inject(source.space, "eth0", *sent)
            sniffer.wait_for(lambda frame, last=sent[-1]: frame == last)
            got = [frame for frame in sniffer.frames() if frame[12:14] == b"\x88\xb5"]
        assert got == sent
        wait_until(lambda low=before: h1.traffic("segment", "blue")["flooded"] >= low + 50,
                   what="50 counted floods")


def test_an_unknown_unicast_is_flooded_to_the_peer(pair):
    _, _, _, v1, v2 = pair
    nobody = bytes(Ether(src=v1.mac, dst="02:00:00:00:be:ef", type=0x88b5) / Raw(bytes(46)))
    # A VM's NIC drops what is not its own, but a sniffer sees it first.
    with Sniffer(v2.space, "eth0", incoming_only=True) as sniffer:
        inject(v1.space, "eth0", nobody)
        assert sniffer.wait_for(lambda frame: frame == nobody)


def test_tshark_has_no_complaint_about_any_frame_on_the_wire(pair):
    case, h1, _, v1, v2 = pair
    # A super-frame wire carries partial checksums and frames that no snap length holds.
    is_cut = case.wire == "cut"
    with Capture(h1, "eth1", outbound=True, snap=2000 if is_cut else 65550, buffer_mib=64) as capture:
        for address in (v2.v4, v2.v6):
            assert ping(v1, address, size=1000).lost == 0
            iperf(v1, v2, address=address, amount="8M")
            iperf(v1, v2, address=address, amount="4M", extra=("-u", "-b", "200M", "-l", "1200"))
        inject(v1.space, "eth0", _broadcast(v1, 1))
    sent = capture.select(f"eth.src == {h1.mac('eth1')} and vxlan")
    assert len(sent) > (5000 if is_cut else 200)
    assert capture.complaints(checksums=is_cut) == []


def _outer(frame, family):
    """(TTL, DF, source port, UDP checksum) of an outer header without options."""
    udp = 34 if family == 4 else 54
    ttl = frame[22] if family == 4 else frame[21]
    is_df = bool(frame[20] & 0x40) if family == 4 else True
    return (ttl, is_df, int.from_bytes(frame[udp:udp + 2], "big"),
            int.from_bytes(frame[udp + 6:udp + 8], "big"))


def test_outer_headers_are_what_rfc_7348_and_our_defaults_say(pair):
    """DF set, TTL 64, checksum zero, and one source port per flow out of 49152 to 65535."""
    case, h1, _, v1, v2 = pair
    with Capture(h1, "eth1", f"udp dst port {case.port}", outbound=True) as capture:
        assert ping(v1, v2.v4, count=10, size=1000).lost == 0
        iperf(v1, v2, amount="2M", streams=8)
        inject(v1.space, "eth0", _broadcast(v1, 1))
        assert ping(v1, v2.v6, count=10).lost == 0
    headers = [_outer(frame, case.family) for frame in capture.frames()]
    assert len(headers) > 50
    assert {(ttl, is_df, checksum) for ttl, is_df, _, checksum in headers} == {(64, True, 0)}
    ports = {port for _, _, port, _ in headers}
    assert min(ports) >= 49152
    assert len(ports) >= 6, "eight streams and more share few ports"
    echoes = capture.select("vxlan and icmp.type == 8", "udp.srcport")
    assert len(echoes) == 10 and len(set(echoes)) == 1, "one flow, several ports"
