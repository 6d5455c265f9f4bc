# SPDX-License-Identifier: GPL-2.0-or-later
"""What really passed a device?

Capture records with tcpdump into a pcap file (bulk traffic, tshark's verdict);
Sniffer hands single frames to a test as bytes; inject() sends bytes as they are.
On a `super` wire checksums are partial and frames longer than the MTU: only a
`cut` wire, captured where the frames leave, can be checked for checksums.
"""
import os
import re
import signal
import socket
import struct
import time

from .run import Output, TimedOut, run, stop_process, wait_until

ETH_P_ALL = 3
PACKET_OUTGOING = 4
SOL_PACKET, PACKET_AUXDATA, TP_STATUS_VLAN_VALID = 263, 8, 0x10
# Random payload looks like a hundred application protocols: only these are dissected.
DISSECTED = {"frame", "eth", "ethertype", "vlan", "arp", "ip", "ipv6", "ipv6.fraghdr",
             "ipv6.hopopts", "icmp", "icmpv6", "igmp", "llc", "udp", "tcp", "vxlan", "geneve",
             "gre", "stt", "data"}
# 0xffff stands for 0 where the kernel has completed a checksum; tshark wants 0 in TCP.
COMPLAINTS = ("not tcp.checksum == 0xffff and (_ws.malformed or _ws.expert.severity == 8388608 or ip.checksum.status == 0 or "
              "udp.checksum.status == 0 or tcp.checksum.status == 0 or "
              "icmp.checksum.status == 0 or icmpv6.checksum.status == 0)")


def _profile(lab):
    """A configuration directory for tshark with all other protocols disabled."""
    directory = lab.directory / "wireshark"
    if not directory.exists():
        names = [line.split("\t")[-1] for line in
                 run("tshark", "-G", "protocols").stdout.splitlines()]
        others = [name for name in names if name not in DISSECTED and not name.startswith("_ws")]
        directory.mkdir()
        (directory / "disabled_protos").write_text("\n".join(others) + "\n", encoding="ascii")
    return str(directory)


class Capture:
    """tcpdump on one device of a namespace, from construction to stop().

    Frames longer than `snap` are cut: super-frames, and what GRO has merged.  To
    check every byte, capture what goes outbound on a cut wire.
    """

    def __init__(self, space, device, expression="", snap=2000, buffer_mib=32, outbound=False):
        if outbound:
            # libpcap's own "outbound" misses the first frame: it filters that one by itself.
            words = [f"ether src {space.mac(device)}", *([f"({expression})"] if expression else [])]
            expression = " and ".join(words)
        self._lab = space.lab
        self.path = space.lab.directory / f"{space.name}-{device}-{time.monotonic_ns()}.pcap"
        self._errors = Output()
        self._process = space.spawn("tcpdump", "-i", device, "-w", self.path, "-U", "-Z", "root",
                                    "--immediate-mode", "-B", buffer_mib << 10, "-s", snap,
                                    *expression.split(), stderr=self._errors)
        self._stopped = False
        wait_until(lambda: "listening on" in self._log(), 30, what=f"tcpdump on {device}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _log(self):
        return self._errors.text()

    def _counts(self):
        """(frames written, frames that the kernel has queued), as tcpdump tells on SIGUSR1."""
        before = self._log().count(" captured, ")
        self._process.send_signal(signal.SIGUSR1)
        wait_until(lambda: self._log().count(" captured, ") > before, what="tcpdump's numbers")
        written, queued, dropped = re.findall(r"(\d+) packets? captured, (\d+) packets? received "
                                              r"by filter, (\d+) packets? dropped", self._log())[-1]
        assert dropped == "0", f"the capture has holes: {written} of {queued} frames"
        return int(written), int(queued)

    def _catch_up(self):
        """Waits until all that was queued so far is in the file.

        The kernel's number may include frames that came before the filter was in
        force: numbers that stand still while tcpdump runs are as good as equal ones.
        """
        readings = [self._counts()]

        def is_done():
            readings.append(self._counts())
            return readings[-1][0] == readings[-1][1] or len(set(readings[-4:])) == 1 < len(
                readings) - 2
        wait_until(is_done, what="tcpdump to catch up", interval=0.03)

    def stop(self):
        """Ends the capture after all that the kernel has queued is in the file."""
        if not self._stopped:
            self._stopped = True
            self._catch_up()
            stop_process(self._process, signal.SIGINT)
            self._errors.close()
        return self

    def frames(self):
        """The frames as bytes, in order."""
        data = self.path.read_bytes()
        assert data[:4] == b"\xd4\xc3\xb2\xa1", "not a pcap file of this machine"
        offset, frames = 24, []
        while offset + 16 <= len(data):
            kept = struct.unpack_from("<I", data, offset + 8)[0]
            frames.append(data[offset + 16:offset + 16 + kept])
            offset += 16 + kept
        return frames

    def lengths(self):
        """Lengths on the wire, also of frames that the snap length cut."""
        data = self.path.read_bytes()
        offset, lengths = 24, []
        while offset + 16 <= len(data):
            kept, length = struct.unpack_from("<II", data, offset + 8)
            lengths.append(length)
            offset += 16 + kept
        return lengths

    def tshark(self, *words, checksums=True, stt=False):
        """tshark's lines about the file, by default with every checksum verified.

        stt: packets to its port are dissected as STT, whose checksums tshark cannot verify.
        """
        self.stop()
        verify = [word for protocol in ("ip", "udp", "tcp")
                  for word in ("-o", f"{protocol}.check_checksum:{str(checksums).upper()}")]
        # A tunnel's right (RFC 6935), which tshark does not assume by itself.
        verify += ["-o", "udp.ignore_ipv6_zero_checksum:TRUE"]
        if stt:
            # It looks like TCP: its dissector has to be asked before.
            verify += [word for version in ("ip", "ipv6")
                       for word in ("-o", f"{version}.try_heuristic_first:TRUE")]
        done = run("tshark", "-n", "-r", self.path, *verify, "-d", "udp.port==4789,vxlan",
                   "-d", "udp.port==8472,vxlan", *words,
                   timeout=300, env={**os.environ, "WIRESHARK_CONFIG_DIR": _profile(self._lab)})
        return done.stdout.splitlines()

    def select(self, display_filter, *fields, stt=False):
        """One tuple of the fields' values per matching frame; the lines when no field is given."""
        if not fields:
            return self.tshark("-Y", display_filter, stt=stt)
        words = [word for field in fields for word in ("-e", field)]
        lines = self.tshark("-Y", display_filter, "-T", "fields", *words, stt=stt)
        return [tuple(line.split("\t")) for line in lines]

    def complaints(self, checksums=True):
        """Frames that are malformed, have a bad checksum or an error in tshark's eyes."""
        return self.tshark("-Y", COMPLAINTS, checksums=checksums)


def _with_tag(frame, notes):
    """The frame with the tag that the kernel's note (struct tpacket_auxdata) tells of."""
    for level, kind, data in notes:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tci, tpid = struct.unpack_from("=IIIHHHH", data)
            if status & TP_STATUS_VLAN_VALID:
                return frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
    return frame


class Sniffer:
    """Frames of one device as they come and go, from construction on.

    The kernel hides a VLAN tag from a raw socket: `tags` puts the outermost back.
    """

    def __init__(self, space, device, incoming_only=False, tags=False):
        self._incoming_only = incoming_only
        self._tags = tags
        self._seen = []
        with space.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self._socket.bind((device, ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
        if tags:
            self._socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self._socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def frames(self):
        """All frames so far."""
        while True:
            try:
                frame, notes, _, address = self._socket.recvmsg(1 << 17, 256)
            except BlockingIOError:
                return self._seen
            if not (self._incoming_only and address[2] == PACKET_OUTGOING):
                self._seen.append(_with_tag(frame, notes) if self._tags else frame)

    def matching(self, condition):
        return [frame for frame in self.frames() if condition(frame)]

    def wait_for(self, condition, deadline=5.0, what="a frame"):
        """The first frame that satisfies condition(bytes)."""
        found = wait_until(lambda: self.matching(condition), deadline, what, interval=0.005)
        return found[0]


def inject(space, device, *frames):
    """Sends frames out of a device, byte for byte."""
    with space.entered():
        sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    with sender:
        sender.bind((device, 0))
        for frame in frames:
            sender.send(bytes(frame))


__all__ = ["Capture", "Sniffer", "TimedOut", "inject"]
