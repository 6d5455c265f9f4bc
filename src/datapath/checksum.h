/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One's complement sums (RFC 1071) over headers, work space and frames.
 */
#ifndef OVERLAID_DATAPATH_CHECKSUM_H
#define OVERLAID_DATAPATH_CHECKSUM_H

#include "datapath/frame_tc.h"

/* Largest piece that bpf_csum_diff takes on every kernel. */
#define CHECKSUM_CHUNK 512

__step __u16 checksum_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)sum;
}

/* words: 16-bit words in network order. */
__step __u64 checksum_words(const __u16 *words, __u32 n)
{
	__u64 sum = 0;

	for (__u32 i = 0; i < n; i++)
		sum += words[i];
	return sum;
}

struct checksum_walk {
	struct __sk_buff *skb;
	__u32 offset;
	__u32 left;
	__u64 sum;
	__s64 error;
};

static long checksum_chunk(__u32 index, struct checksum_walk *walk)
{
	struct scratch *scratch = frame_scratch();
	/* one less: Linux 6.1's verifier does not learn from a comparison with zero */
	__u64 rest = (walk->left < CHECKSUM_CHUNK ? walk->left : CHECKSUM_CHUNK) - 1, bytes;
	__s64 sum;

	PIN(rest);
	if (!scratch || rest >= CHECKSUM_CHUNK)
		return 1;
	bytes = rest + 1;
	/* an odd end is padded with a zero byte, and csum_diff wants multiples of four */
	if (bytes < CHECKSUM_CHUNK)
		__builtin_memset(scratch->bytes + (bytes & ~3u & (CHECKSUM_CHUNK - 1)), 0, 4);
	walk->error = bpf_skb_load_bytes(walk->skb, walk->offset, scratch->bytes, bytes);
	if (walk->error)
		return 1;
	sum = bpf_csum_diff(NULL, 0, (__be32 *)scratch->bytes, (bytes + 3) & ~3u, 0);
	if (sum < 0) {
		walk->error = sum;
		return 1;
	}
	walk->sum += (__u32)sum;
	walk->offset += bytes;
	walk->left -= bytes;
	return 0;
}

/* Adds the sum of the frame's bytes offset..offset+length to *sum; 0 or -errno.  Uses scratch. */
__step int checksum_frame(struct __sk_buff *skb, __u32 offset, __u32 length, __u64 *sum)
{
	struct checksum_walk walk = {.skb = skb, .offset = offset, .left = length, .sum = *sum};

	bpf_loop((65536 / CHECKSUM_CHUNK) + 1, checksum_chunk, &walk, 0);
	if (walk.error || walk.left)
		return walk.error ? (int)walk.error : -1;
	*sum = walk.sum;
	return 0;
}

/* The sum of scratch->bytes[0..n_chunks*CHECKSUM_CHUNK); the caller has zeroed what it did not fill. */
__step __u64 checksum_scratch(struct scratch *scratch, __u32 n_chunks)
{
	__u64 sum = 0;

	for (__u32 i = 0; i < n_chunks; i++)
		sum += (__u32)bpf_csum_diff(NULL, 0,
					    (__be32 *)(scratch->bytes + i * CHECKSUM_CHUNK),
					    CHECKSUM_CHUNK, 0);
	return sum;
}

#endif
