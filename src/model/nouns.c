/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which members does each noun have?  The tables that YAML, JSON, diffs and
 * the reference documentation expand, and the defaults.  How a member is read
 * and written is field_value.c's.
 */
#include "model/field.h"

#include "abi/table.h"

#include <string.h>

/* where a member lives in its struct */
#define AT(type, member)                                                                           \
	.offset = offsetof(struct type, member), .size = sizeof(((struct type *)0)->member)
#define LIST(type, member, count, most)                                                            \
	.offset = offsetof(struct type, member), .size = sizeof(((struct type *)0)->member[0]),    \
	.count_offset = offsetof(struct type, count), .maximum = (most)

static const char *const fragments_words[] = {
	[FRAGMENTS_REASSEMBLE] = "reassemble", [FRAGMENTS_DROP] = "drop", NULL};
static const char *const reserved_words[] = {
	[RESERVED_IGNORE] = "ignore", [RESERVED_STRICT] = "strict", NULL};
static const char *const flood_words[] = {[FLOOD_HEAD_END] = "head-end",
					  [FLOOD_MULTICAST] = "multicast",
					  [FLOOD_REPLICATOR] = "replicator",
					  [FLOOD_NONE_MODE] = "none",
					  NULL};
static const char *const unknown_words[] = {
	[UNKNOWN_FLOOD] = "flood", [UNKNOWN_DROP] = "drop", NULL};
static const char *const vlan_words[] = {[VLAN_DROP] = "drop", [VLAN_CARRY] = "carry", NULL};
static const char *const too_big_words[] = {
	[TOO_BIG_FRAGMENT] = "fragment", [TOO_BIG_DROP] = "drop", NULL};
static const char *const role_words[] = {
	[ROLE_VTEP] = "vtep", [ROLE_REPLICATOR] = "replicator", NULL};
static const char *const encap_words[] = {[ENCAP_NONE] = "",
#define X(symbol, number, name, spoken) [number] = name,
					  ENCAP_KINDS(X)
#undef X
						  NULL};
_Static_assert(sizeof(encap_words) / sizeof(encap_words[0]) == N_ENCAP_KINDS + 1,
	       "encapsulation numbers have a gap");

/* A member is a paragraph of three lines, not of nine. */
/* clang-format off */
static const struct field underlay_fields[] = {
	{.name = "device", .type = FIELD_DEVICES, .required = true,
	 LIST(underlay, devices, n_devices, MODEL_DEVICES_MAX),
	 .meaning = "The device, or a list of devices, through which peers are reached."},
	{.name = "address", .type = FIELD_ADDRESSES,
	 LIST(underlay, addresses, n_addresses, MODEL_ADDRESSES_MAX),
	 .meaning = "This hypervisor's tunnel address, or a list of them; default: the first "
		     "global address of each family of the first device."},
	{.name = "vxlan-port", .type = FIELD_UINT, AT(underlay, vxlan_port),
	 .minimum = 1, .maximum = 65535,
	 .meaning = "UDP destination port of VXLAN, sent and received."},
	{.name = "geneve-port", .type = FIELD_UINT, AT(underlay, geneve_port),
	 .minimum = 1, .maximum = 65535,
	 .meaning = "UDP destination port of Geneve, sent and received."},
	{.name = "stt-port", .type = FIELD_UINT, AT(underlay, stt_port),
	 .minimum = 1, .maximum = 65535,
	 .meaning = "TCP-like destination port of STT, sent and received."},
	{.name = "ttl", .type = FIELD_UINT, AT(underlay, ttl), .minimum = 1, .maximum = 255,
	 .meaning = "TTL or hop limit of outer packets."},
	{.name = "fragments", .type = FIELD_ENUM, AT(underlay, fragments),
	 .words = fragments_words,
	 .meaning = "What to do with outer packets that arrive in fragments."},
	{.name = "reserved-bits", .type = FIELD_ENUM, AT(underlay, reserved_bits),
	 .words = reserved_words,
	 .meaning = "Whether packets with reserved header bits set are accepted (ignore, as "
		     "RFC 7348 wants) or dropped (strict)."},
	{0},
};

static const struct field limits_fields[] = {
	{.name = "fdb-entries", .type = FIELD_UINT, AT(limits, fdb_entries),
	 .minimum = 1024, .maximum = 16777216,
	 .meaning = "How many MAC addresses of all segments fit, static ones included."},
	{0},
};

/*
 * mtu: 576 is what every IPv4 host accepts in one piece (RFC 791), 9216 the
 * largest frame that switches and NICs commonly carry.
 */
static const struct field segment_fields[] = {
	{.name = "name", .type = FIELD_NAME, .required = true, .is_key = true, AT(segment, name),
	 .meaning = "Name of the virtual network: letters, digits, '.', '_' and '-'."},
	{.name = "vni", .type = FIELD_UINT, .required = true, .is_key = true, AT(segment, vni),
	 .minimum = 1, .maximum = MODEL_VNI_MAX,
	 .meaning = "Number of the virtual network on the wire, the same on every hypervisor."},
	{.name = "mtu", .type = FIELD_UINT, AT(segment, mtu), .minimum = 576, .maximum = 9216,
	 .meaning = "MTU of the VMs; works over any underlay, and is reported if it does not fit."},
	{.name = "flood", .type = FIELD_ENUM, AT(segment, flood), .words = flood_words,
	 .meaning = "How broadcast, unknown unicast and multicast reach the other hypervisors."},
	{.name = "group", .type = FIELD_ADDRESS, AT(segment, group),
	 .meaning = "Multicast group of the underlay; with flood: multicast."},
	{.name = "unknown-unicast", .type = FIELD_ENUM, AT(segment, unknown_unicast),
	 .words = unknown_words,
	 .meaning = "What to do with frames to a MAC address that is not known."},
	{.name = "suppress-neighbors", .type = FIELD_BOOL, AT(segment, suppress_neighbors),
	 .meaning = "Answer ARP and ND on this hypervisor where the answer is known."},
	{.name = "learning", .type = FIELD_BOOL, AT(segment, learning),
	 .meaning = "Learn MAC addresses from the frames that pass."},
	{.name = "aging", .type = FIELD_SECONDS, AT(segment, aging_seconds),
	 .minimum = 0, .maximum = 31536000,
	 .meaning = "How long a learned address lives without being seen, as in 300s, 5m or 1h; "
		     "0: for ever."},
	{.name = "max-learned", .type = FIELD_UINT, AT(segment, max_learned),
	 .minimum = 0, .maximum = 16777216,
	 .meaning = "How many addresses may be learned in this segment."},
	{.name = "vlan-tags", .type = FIELD_ENUM, AT(segment, vlan_tags), .words = vlan_words,
	 .meaning = "Whether tagged frames of the VMs are carried or dropped."},
	{.name = "too-big", .type = FIELD_ENUM, AT(segment, too_big), .words = too_big_words,
	 .meaning = "What to do with an IPv4 packet without DF that does not fit the path."},
	{.name = "dscp", .type = FIELD_DSCP, AT(segment, dscp), .maximum = MODEL_DSCP_COPY,
	 .meaning = "DSCP of outer packets, 0 to 63, or copy: that of the inner packet."},
	{0},
};

static const struct field peer_fields[] = {
	{.name = "address", .type = FIELD_ADDRESS, .required = true, .is_key = true,
	 AT(peer, address), .meaning = "Tunnel address of the other hypervisor."},
	{.name = "encapsulation", .type = FIELD_ENUM, AT(peer, encapsulation),
	 .minimum = 1, .words = encap_words,
	 .meaning = "The envelope that is sent to the peer."},
	{.name = "accept", .type = FIELD_WORDS, AT(peer, accept), .words = encap_words,
	 .meaning = "The envelopes that the peer may send: a word or a list; default: every one "
		     "but stt unless that is sent to it, "
		     "and of nvgre and gre, which look alike, the one that is sent to it, or gre."},
	{.name = "other-addresses", .type = FIELD_ADDRESSES,
	 LIST(peer, other_addresses, n_other_addresses, MODEL_OTHER_ADDRESSES_MAX),
	 .meaning = "Other addresses that the same hypervisor sends from: one address or a list."},
	{.name = "geneve-options", .type = FIELD_BYTES,
	 LIST(peer, geneve_options, n_geneve_options, MODEL_GENEVE_OPTIONS_MAX),
	 .meaning = "Geneve options sent with each packet, in hexadecimal as on the wire; with "
		     "encapsulation: geneve."},
	{.name = "gre-checksum", .type = FIELD_BOOL, AT(peer, gre_checksum),
	 .meaning = "Send GRE's checksum field; with encapsulation: gre."},
	{.name = "gre-sequence", .type = FIELD_BOOL, AT(peer, gre_sequence),
	 .meaning = "Send GRE's sequence number; with encapsulation: gre."},
	{.name = "role", .type = FIELD_ENUM, AT(peer, role), .words = role_words,
	 .meaning = "vtep: a hypervisor; replicator: copies broadcast on behalf of others."},
	{.name = "zero-checksum6", .type = FIELD_BOOL, AT(peer, zero_checksum6),
	 .meaning = "Accept UDP over IPv6 without a checksum from it (RFC 6936)."},
	{.name = "segments", .type = FIELD_SEGMENTS, .offset = offsetof(struct peer, segments),
	 .size = MODEL_NAME_MAX, .count_offset = offsetof(struct peer, n_segments),
	 .maximum = TABLE_MAX_SEGMENTS,
	 .meaning = "Segments that the peer takes part in: a list of names; default: all."},
	{0},
};

static const struct field port_fields[] = {
	{.name = "device", .type = FIELD_DEVICE, .required = true, .is_key = true,
	 AT(port, device),
	 .meaning = "Network device that is the far end of the VM's NIC; may appear later."},
	{.name = "segment", .type = FIELD_NAME, .required = true, AT(port, segment),
	 .meaning = "Name of the segment that the port belongs to."},
	{.name = "macs", .type = FIELD_MACS, LIST(port, macs, n_macs, MODEL_MACS_MAX),
	 .meaning = "The only MAC addresses that may send from here; default: any."},
	{.name = "max-learned", .type = FIELD_UINT, AT(port, max_learned),
	 .minimum = 0, .maximum = 16777216,
	 .meaning = "How many addresses may be learned from this port."},
	{0},
};

static const struct field fdb_fields[] = {
	{.name = "segment", .type = FIELD_NAME, .required = true, .is_key = true,
	 AT(fdb_record, segment), .meaning = "Name of the segment."},
	{.name = "mac", .type = FIELD_MAC, .required = true, .is_key = true,
	 AT(fdb_record, mac), .meaning = "MAC address of the VM; learning never overrides it."},
	{.name = "peer", .type = FIELD_ADDRESS, AT(fdb_record, peer),
	 .meaning = "The peer behind which the VM lives; this or port."},
	{.name = "port", .type = FIELD_DEVICE, AT(fdb_record, port),
	 .meaning = "The port behind which the VM lives; this or peer."},
	{0},
};

static const struct field neighbor_fields[] = {
	{.name = "segment", .type = FIELD_NAME, .required = true, .is_key = true,
	 AT(neighbor_record, segment), .meaning = "Name of the segment."},
	{.name = "address", .type = FIELD_ADDRESS, .required = true, .is_key = true,
	 AT(neighbor_record, address), .meaning = "IP address of the VM."},
	{.name = "mac", .type = FIELD_MAC, .required = true, AT(neighbor_record, mac),
	 .meaning = "MAC address of the VM."},
	{0},
};

/* clang-format on */

static void underlay_defaults(void *object)
{
	*(struct underlay *)object = (struct underlay){
		.vxlan_port = 4789,
		.geneve_port = 6081,
		.stt_port = 7471,
		.ttl = 64,
	};
}

static void limits_defaults(void *object)
{
	*(struct limits *)object = (struct limits){.fdb_entries = TABLE_DEFAULT_FDB};
}

static void segment_defaults(void *object)
{
	*(struct segment *)object = (struct segment){
		.mtu = 1500,
		.suppress_neighbors = true,
		.learning = true,
		.aging_seconds = 300,
		.max_learned = 65536,
	};
}

static void peer_defaults(void *object)
{
	*(struct peer *)object = (struct peer){
		.encapsulation = ENCAP_VXLAN,
		.zero_checksum6 = true,
		.in_all_segments = true,
	};
}

static void port_defaults(void *object)
{
	*(struct port *)object = (struct port){.max_learned = 1024};
}

static void fdb_defaults(void *object)
{
	memset(object, 0, sizeof(struct fdb_record));
}

static void neighbor_defaults(void *object)
{
	memset(object, 0, sizeof(struct neighbor_record));
}

/* what a noun's functions and table are called, and where the model keeps its objects */
#define NOUN(prefix, type)                                                                         \
	.size = sizeof(struct type), .fields = prefix##_fields, .set_defaults = prefix##_defaults
#define MANY(array)                                                                                \
	.is_list = true, .offset = offsetof(struct model, array),                                  \
	.count_offset = offsetof(struct model, n_##array)

const struct noun noun_underlay = {.name = "underlay",
				   .plural = "underlay",
				   NOUN(underlay, underlay),
				   .offset = offsetof(struct model, underlay)};
const struct noun noun_limits = {.name = "limits",
				 .plural = "limits",
				 NOUN(limits, limits),
				 .offset = offsetof(struct model, limits)};
const struct noun noun_segment = {
	.name = "segment", .plural = "segments", NOUN(segment, segment), MANY(segments)};
const struct noun noun_peer = {.name = "peer", .plural = "peers", NOUN(peer, peer), MANY(peers)};
const struct noun noun_port = {.name = "port", .plural = "ports", NOUN(port, port), MANY(ports)};
const struct noun noun_fdb = {.name = "fdb", .plural = "fdb", NOUN(fdb, fdb_record), MANY(fdb)};
const struct noun noun_neighbor = {.name = "neighbor",
				   .plural = "neighbors",
				   NOUN(neighbor, neighbor_record),
				   MANY(neighbors)};

const struct noun *const nouns[] = {&noun_underlay, &noun_limits, &noun_segment,  &noun_peer,
				    &noun_port,	    &noun_fdb,	  &noun_neighbor, NULL};
