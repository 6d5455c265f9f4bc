/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why was a frame dropped?  The only list of reasons: the datapath returns
 * them, the counters are keyed by them, the API and `overlayctl drops` print
 * the name and the sentence.
 *
 * X(SYMBOL, number, name, sentence)
 *   number    stored in the drop counters, which outlive the daemon: never
 *             reuse or renumber
 *   sentence  says what was wrong, and what to do where something can be done
 */
#ifndef OVERLAID_ABI_DROP_H
#define OVERLAID_ABI_DROP_H

#define DROP_REASONS_OF_DATAPATH(X)                                                                \
	/* the outer packet, in the order of the receiver's checks */                              \
	X(TRUNCATED_OUTER_IP, 1, "truncated_outer_ip", "outer IP header is cut short")             \
	X(BAD_IHL, 2, "bad_ihl", "outer IPv4 header length is below 20 bytes")                     \
	X(BAD_IP_LENGTH, 3, "bad_ip_length", "outer IP length exceeds the frame")                  \
	X(BAD_IP_CHECKSUM, 4, "bad_ip_checksum", "outer IPv4 header checksum is wrong")            \
	X(OUTER_FRAGMENT, 5, "outer_fragment",                                                     \
	  "outer packet is a fragment: of STT, or underlay.fragments is drop")                     \
	X(BAD_UDP_LENGTH, 6, "bad_udp_length", "outer UDP length is below 8 or beyond the packet") \
	X(BAD_UDP_CHECKSUM, 7, "bad_udp_checksum", "outer UDP checksum is wrong")                  \
	X(ZERO_UDP_CHECKSUM6, 8, "zero_udp_checksum6",                                             \
	  "outer UDP checksum is zero over IPv6 and the peer has zero-checksum6: false")           \
	X(TRUNCATED_TUNNEL_HEADER, 9, "truncated_tunnel_header", "tunnel header is cut short")     \
	X(VNI_NOT_VALID, 10, "vni_not_valid", "VXLAN I flag is not set")                           \
	X(RESERVED_BITS, 11, "reserved_bits",                                                      \
	  "reserved bits are set and underlay.reserved-bits is strict")                            \
	X(UNKNOWN_VNI, 12, "unknown_vni", "no segment of this hypervisor has the VNI")             \
	X(UNKNOWN_PEER, 13, "unknown_peer",                                                        \
	  "sender is not a configured peer; add it with `overlayctl peer add`")                    \
	X(PEER_NOT_IN_SEGMENT, 14, "peer_not_in_segment",                                          \
	  "sender is a peer, but not of this segment; see its `segments`")                         \
	X(WRONG_ENCAPSULATION, 15, "wrong_encapsulation",                                          \
	  "peer sent an encapsulation that it may not send; see its `accept`")                     \
	X(OWN_ADDRESS, 16, "own_address", "outer source is one of this hypervisor's addresses")    \
	X(ECN_CE_ON_NOT_ECT, 17, "ecn_ce_on_not_ect",                                              \
	  "outer packet is marked congested, inner one does not speak ECN (RFC 6040)")             \
	X(DECAPSULATION_FAILED, 18, "decapsulation_failed", "kernel refused to strip the header")  \
	X(GENEVE_VERSION, 19, "geneve_version", "Geneve version is not 0")                         \
	X(CONTROL_PACKET, 20, "control_packet",                                                    \
	  "Geneve O bit is set: a control packet, not a tenant's frame")                           \
	X(PROTOCOL_TYPE, 21, "protocol_type",                                                      \
	  "Geneve packet carries no Ethernet frame; let the peer send protocol type 0x6558")       \
	X(UNKNOWN_CRITICAL_OPTION, 22, "unknown_critical_option",                                  \
	  "Geneve option is marked critical, and none is known here; let the peer send none")      \
	X(BAD_GENEVE_OPTIONS, 23, "bad_geneve_options",                                            \
	  "lengths of the Geneve options do not add up")                                           \
	X(GRE_VERSION, 24, "gre_version", "GRE version is not 0")                                  \
	X(GRE_FLAGS, 25, "gre_flags", "GRE flags are set that RFC 2784 wants to be zero")          \
	X(GRE_PROTOCOL, 26, "gre_protocol",                                                        \
	  "GRE packet carries no Ethernet frame; let the peer send protocol type 0x6558")          \
	X(GRE_KEY_MISSING, 27, "gre_key_missing",                                                  \
	  "GRE packet has no key, so it names no segment; give the peer's tunnel a key")           \
	X(BAD_GRE_CHECKSUM, 28, "bad_gre_checksum", "GRE checksum is wrong")                       \
	X(NVGRE_FLAGS, 29, "nvgre_flags",                                                          \
	  "GRE flags are not those of NVGRE, a key alone; is the peer's encapsulation gre?")       \
	X(RESERVED_VSID, 90, "reserved_vsid",                                                      \
	  "NVGRE VSID is reserved; let the peer use 4096 to 16777214")                             \
	/* the inner frame, from a port or from a peer */                                          \
	X(TRUNCATED_INNER_ETH, 30, "truncated_inner_eth", "frame is shorter than 14 bytes")        \
	X(TRUNCATED_INNER_VLAN, 31, "truncated_inner_vlan", "VLAN tag of the frame is cut short")  \
	X(INNER_VLAN, 32, "inner_vlan",                                                            \
	  "frame has a VLAN tag, and the segment has vlan-tags: drop or NVGRE cannot carry it")    \
	X(INNER_SRC_MULTICAST, 33, "inner_src_multicast", "source MAC is a group address")         \
	X(INNER_SRC_ZERO, 34, "inner_src_zero", "source MAC is all zeros")                         \
	X(LINK_LOCAL_CONTROL, 35, "link_local_control",                                            \
	  "destination is 01:80:c2:00:00:0x, which no bridge forwards (802.1D)")                   \
	X(UNKNOWN_PORT, 36, "unknown_port", "device is not a port of any segment")                 \
	X(MAC_NOT_ALLOWED, 37, "mac_not_allowed", "source MAC is not one of the port's `macs`")    \
	/* where it should go */                                                                   \
	X(UNKNOWN_UNICAST, 50, "unknown_unicast",                                                  \
	  "destination MAC is unknown and the segment has unknown-unicast: drop")                  \
	X(FLOOD_NONE, 51, "flood_none", "segment has flood: none")                                 \
	X(NO_RECEIVER, 52, "no_receiver", "segment has no other port and no peer to send to")      \
	X(SAME_PORT, 53, "same_port",                                                              \
	  "destination lives behind the port that the frame came from")                            \
	X(SPLIT_HORIZON, 54, "split_horizon",                                                      \
	  "destination lives behind a peer; frames from peers never go back to the underlay")      \
	X(PORT_DOWN, 55, "port_down", "destination port's device is absent or down")               \
	X(PORT_MOVED, 57, "port_moved", "destination port belongs to another segment by now")      \
	X(PEER_UNREACHABLE, 56, "peer_unreachable", "no route to the peer")                        \
	/* whether it can go there */                                                              \
	X(TOO_BIG, 70, "too_big", "frame exceeds the path's MTU; see `overlayctl segment show`")   \
	X(TOO_BIG_ANSWERED, 71, "too_big_answered",                                                \
	  "packet exceeds the path's MTU; its sender was told by ICMP")                            \
	X(TOO_BIG_SILENT, 72, "too_big_silent",                                                    \
	  "packet exceeds the path's MTU; ICMP must not answer it or its rate limit was reached")  \
	X(EXCEEDS_PORT_MTU, 73, "exceeds_port_mtu", "frame exceeds the destination device's MTU")  \
	X(ENCAPSULATION_FAILED, 74, "encapsulation_failed", "kernel refused to add the header")    \
	X(SEND_FAILED, 75, "send_failed", "device refused the frame")                              \
	X(NO_ANCHOR, 76, "no_anchor",                                                              \
	  "frame needs the kernel's tunnel device, which could not be made; see "                  \
	  "`overlayctl check`")                                                                    \
	X(NO_RELAY, 77, "no_relay",                                                                \
	  "frame needs the device pair ovl-relay0, which could not be made; see "                  \
	  "`overlayctl check`")                                                                    \
	/* STT, before the daemon's threads see it */                                              \
	X(STT_PAUSED, 118, "stt_paused",                                                           \
	  "STT is spoken by the daemon, which is not running, or has no device for it")            \
	X(STT_TCP_DATA_OFFSET, 121, "tcp_data_offset", "STT segment has TCP options")

/* STT's, found by the daemon's threads: draft-davie-stt-08. */
#define DROP_REASONS_OF_STT(X)                                                                     \
	X(STT_EMPTY_SEGMENT, 120, "empty_segment", "STT segment carries nothing, as in a scan")    \
	X(STT_TCP_FLAGS, 122, "tcp_flags", "STT segment has SYN, FIN or RST set")                  \
	X(STT_BAD_TCP_CHECKSUM, 123, "bad_tcp_checksum", "STT segment's checksum is wrong")        \
	X(STT_SEGMENT_BEYOND_FRAME, 124, "segment_beyond_frame",                                   \
	  "STT segment reaches beyond the end of its frame")                                       \
	X(STT_OVERLAP, 125, "overlap", "STT segment repeats bytes that have arrived already")      \
	X(STT_LENGTH_MISMATCH, 126, "length_mismatch",                                             \
	  "STT segment disagrees with those before it about the frame's length")                   \
	X(REASSEMBLY_TIMEOUT, 127, "reassembly_timeout",                                           \
	  "a segment of the STT frame was lost on the way")                                        \
	X(STT_TOO_MANY_FRAMES, 128, "too_many_frames",                                             \
	  "sender has begun more STT frames than it may leave unfinished")                         \
	X(STT_TOO_MANY_PIECES, 129, "too_many_pieces", "STT frame has too many holes")             \
	X(STT_VERSION, 130, "stt_version", "STT version is not 0")                                 \
	X(STT_BAD_L4_OFFSET, 131, "bad_l4_offset",                                                 \
	  "STT header's L4 offset does not lead to the inner TCP or UDP header")                   \
	X(STT_BAD_MSS, 132, "bad_mss", "STT header's maximum segment size is below 48")            \
	X(STT_FRAME_TOO_LONG, 133, "stt_frame_too_long",                                           \
	  "frame of a port exceeds 65477 bytes, the most that STT carries")

#define DROP_REASONS(X)                                                                            \
	DROP_REASONS_OF_DATAPATH(X)                                                                \
	DROP_REASONS_OF_STT(X)

enum drop_reason {
	DROP_NONE = 0,
#define X(symbol, number, name, sentence) DROP_##symbol = number,
	DROP_REASONS(X)
#undef X
	/* clang-format off */
	DROP_REASON_END /* one above the largest */
	/* clang-format on */
};

#endif
