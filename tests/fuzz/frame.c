/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does any frame make a program do what it must not?  Feeds bytes through
 * BPF_PROG_TEST_RUN.  The first byte of an input chooses the program and the
 * settings, the rest is the frame.
 *
 * What must hold for every frame:
 *   - the verdict is one of three: end here, redirect, leave to the host;
 *   - nothing of a port or of the anchor is handed to the host's stack;
 *   - what is handed to the host is unchanged, uncounted and unheard;
 *   - a dropped frame is counted once, a redirected one not at all (or once,
 *     where it became an answer); flooded ones at most once per receiver.
 *
 * The programs are the kernel's, so libFuzzer does not see their branches:
 * verdicts and drop reasons serve as its coverage instead.
 */
#include "test.h"

#include "fuzz.h"

#define FROM_UNDERLAY_BIT 0x01
#define FROM_ANCHOR_BIT	  0x02 /* without FROM_UNDERLAY_BIT */
#define STRICT_BIT	  0x04
#define FRAGMENTS_BIT	  0x08
#define TAGS_BIT	  0x10
#define NO_ANCHOR_BIT	  0x20
#define COPY_DSCP_BIT	  0x40
#define NO_FLOOD_BIT	  0x80

#define RECEIVERS_MAX (N_PORTS + N_PEERS)

/* libFuzzer takes what is counted here for branches. */
static uint8_t features[8 * DROP_REASON_END]
	__attribute__((section("__libfuzzer_extra_counters"), used));

static struct harness *harness;

#define ACCEPTS_NVGRE ((ACCEPTS_DEFAULT & ~(1u << ENCAP_GRE)) | 1u << ENCAP_NVGRE)

static void open_once(void)
{
	void *state;
	int error;

	if (harness)
		return;
	error = device_isolate();
	if (error) {
		printf("skipped: needs CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_BPF: %s\n",
		       strerror(-error));
		exit(77);
	}
	if (harness_open(&state))
		exit(EXIT_FAILURE);
	harness = state;
	tables_fill(harness);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	tables_set_fdb(harness, BLUE_VNI, "02:bb:00:00:00:04", PATH_PEER, PEER_4, FDB_STATIC);
	tables_set_fdb(harness, BLUE_VNI, "02:bb:00:00:00:06", PATH_PEER, PEER_6, FDB_STATIC);
	/* so that both readers are reached: PEER_4 sends GRE */
	tables_set_accepts(harness, PEER_4B, ACCEPTS_NVGRE);
	tables_set_accepts(harness, PEER_6, ACCEPTS_NVGRE);
}

static void configure(uint8_t choice)
{
	struct table_segment segment = tables_segment(harness, BLUE);

	tables_set_settings(harness,
			    (choice & STRICT_BIT ? SETTING_STRICT_RESERVED : 0u) |
				    (choice & FRAGMENTS_BIT ? SETTING_DROP_FRAGMENTS : 0u));
	if (choice & NO_ANCHOR_BIT)
		tables_set_anchor(harness, 0);
	segment.flags = SEGMENT_IN_USE | SEGMENT_LEARN | SEGMENT_FRAGMENT;
	segment.flags |= choice & TAGS_BIT ? SEGMENT_CARRY_VLAN : 0u;
	segment.flags |= choice & COPY_DSCP_BIT ? SEGMENT_COPY_DSCP : 0u;
	segment.flags |= choice & NO_FLOOD_BIT ? 0u : SEGMENT_FLOOD_PEERS | SEGMENT_FLOOD_UNKNOWN;
	/* what earlier frames taught stays little, so that inputs mean the same later */
	segment.max_learned = 16;
	tables_set_segment(harness, BLUE, segment);
}

/* Ends the program: libFuzzer keeps the input, and replay.c has named it. */
static void violated(const char *rule, const struct frame *frame)
{
	const struct outcome *outcome = &harness->outcome;

	fprintf(stderr, "%s: verdict %d, %llu dropped (last: %s)\n", rule, outcome->verdict,
		(unsigned long long)outcome->n_dropped, drop_name(outcome->drop.reason));
	frame_print("frame", frame);
	frame_print("afterwards", outcome->out);
	abort();
}

static void check(enum program program, const struct frame *frame)
{
	const struct outcome *outcome = &harness->outcome;

	switch (outcome->verdict) {
	case TC_ACT_UNSPEC:
		if (program != FROM_UNDERLAY)
			violated("handed to the host", frame);
		if (outcome->n_dropped || outcome->segments[BLUE].rx_frames ||
		    outcome->segments[GREEN].rx_frames)
			violated("the host's, but counted", frame);
		if (!frame_equal(outcome->out, frame))
			violated("the host's, but changed", frame);
		break;
	case TC_ACT_SHOT:
		if (outcome->segments[BLUE].flooded ?
			    outcome->n_dropped > 1 + RECEIVERS_MAX ||
				    (!outcome->n_dropped && !outcome->segments[BLUE].tx_frames) :
			    outcome->n_dropped != 1)
			violated("ended, but neither dropped once nor flooded", frame);
		break;
	case TC_ACT_REDIRECT:
		if (outcome->drops[DROP_TOO_BIG_ANSWERED] > 1 ||
		    (outcome->n_dropped != outcome->drops[DROP_TOO_BIG_ANSWERED] &&
		     !outcome->segments[BLUE].flooded))
			violated("sent, but counted as dropped", frame);
		break;
	default:
		violated("no such verdict", frame);
	}
}

static void note_features(enum program program)
{
	const struct outcome *outcome = &harness->outcome;
	size_t base = (size_t)program * 2 * DROP_REASON_END;

	for (size_t reason = 0; reason < DROP_REASON_END; reason++)
		if (outcome->drops[reason])
			features[base + reason] = 1;
	features[base + DROP_REASON_END + (size_t)(outcome->verdict & 7)] = 1;
	features[base + DROP_REASON_END + 8 + outcome->n_events % 8] = 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct __sk_buff context = {0};
	const struct device *device;
	const struct frame *frame;
	enum program program;

	open_once();
	if (size < 1 || size > 4096)
		return 0;
	configure(data[0]);
	program = data[0] & FROM_UNDERLAY_BIT ? FROM_UNDERLAY :
		  data[0] & FROM_ANCHOR_BIT   ? FROM_ANCHOR :
						FROM_PORT;
	device = program == FROM_UNDERLAY ? &harness->underlay :
		 program == FROM_ANCHOR	  ? &harness->anchor :
					    &harness->ports[PORT_A];
	context.ifindex = (uint32_t)device->ifindex;
	frame = frame_copy(data + 1, size - 1);
	/* too short or too long for a test run: no program sees it */
	if (harness_run_context(harness, program, context, frame) == 0) {
		check(program, frame);
		note_features(program);
	}
	for (uint32_t port = 0; port < N_PORTS; port++)
		device_drain(&harness->ports[port]);
	device_drain(&harness->underlay);
	frames_forget();
	return 0;
}
