# SPDX-License-Identifier: GPL-2.0-or-later
"""Which frames do several tests send?  Built with scapy, handed over as bytes."""
import socket
import struct

from scapy.all import IP, TCP, UDP, Ether, IPv6, Raw
from scapy.layers.vxlan import VXLAN

EXPERIMENTAL = 0x88b5  # IEEE 802 local experimental EtherType: no host answers it
BROADCAST = "ff:ff:ff:ff:ff:ff"


def plain(source, destination, text, length=60):
    """A frame that only its text tells from others, padded to `length` bytes."""
    frame = bytes(Ether(src=source, dst=destination, type=EXPERIMENTAL)) + text.encode()
    return frame.ljust(length, b".")


def vxlan(h_source, h_destination, source, destination, vni, inner, **ip):
    """A VXLAN packet from one hypervisor to another, outer UDP checksum zero."""
    family = IPv6 if ":" in source else IP
    return bytes(Ether(src=h_source, dst=h_destination)
                 / family(src=source, dst=destination, **ip)
                 / UDP(sport=50000, dport=4789, chksum=0)
                 / VXLAN(vni=vni, flags=0x08) / Raw(inner))


def send_with_offload(space, device, frame, gso_type=0, gso_size=0, header_bytes=0,
                      checksum_start=0, checksum_offset=0):
    """Sends one frame with a virtio-net header: a super-frame as a VM's driver hands it over."""
    PACKET_VNET_HDR, SOL_PACKET, NEEDS_CSUM = 15, 263, 1
    flags = NEEDS_CSUM if checksum_start else 0
    header = struct.pack("<BBHHHH", flags, gso_type, header_bytes, gso_size, checksum_start,
                         checksum_offset)
    with space.entered():
        sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    with sender:
        sender.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        sender.bind((device, 0))
        sender.send(header + bytes(frame))


def tcp_super_frame(space, device, source_mac, destination_mac, source, destination, payload,
                    segment=1400):
    """One TCP super-frame of a connection that does not exist, cut by the NIC at `segment`."""
    VIRTIO_NET_HDR_GSO_TCPV4 = 1
    packet = Ether(src=source_mac, dst=destination_mac) / IP(src=source, dst=destination) \
        / TCP(sport=1234, dport=4321, seq=1, flags="PA") / Raw(payload)
    frame = bytearray(bytes(packet))
    pseudo = socket.inet_aton(source) + socket.inet_aton(destination) \
        + struct.pack("!BBH", 0, 6, 20 + len(payload))
    total = sum(struct.unpack(f"!{len(pseudo) // 2}H", pseudo))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    frame[50:52] = struct.pack("!H", total)
    send_with_offload(space, device, frame, VIRTIO_NET_HDR_GSO_TCPV4, segment, 54, 34, 16)


def internet_sum(data):
    """The internet checksum's sum; 0xffff over data that includes a right checksum."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total
