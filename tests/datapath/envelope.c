/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must an encapsulated frame look like on the wire?  See envelope.h.
 */
#include "test.h"

static const struct {
	const char *remote, *local, *mac;
	bool ipv4;
} ends[N_PEERS] = {
	[PEER_4] = {REMOTE_4, LOCAL_4, NEXT_HOP_MAC, true},
	[PEER_4B] = {REMOTE_4B, LOCAL_4, NEXT_HOP_4B_MAC, true},
	[PEER_6] = {REMOTE_6, LOCAL_6, NEXT_HOP_6_MAC, false},
};

#define INNER(frame) bytes((frame)->bytes, (frame)->length)

static bool has_udp(enum encap_kind kind)
{
	return kind == ENCAP_NONE || kind == ENCAP_VXLAN || kind == ENCAP_GENEVE;
}

static struct layer udp_to(enum encap_kind kind, uint16_t sport, enum checksum checksum)
{
	return udp(.sport = sport, .dport = kind == ENCAP_GENEVE ? 6081 : 4789,
		   .checksum = checksum);
}

static struct layer tunnel(struct envelope envelope, uint8_t flow_id)
{
	uint32_t vni = envelope.vni ? envelope.vni : BLUE_VNI;

	switch (envelope.kind) {
	case ENCAP_GENEVE:
		return geneve(.vni = vni, .options = envelope.options,
			      .n_options = envelope.n_options);
	case ENCAP_NVGRE:
		return nvgre(vni, flow_id);
	case ENCAP_GRE:
		return gre(.key = vni, .sequence = envelope.sequence,
			   .gre_flags = envelope.gre_flags ? envelope.gre_flags : GRE_KEY,
			   .checksum = envelope.checksum);
	default:
		return vxlan(.vni = vni);
	}
}

/* Whole, from the outer Ethernet header on. */
static const struct frame *compose(struct layer l2, struct layer l3, struct envelope envelope,
				   uint16_t sport, uint8_t flow_id, const struct frame *inner)
{
	struct layer outer = tunnel(envelope, flow_id);

	if (!has_udp(envelope.kind))
		return frame(l2, l3, outer, INNER(inner));
	return frame(l2, l3, udp_to(envelope.kind, sport, envelope.checksum), outer, INNER(inner));
}

uint16_t envelope_source_port(const struct frame *frame)
{
	return frame_u16(frame, frame_u16(frame, 12) == 0x0800 ? 34 : 54);
}

/* IP ID, flow label, source port and flow ID are taken from the actual frame. */
static const struct frame *expected(const struct frame *actual, uint32_t peer,
				    const struct frame *inner, struct envelope envelope)
{
	struct layer l2 = eth(.dst = ends[peer].mac, .src = UNDERLAY_MAC);
	struct layer l3 = ends[peer].ipv4 ?
				  ip4(.src = LOCAL_4, .dst = ends[peer].remote, .tos = envelope.tos,
				      .id = frame_u16(actual, 18),
				      .fragment = envelope.fragments ? 0 : FRAGMENT_DF) :
				  ip6(.src = LOCAL_6, .dst = ends[peer].remote, .tos = envelope.tos,
				      .flow = frame_u32(actual, 14) & 0xfffff);

	if (has_udp(envelope.kind))
		envelope.checksum = CHECKSUM_ZERO;
	return compose(l2, l3, envelope, envelope_source_port(actual),
		       actual->bytes[ends[peer].ipv4 ? 41 : 61], inner);
}

void envelope_assert(const struct frame *actual, uint32_t peer, const struct frame *inner,
		     struct envelope envelope, const char *file, int line)
{
	uint16_t port;

	if (!actual || actual->length < (ends[peer].ipv4 ? OUTER4_BYTES : OUTER6_BYTES)) {
		frame_assert(actual, inner, file, line);
		return;
	}
	frame_assert(actual, expected(actual, peer, inner, envelope), file, line);
	if (!has_udp(envelope.kind))
		return;
	port = envelope_source_port(actual);
	if (port < 49152 || (!ends[peer].ipv4 && !envelope.anchor &&
			     (frame_u32(actual, 14) & 0x3fff) != port - 49152u)) {
		frame_print("source port or flow label is not of the flow's hash", actual);
		_fail(file, line);
	}
}

static const struct frame *from(uint32_t peer, const struct frame *inner, struct envelope envelope)
{
	struct layer l2 = eth(.dst = UNDERLAY_MAC, .src = ends[peer].mac);
	struct layer l3 = ends[peer].ipv4 ? ip4(.src = ends[peer].remote, .dst = LOCAL_4,
						.tos = envelope.tos, .fragment = FRAGMENT_DF) :
					    ip6(.src = ends[peer].remote, .dst = LOCAL_6,
						.tos = envelope.tos);

	return compose(l2, l3, envelope, 50000, ENVELOPE_FLOW_ID, inner);
}

const struct frame *envelope_from(uint32_t peer, const struct frame *inner,
				  struct envelope envelope)
{
	if (has_udp(envelope.kind))
		envelope.checksum = CHECKSUM_ZERO;
	return from(peer, inner, envelope);
}

const struct frame *envelope_from_summed(uint32_t peer, const struct frame *inner,
					 struct envelope envelope)
{
	if (has_udp(envelope.kind))
		envelope.checksum = CHECKSUM_RIGHT;
	return from(peer, inner, envelope);
}
