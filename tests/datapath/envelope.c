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

static struct layer outer_vxlan(struct envelope envelope)
{
	return vxlan(.vni = envelope.vni ? envelope.vni : BLUE_VNI);
}

uint16_t envelope_source_port(const struct frame *frame)
{
	return frame_u16(frame, frame_u16(frame, 12) == 0x0800 ? 34 : 54);
}

static const struct frame *expected4(const struct frame *actual, uint32_t peer,
				     const struct frame *inner, struct envelope envelope)
{
	return frame(eth(.dst = ends[peer].mac, .src = UNDERLAY_MAC),
		     ip4(.src = LOCAL_4, .dst = ends[peer].remote, .tos = envelope.tos,
			 .id = frame_u16(actual, 18),
			 .fragment = envelope.fragments ? 0 : FRAGMENT_DF),
		     udp(.sport = envelope_source_port(actual), .dport = 4789,
			 .checksum = CHECKSUM_ZERO),
		     outer_vxlan(envelope), INNER(inner));
}

static const struct frame *expected6(const struct frame *actual, uint32_t peer,
				     const struct frame *inner, struct envelope envelope)
{
	return frame(eth(.dst = ends[peer].mac, .src = UNDERLAY_MAC),
		     ip6(.src = LOCAL_6, .dst = ends[peer].remote, .tos = envelope.tos,
			 .flow = frame_u32(actual, 14) & 0xfffff),
		     udp(.sport = envelope_source_port(actual), .dport = 4789,
			 .checksum = CHECKSUM_ZERO),
		     outer_vxlan(envelope), INNER(inner));
}

void envelope_assert(const struct frame *actual, uint32_t peer, const struct frame *inner,
		     struct envelope envelope, const char *file, int line)
{
	uint16_t port;

	if (!actual || actual->length < (ends[peer].ipv4 ? OUTER4_BYTES : OUTER6_BYTES)) {
		frame_assert(actual, inner, file, line);
		return;
	}
	if (ends[peer].ipv4)
		frame_assert(actual, expected4(actual, peer, inner, envelope), file, line);
	else
		frame_assert(actual, expected6(actual, peer, inner, envelope), file, line);
	port = envelope_source_port(actual);
	if (port < 49152 || (!ends[peer].ipv4 && !envelope.anchor &&
			     (frame_u32(actual, 14) & 0x3fff) != port - 49152u)) {
		frame_print("source port or flow label is not of the flow's hash", actual);
		_fail(file, line);
	}
}

static const struct frame *from(uint32_t peer, const struct frame *inner, struct envelope envelope,
				enum checksum checksum)
{
	if (ends[peer].ipv4)
		return frame(eth(.dst = UNDERLAY_MAC, .src = ends[peer].mac),
			     ip4(.src = ends[peer].remote, .dst = LOCAL_4, .tos = envelope.tos,
				 .fragment = FRAGMENT_DF),
			     udp(.sport = 50000, .dport = 4789, .checksum = checksum),
			     outer_vxlan(envelope), INNER(inner));
	return frame(eth(.dst = UNDERLAY_MAC, .src = ends[peer].mac),
		     ip6(.src = ends[peer].remote, .dst = LOCAL_6, .tos = envelope.tos),
		     udp(.sport = 50000, .dport = 4789, .checksum = checksum),
		     outer_vxlan(envelope), INNER(inner));
}

const struct frame *envelope_from(uint32_t peer, const struct frame *inner,
				  struct envelope envelope)
{
	return from(peer, inner, envelope, CHECKSUM_ZERO);
}

const struct frame *envelope_from_summed(uint32_t peer, const struct frame *inner,
					 struct envelope envelope)
{
	return from(peer, inner, envelope, CHECKSUM_RIGHT);
}
