# SPDX-License-Identifier: GPL-2.0-or-later
"""Is there a size of packet that vanishes?  VM MTU 1500 over an underlay of 1500.

What does not fit is cut smaller (TCP), refused with an ICMP error that the VM
understands (DF, IPv6), fragmented (IPv4 without DF) or dropped by name.
"""
import re
import socket
import struct
import time

import pytest
from scapy.all import IP, ICMPv6PacketTooBig, IPv6

from frames import internet_sum, plain
from lab import Capture, Lab, Sniffer, inject, iperf, ping, wait_until
from lab.topology import OVERHEAD, two_hypervisors, with_kernel_peer
from lab.traffic import rate

SMALL = [56, 200, 600, 1000, 1300, 1380]
MANY = SMALL + list(range(1396, 1476, 4)) + list(range(1418, 1432)) + list(range(1468, 1476)) \
    + [1500, 2000, 2944, 2945, 2960, 2961, 3500, 4000]


@pytest.fixture(scope="module", params=[4, 6], ids=["underlay-v4", "underlay-v6"])
def pair(request):
    """VMs of MTU 1500 whose packets have 1450 or 1430 bytes of room."""
    with Lab("mtu") as lab:
        yield request.param, *two_hypervisors(lab, "cut", request.param, vm_mtu=1500)


@pytest.fixture
def fresh(pair):
    """The pair with VMs that have not been taught any MTU yet."""
    for vm in pair[3:]:
        vm.forget_neighbors()
        vm.space.ip("-6 route flush table main cache")
    # The kernel forgets a learned path MTU only with the route that taught it.
    for vm in pair[3:]:
        for address in vm.addresses:
            vm.space.ip(f"address del {address} dev eth0")
            vm.space.ip(f"address add {address} dev eth0")
    return pair


def test_ping_of_every_size_gets_an_answer_without_df(fresh):
    _, _, _, v1, v2 = fresh
    for source, target in ((v1, v2), (v2, v1)):
        lost = [size for size in sorted(set(MANY))
                if ping(source, target.v4, count=1, size=size, df=False, wait=2).lost]
        assert lost == [], "sizes that got no answer"


def test_ping_of_every_size_gets_an_answer_with_df(fresh):
    """An echo reply where it fits, else the news of what fits."""
    family, _, _, v1, v2 = fresh
    limit = 1500 - OVERHEAD[family]
    for source, target in ((v1, v2), (v2, v1)):
        for size in [s for s in sorted(set(MANY)) if s <= 1472]:
            result = ping(source, target.v4, count=1, size=size, df=True, wait=2)
            if size + 28 <= limit:
                assert result.lost == 0, size
            else:
                assert re.search(rf"mtu ?= ?{limit}\b", result.output), (size, result.output)


def test_ping6_of_every_size_gets_an_answer(fresh):
    family, _, _, v1, v2 = fresh
    limit = 1500 - OVERHEAD[family]
    # The first big one teaches the sender, which then cuts by itself: also its answers.
    for source, target in ((v1, v2), (v2, v1)):
        ping(source, target.v6, count=1, size=1452, wait=0.2)
    for source, target in ((v1, v2), (v2, v1)):
        for size in sorted(set(MANY)):
            assert ping(source, target.v6, count=1, size=size, wait=2).lost == 0, size
        route = source.space.ip(f"-6 route get {target.v6}")
        assert f"mtu {limit}" in route


def test_the_icmp_error_is_one_that_rfc_792_and_1191_describe(fresh):
    family, _, _, v1, v2 = fresh
    with Sniffer(v1.space, "eth0", incoming_only=True) as sniffer:
        ping(v1, v2.v4, count=1, size=1472, df=True, wait=0.2)
        frame = sniffer.wait_for(lambda f: f[12:14] == b"\x08\x00" and f[23] == 1
                                 and f[34:36] == b"\x03\x04")
    packet = IP(frame[14:])
    icmp = frame[34:14 + packet.len]
    assert internet_sum(frame[14:34]) == 0xffff and internet_sum(icmp) == 0xffff
    assert struct.unpack("!H", icmp[6:8])[0] == 1500 - OVERHEAD[family]
    assert (packet.src, packet.dst) == (v2.v4, v1.v4)
    quote = IP(icmp[8:])
    assert (quote.src, quote.dst, quote.len, quote.proto) == (v1.v4, v2.v4, 1500, 1)
    assert len(icmp) >= 8 + 20 + 8 and icmp[28] == 8, "the quote holds the echo request's head"
    assert frame[0:6] == bytes.fromhex(v1.mac.replace(":", ""))


def test_the_icmpv6_error_is_one_that_rfc_4443_describes(fresh):
    family, _, _, v1, v2 = fresh
    with Sniffer(v1.space, "eth0", incoming_only=True) as sniffer:
        ping(v1, v2.v6, count=1, size=1452, wait=0.2)
        frame = sniffer.wait_for(lambda f: f[12:14] == b"\x86\xdd" and f[20] == 58 and f[54] == 2)
    packet = IPv6(frame[14:])
    message = frame[54:54 + packet.plen]
    pseudo = frame[22:54] + struct.pack("!II", packet.plen, 58)
    assert internet_sum(pseudo + message) == 0xffff
    assert packet[ICMPv6PacketTooBig].mtu == 1500 - OVERHEAD[family]
    assert (packet.src, packet.dst) == (v2.v6, v1.v6)
    quote = IPv6(message[8:])
    assert (quote.src, quote.dst, quote.plen) == (v1.v6, v2.v6, 1460)
    assert len(frame) - 14 <= 1280


def test_icmp_errors_are_limited_in_number(pair):
    _, h1, _, v1, v2 = pair
    family = pair[0]
    assert ping(v1, v2.v4).lost == 0
    big = bytes(IP(src=v1.v4, dst=v2.v4, flags="DF") / (b"\0" * 1480))
    head = bytes.fromhex((v2.mac + v1.mac).replace(":", "")) + b"\x08\x00"
    silent = h1.dropped("too_big_silent")
    with Sniffer(v1.space, "eth0", incoming_only=True) as sniffer:
        start = time.monotonic()
        inject(v1.space, "eth0", *[head + big] * 1000)
        took = time.monotonic() - start
        wait_until(lambda: h1.dropped("too_big_silent") > silent, what="unanswered ones")
        errors = sniffer.matching(lambda f: f[23:24] == b"\x01" and f[34:36] == b"\x03\x04")
    assert 1 <= len(errors) <= 100 * (took + 2), (family, len(errors))


def _throughput(pair, direction, mtu):
    _, _, _, v1, v2 = pair
    for vm in (v1, v2):
        vm.space.ip(f"link set eth0 mtu {mtu}")
    client, server = (v1, v2) if direction == "forth" else (v2, v1)
    return rate(iperf(client, server, seconds=2))


@pytest.mark.parametrize("direction", ["forth", "back"])
def test_tcp_that_does_not_fit_runs_nearly_as_fast_as_tcp_that_fits(pair, direction):
    family = pair[0]
    limit = 1500 - OVERHEAD[family]
    # Rounds of both, because other work on the machine slows either.
    ratios = []
    for _ in range(3):
        fitting = _throughput(pair, direction, limit)
        ratios.append(_throughput(pair, direction, 1500) / fitting)
        if max(ratios) >= 0.7:
            break
    for vm in pair[3:]:
        vm.space.ip("link set eth0 mtu 1500")
    assert max(ratios) >= 0.7, ratios


def test_nothing_longer_than_the_mtu_reaches_the_wire(fresh):
    _, h1, h2, v1, v2 = fresh
    captures = [Capture(h, "eth1", outbound=True) for h in (h1, h2)]
    for address, back in ((v2.v4, v1.v4), (v2.v6, v1.v6)):
        iperf(v1, v2, address=address, amount="4M")
        iperf(v2, v1, address=back, amount="4M")
        for size in (1300, 1472, 3000):
            ping(v1, address, count=2, size=size)
    for capture in captures:
        assert max(capture.lengths()) <= 1514
        assert len(capture.frames()) > 1500
        assert capture.complaints() == []


def test_a_frame_that_is_not_ip_and_too_big_is_dropped_by_name(pair):
    _, h1, _, v1, v2 = pair
    assert ping(v1, v2.v4).lost == 0
    before = h1.dropped("too_big")
    with Sniffer(v2.space, "eth0", incoming_only=True) as sniffer:
        inject(v1.space, "eth0", plain(v1.mac, v2.mac, "too big a frame", 1514),
               plain(v1.mac, v2.mac, "small enough a frame"))
        sniffer.wait_for(lambda frame: b"small enough" in frame)
        assert not sniffer.matching(lambda frame: b"too big a" in frame)
    assert h1.dropped("too_big") == before + 1


UDP_SEGMENT, IP_MTU_DISCOVER, IP_PMTUDISC_DONT = 103, 10, 0


def _udp_super_frames(v1, v2, size, n_sends=5, per_send=20):
    """Sends bursts with UDP_SEGMENT and returns the datagrams that arrived, in order."""
    with v2.space.entered():
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.bind((v2.v4, 7000))
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    with v1.space.entered():
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sender, receiver:
        sender.setsockopt(socket.SOL_UDP, UDP_SEGMENT, size)
        sender.setsockopt(socket.SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
        want = [struct.pack("!I", number).ljust(size, b"u") for number in range(n_sends * per_send)]
        for burst in range(n_sends):
            sender.sendto(b"".join(want[burst * per_send:(burst + 1) * per_send]), (v2.v4, 7000))
        receiver.settimeout(3)
        got = []
        try:
            while len(got) < len(want):
                got.append(receiver.recv(65536))
        except socket.timeout:
            pass
        return want, got


@pytest.mark.parametrize("size", [600, 1372])
def test_udp_super_frames_that_fit_arrive_whole_and_in_order(pair, size):
    _, _, _, v1, v2 = pair
    assert ping(v1, v2.v4).lost == 0
    want, got = _udp_super_frames(v1, v2, size)
    assert got == want


def test_udp_super_frames_that_do_not_fit_are_fragmented_or_dropped_by_name(fresh):
    """The kernel cuts them into fragments over IPv4; over IPv6 it cannot."""
    family, h1, _, v1, v2 = fresh
    assert ping(v1, v2.v4).lost == 0
    before = h1.dropped("too_big")
    want, got = _udp_super_frames(v1, v2, 1472)
    if family == 4:
        assert sorted(got) == want
    assert len(got) + h1.dropped("too_big") - before == len(want)


def test_a_segment_may_drop_what_does_not_fit_and_has_no_df(fresh):
    _, h1, _, v1, v2 = fresh
    assert ping(v1, v2.v4).lost == 0
    h1.ctl("segment set blue too-big drop")
    before = h1.dropped("too_big")
    assert ping(v1, v2.v4, count=3, size=1472, df=False, wait=0.3).received == 0
    assert h1.dropped("too_big") == before + 3
    h1.ctl("segment set blue too-big fragment")
    assert ping(v1, v2.v4, count=3, size=1472, df=False).lost == 0


def test_status_and_check_say_with_numbers_what_a_larger_mtu_would_gain(pair):
    family, h1, _, _, _ = pair
    wanted = str(1500 + OVERHEAD[family])
    _, segment = h1.api("GET", "segments/blue")
    assert segment["state"]["wanted-underlay-mtu"] == int(wanted)
    assert segment["state"]["fits"] is False
    findings = [f["message"] for f in h1.api("GET", "check")[1]["findings"]]
    assert any(wanted in message and "1500" in message for message in findings), findings
    assert wanted in h1.ctl("segment show blue").stdout
    assert wanted in h1.ctl("status").stdout
    assert wanted in h1.log()


def test_a_raised_underlay_mtu_is_noticed_at_once(own_lab):
    h1, h2, v1, v2 = two_hypervisors(own_lab, "cut", vm_mtu=1500)
    assert h1.state("segments", "blue")["fits"] is False
    for hypervisor in (h1, h2):
        hypervisor.ip("link set eth1 mtu 1550")
    wait_until(lambda: h1.state("segments", "blue")["fits"], what="the new MTU")
    assert h1.api("GET", "check")[1]["findings"] == []
    assert ping(v1, v2.v4, size=1472, df=True).lost == 0
    h1.ip("link set eth1 mtu 1500")
    wait_until(lambda: not h1.state("segments", "blue")["fits"], what="the old MTU")


def test_the_kernel_peer_gets_and_sends_every_size_too(own_lab):
    h1, _, v1, v2 = with_kernel_peer(own_lab, "cut", vm_mtu=1500, device_mtu=1500)
    for source, target in ((v1, v2), (v2, v1)):
        for size in (1000, 1422, 1423, 1472, 3000):
            assert ping(source, target.v4, count=1, size=size, df=False, wait=2).lost == 0, size
        assert rate(iperf(source, target, seconds=1)) > 200e6
        for one, other in ((v1, v2), (v2, v1)):
            ping(one, other.v6, count=1, size=1452, wait=0.2)  # both are taught
        assert ping(source, target.v6, count=3, size=1452).lost == 0
    assert h1.dropped("unknown_peer") == 0
