/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both ends of the benchmark of small frames, loaded by generate.c: `inject`
 * makes each frame at a port (run by BPF_PROG_TEST_RUN with live frames, so
 * that the port's host sees what a NIC's driver would hand it), `sink` counts
 * and drops them at the receiving VM's NIC.  All other traffic passes it.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "frames.h"

#define PROTOCOL_UDP 17

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} arrived SEC(".maps");

struct generator_settings settings;

/* The kernel recycles pages without restoring them: every byte is written anew. */
SEC("xdp")
int inject(struct xdp_md *context)
{
	struct small_frame *frame = (void *)(long)context->data;

	if ((void *)(frame + 1) > (void *)(long)context->data_end)
		return XDP_ABORTED;
	*frame = settings.frame;
	frame->source_port_be =
		bpf_htons(SMALL_FRAME_SOURCE_PORT + (settings.serial++ & settings.flow_mask));
	return XDP_PASS;
}

SEC("tc")
int sink(struct __sk_buff *skb)
{
	const struct small_frame *frame = (void *)(long)skb->data;
	__u32 zero = 0;
	__u64 *count;

	if ((const void *)(frame + 1) > (const void *)(long)skb->data_end)
		return TC_ACT_OK;
	if (frame->type_be != bpf_htons(0x0800) || frame->protocol != PROTOCOL_UDP ||
	    frame->destination_port_be != bpf_htons(SMALL_FRAME_DESTINATION_PORT))
		return TC_ACT_OK;
	count = bpf_map_lookup_elem(&arrived, &zero);
	if (count)
		(*count)++;
	return TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "GPL";
