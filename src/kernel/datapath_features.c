/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can this kernel do that an older one cannot?  Asked by trying, since
 * distributions backport.  Called once at start.
 */
#include "kernel/datapath_state.h"

#include "base/cleanup.h"

#include <bpf/bpf.h>

#include <errno.h>

#define TEST_FRAME_BYTES 64
#ifndef BPF_F_ADJ_ROOM_DECAP_L3_IPV4
#define BPF_F_ADJ_ROOM_DECAP_L3_IPV4 (1ull << 7)
#endif
#define ADJ_ROOM_DECAP_L4_UDP (1ull << 9) /* after 6.18; not in <linux/bpf.h> yet */

/* More than bpf_skb_adjust_room() ever moves: -EFAULT, but unknown flags are -EINVAL before. */
#define IMPOSSIBLE_SHRINK (-0x1000)

#define INSN(op, destination, source, offset, immediate)                                           \
	((struct bpf_insn){.code = (op),                                                           \
			   .dst_reg = (destination),                                               \
			   .src_reg = (source),                                                    \
			   .off = (offset),                                                        \
			   .imm = (immediate)})
#define SET(reg, value) INSN(BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, value)

/* return bpf_skb_adjust_room(skb, IMPOSSIBLE_SHRINK, BPF_ADJ_ROOM_MAC, flags); */
static int load_probe(uint64_t flags)
{
	const struct bpf_insn program[] = {
		SET(BPF_REG_2, IMPOSSIBLE_SHRINK),
		SET(BPF_REG_3, BPF_ADJ_ROOM_MAC),
		SET(BPF_REG_4, (int)flags),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_skb_adjust_room),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "probe", "GPL", program,
			       sizeof(program) / sizeof(program[0]), NULL);

	return fd < 0 ? -errno : fd;
}

/* 1, 0, or -errno when no program runs at all. */
static int knows_flags(uint64_t flags)
{
	_cleanup_close_ int program = load_probe(flags);
	char frame[TEST_FRAME_BYTES] = {};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = sizeof(frame));

	if (program < 0)
		return program;
	if (bpf_prog_test_run_opts(program, &run))
		return -errno;
	return (int)run.retval != -EINVAL;
}

int features_probe(uint32_t *ret)
{
	uint32_t features = 0;
	int r = knows_flags(BPF_F_ADJ_ROOM_DECAP_L3_IPV4);

	if (r < 0)
		return r;
	if (r)
		features |= SETTING_DECAP_L3;
	r = knows_flags(ADJ_ROOM_DECAP_L4_UDP);
	if (r < 0)
		return r;
	if (r)
		features |= SETTING_DECAP_L4;
	*ret = features;
	return 0;
}
