/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does an IPv6 packet carry behind its extension headers (RFC 8200
 * section 4)?  A walk over up to four, for the outer packet and the inner one.
 */
#ifndef OVERLAID_DATAPATH_STEP_IP6_EXTENSIONS_H
#define OVERLAID_DATAPATH_STEP_IP6_EXTENSIONS_H

#include "datapath/frame_tc.h"

struct ip6_payload {
	__u32 offset;	/* where `protocol` begins */
	__u8 protocol;	/* an extension's number when the walk could not end */
	bool fragment;	/* of several: the walk ends behind the fragment header */
	bool not_first; /* its offset is not 0 */
};

__step bool is_extension(__u8 protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_DSTOPTS || protocol == IPPROTO_FRAGMENT;
}

/*
 * One header further; false: the walk is over.  An atomic fragment (offset 0,
 * no more) is a whole packet: section 4.5, RFC 6946.
 */
__step bool walk_extension(struct __sk_buff *skb, struct ip6_payload *payload)
{
	const __u8 *header = frame_at(skb, payload->offset, 8);
	__u8 protocol = payload->protocol;
	__u16 fragment;

	if (!is_extension(protocol) || !header)
		return false;
	payload->protocol = header[0];
	if (protocol != IPPROTO_FRAGMENT) {
		payload->offset += 8 + header[1] * 8;
		return true;
	}
	payload->offset += 8;
	fragment = header[2] << 8 | header[3];
	payload->not_first = fragment & 0xfff8;
	payload->fragment = fragment & 0xfff9;
	return !payload->fragment;
}

/* Written out: Linux 6.1's verifier refuses the loop that clang makes of it. */
__step void walk_extensions(struct __sk_buff *skb, struct ip6_payload *payload)
{
	if (walk_extension(skb, payload) && walk_extension(skb, payload) &&
	    walk_extension(skb, payload))
		walk_extension(skb, payload);
}

#endif
