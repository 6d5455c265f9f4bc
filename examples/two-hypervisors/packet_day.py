# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to one packet between two VMs?

Told from a real one: an echo request is captured where it leaves the VM, on the
wire and where it arrives; each stage shows the bytes that it added.
"""
from lab import Capture, ping

SIZE = 40  # of the ping's payload: unlike any other packet around
INNER = 14 + 20 + 8 + SIZE
OUTER = 14 + 20 + 8 + 8


def _capture(h1, sender, receiver):
    """The echo request as it left the VM, on the wire, and as it arrived: three frames."""
    ping(sender, receiver.v4, count=1)
    expression = f"icmp[0] == 8 and ip[2:2] == {28 + SIZE}"
    captures = [Capture(h1, sender.port, expression),
                Capture(h1, "eth1", f"udp port 4789 and len == {INNER + OUTER}"),
                Capture(receiver.space, "eth0", expression)]
    ping(sender, receiver.v4, count=1, size=SIZE)
    frames = []
    for capture in captures:
        capture.stop()
        frames.append(capture.frames()[0])
    return frames


def _number(data):
    return int.from_bytes(data, "big")


def _stage(number, name, *lines):
    """A stage's number and name, and what happens in it."""
    for label, line in zip([f"{number} {name}"] + [""] * len(lines), lines):
        print(f"{label:<15}{line}")


def _header(name, data, *meanings):
    """A header, 14 bytes a line, each line with what it means."""
    for start in range(0, len(data), 14):
        text = " ".join(f"{byte:02x}" for byte in data[start:start + 14])
        label = f"{name:<9}{len(data):>3}" if start == 0 else ""
        meaning = meanings[start // 14] if start // 14 < len(meanings) else ""
        print(f"    {label:<12}  {text:<42}{meaning}")


def _ip(data):
    """The meanings of an IPv4 header's two lines."""
    source, target = (".".join(map(str, data[at:at + 4])) for at in (12, 16))
    return f"{source} > {target}", f"TTL {data[8]}" + (", DF" if data[6] & 0x40 else "")


def _show_inner(frame, sender, receiver):
    _header("Ethernet", frame[:14], f"from {sender} to {receiver}")
    _header("IPv4", frame[14:34], *_ip(frame[14:34]))
    _header("ICMP", frame[34:42], "echo request")


def _show_outer(outer):
    _header("Ethernet", outer[:14], "from h1's NIC to h2's")
    _header("IPv4", outer[14:34], *_ip(outer[14:34]))
    checksum = "checksum" if _number(outer[40:42]) else "no checksum"
    _header("UDP", outer[34:42], f"{_number(outer[34:36])} (hash of flow) > "
                                 f"{_number(outer[36:38])}, {checksum}")
    _header("VXLAN", outer[42:50], f"VNI {_number(outer[46:49])}")


def tell(h1, h2, sender, receiver):
    """Sends a ping from sender on h1 to receiver on h2 and prints its way."""
    left, wire, arrived = _capture(h1, sender, receiver)
    there, back = h1.fdb_entry(receiver.mac), h2.fdb_entry(sender.mac)
    print(f"The day of one packet: a ping of {SIZE} bytes from {sender} to {receiver}\n")
    _stage(1, "VM NIC", f"{sender}'s eth0 > {sender.port} on h1: {len(left)} bytes")
    _show_inner(left, sender, receiver)
    _stage(2, "port", f"program from_port on {sender.port}, a port of segment {there['segment']};",
           f"learn: {sender.mac} lives here")
    _stage(3, "FDB", f"{there['segment']}, {receiver.mac}: peer {there['peer']} "
                     f"({there['source']})")
    _stage(4, "encapsulate", f"outer header in front, {OUTER} bytes:")
    _show_outer(wire[:OUTER])
    _stage(5, "wire", f"h1's eth1 > h2's eth1: {len(wire)} bytes,",
           f"behind the outer header {_same(wire[OUTER:], left)}")
    _stage(6, "decapsulate", f"program from_underlay on h2's eth1: {back['peer']} is a peer,",
           f"VNI {_number(wire[46:49])} is segment {back['segment']}; "
           f"learn: {sender.mac} lives behind {back['peer']}")
    _stage(7, "FDB", f"{back['segment']}, {receiver.mac}: port "
                     f"{h2.fdb_entry(receiver.mac)['port']}")
    _stage(8, "VM NIC", f"{receiver.port} > {receiver}'s eth0: {len(arrived)} bytes, "
                        f"{_same(arrived, left)}")


def _same(one, other):
    return "the VM's frame, byte for byte" if one == other else "NOT the frame that the VM sent"
