/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do the steps reach the bytes of an skb at tc?  The mechanics that a
 * native XDP program would do differently; no decision is made here.
 */
#ifndef OVERLAID_DATAPATH_FRAME_TC_H
#define OVERLAID_DATAPATH_FRAME_TC_H

#include "datapath/maps.h"
#include "datapath/packet.h"

#include <stddef.h>

/* Outer IPv6 with tunnel header and the inner headers that the steps read. */
#define FRAME_HEADERS	 128
#define FRAME_OFFSET_MAX 512

/*
 * skb->data and data_end look like 32-bit numbers to the compiler, which then
 * computes in 32 bits what the verifier knows as a pointer.  So it does not see
 * the loads.
 */
#define FRAME_POINTER(skb, member)                                                                 \
	({                                                                                         \
		void *_pointer;                                                                    \
		asm volatile("%0 = *(u32 *)(%1 + %2)"                                              \
			     : "=r"(_pointer)                                                      \
			     : "r"(skb), "i"(offsetof(struct __sk_buff, member)));                 \
		_pointer;                                                                          \
	})

/* Makes n bytes readable in place, or all there are, copying only when they are scattered. */
__step void frame_pull_bytes(struct __sk_buff *skb, __u32 n)
{
	__u32 want = skb->len < n ? skb->len : n;

	if (FRAME_POINTER(skb, data) + want > FRAME_POINTER(skb, data_end))
		bpf_skb_pull_data(skb, want);
}

__step void frame_pull(struct __sk_buff *skb)
{
	frame_pull_bytes(skb, FRAME_HEADERS);
}

/* n readable and writable bytes at offset, or NULL.  Valid until the frame is reshaped. */
__step void *frame_at(struct __sk_buff *skb, __u32 offset, __u32 n)
{
	void *data = FRAME_POINTER(skb, data);
	void *end = FRAME_POINTER(skb, data_end);
	__u64 at = offset;

	/* the verifier must see the bound on the register that is added */
	PIN(at);
	if (at > FRAME_OFFSET_MAX)
		return NULL;
	data += at;
	return data + n <= end ? data : NULL;
}

/*
 * bpf_skb_adjust_room and bpf_redirect_neigh work on IPv4 and IPv6 alone and
 * believe skb->protocol, which no helper sets.  Popping a VLAN tag does: the
 * kernel then reads the type behind it.  So: two tags in, the wanted type
 * written behind the inner one, two tags out.  Only for frames without a tag
 * in the metadata.
 */
__step int frame_retype(struct __sk_buff *skb, __be16 protocol)
{
	int error = bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 1);

	error = error ?: bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 1);
	error = error ?: bpf_skb_store_bytes(skb, 16, &protocol, sizeof(protocol), 0);
	error = error ?: (int)bpf_skb_vlan_pop(skb);
	return error ?: (int)bpf_skb_vlan_pop(skb);
}

/*
 * Grows or shrinks the frame behind its Ethernet header; the contents are lost.
 * Not by bpf_skb_change_tail, which the kernel refuses for frames that have
 * been in a tunnel on this machine; but that alone ends a super-frame.
 */
#define FRAME_RESIZE_STEP 0xfff /* of bpf_skb_adjust_room */
__step int frame_resize(struct __sk_buff *skb, __u32 length)
{
	__s32 more;
	int error = 0;

	if (skb->gso_size)
		return bpf_skb_change_tail(skb, length, 0);
	for (__u32 i = 0; i < 65536 / FRAME_RESIZE_STEP + 1; i++) {
		more = (__s32)length - (__s32)skb->len;
		if (!more || error)
			break;
		if (more > FRAME_RESIZE_STEP)
			more = FRAME_RESIZE_STEP;
		if (more < -FRAME_RESIZE_STEP)
			more = -FRAME_RESIZE_STEP;
		error = bpf_skb_adjust_room(skb, more, BPF_ADJ_ROOM_MAC, 0);
	}
	return error;
}

/*
 * Makes the frame `length` bytes long with nothing but room for them: no
 * super-frame, no checksum left for a device to complete.  The contents are
 * undefined.  The detour over a longer frame pulls the place where the
 * checksum was to start out of the frame; the kernel gives it up then.
 */
#define FRAME_BLANK_EXTRA 512
__step int frame_blank(struct __sk_buff *skb, __u32 length)
{
	int error = frame_resize(skb, length + FRAME_BLANK_EXTRA);

	return error ?: (int)bpf_skb_adjust_room(skb, -FRAME_BLANK_EXTRA, BPF_ADJ_ROOM_MAC, 0);
}

__step struct scratch *frame_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratch, &zero);
}

__step struct table_settings *frame_settings(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&settings, &zero);
}

#endif
