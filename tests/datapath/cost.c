/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many nanoseconds does each program need for a frame?  Prints a table.
 *
 *	cost [RUNS]
 *
 * Two ways to measure, both by BPF_PROG_TEST_RUN, both minus a program of two
 * instructions measured the same way: "single" is the median of RUNS runs with
 * a fresh frame each, from cold caches, since each is a system call; "warm" is
 * the mean of many runs over one frame, only where the program leaves the
 * frame as it was.  Redirects are not carried out: what the kernel does with
 * the frame afterwards is not in these numbers.
 */
#include <unistd.h>

#include <bpf/bpf.h>

#include "kinds.h"
#include "test.h"

#define RUNS_DEFAULT 20000
#define WARM_RUNS    200000

enum { WARM = 1 };

struct cost_case {
	const char *name;
	enum program program;
	int warm;
	const struct frame *frame;
};

static int baseline_fd(void)
{
	/* r0 = TC_ACT_OK; exit */
	static const struct bpf_insn instructions[] = {{.code = 0xb7}, {.code = 0x95}};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "cost_baseline", "GPL", instructions, 2,
			     NULL);
}

/* Nanoseconds of one run, averaged over `repeat` by the kernel; ends the program on failure. */
static uint32_t run(int program, int ifindex, const struct frame *frame, int repeat)
{
	static uint8_t out[FRAME_MAX];
	struct __sk_buff context = {.ifindex = (uint32_t)ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->bytes,
		    .data_size_in = (uint32_t)frame->length, .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = repeat);
	int error = bpf_prog_test_run_opts(program, &options);

	if (error) {
		fprintf(stderr, "cannot run a program: %s\n", strerror(-error));
		exit(EXIT_FAILURE);
	}
	return options.duration;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t median(int program, int ifindex, const struct frame *frame, int runs)
{
	uint32_t *samples = calloc((size_t)runs, sizeof(*samples)), result;

	if (!samples)
		exit(EXIT_FAILURE);
	for (int i = 0; i < runs; i++)
		samples[i] = run(program, ifindex, frame, 1);
	qsort(samples, (size_t)runs, sizeof(*samples), by_value);
	result = samples[runs / 2];
	free(samples);
	return result;
}

static void print_case(struct harness *harness, const struct cost_case *item, int baseline,
		       int runs)
{
	const struct device *device =
		item->program == FROM_PORT ? &harness->ports[PORT_A] : &harness->underlay;
	int program = harness_program_fd(harness, item->program);
	int single = (int)median(program, device->ifindex, item->frame, runs) -
		     (int)median(baseline, device->ifindex, item->frame, runs);

	printf("%-48s %8d", item->name, single);
	if (item->warm)
		printf(" %8d", (int)run(program, device->ifindex, item->frame, WARM_RUNS) -
				       (int)run(baseline, device->ifindex, item->frame, WARM_RUNS));
	printf("\n");
}

/* Destinations of the cases: VM B behind port B, 04 and 06 behind peers. */
static void prepare(struct harness *harness)
{
	tables_fill(harness);
	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_B, FDB_STATIC);
	tables_set_fdb(harness, BLUE_VNI, "02:bb:00:00:00:04", PATH_PEER, PEER_4, FDB_STATIC);
	tables_set_fdb(harness, BLUE_VNI, "02:bb:00:00:00:06", PATH_PEER, PEER_6, FDB_STATIC);
}

/* The same frame in every envelope. */
static void print_envelopes(struct harness *harness, const struct frame *frame, int baseline,
			    int runs)
{
	for (size_t i = 0; i < N_SPOKEN; i++) {
		char name[64];
		const struct cost_case item = {name, FROM_PORT, 0, frame};

		snprintf(name, sizeof(name), "from_port: 64 bytes in %s", spoken[i].name);
		spoken_set(harness, PEER_4, &spoken[i]);
		print_case(harness, &item, baseline, runs);
	}
}

#define SMALL udp(), payload(22) /* 64 bytes in all */

int main(int argc, char **argv)
{
	int runs = argc > 1 ? atoi(argv[1]) : RUNS_DEFAULT, baseline;
	struct harness *harness;
	void *state;

	if (device_isolate() || harness_open(&state)) {
		printf("skipped: needs CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_BPF\n");
		return 77;
	}
	harness = state;
	prepare(harness);
	baseline = baseline_fd();
	if (baseline < 0 || runs <= 0)
		return EXIT_FAILURE;
	const struct frame *inner = frame(eth(.src = "02:bb:00:00:00:09"), ip4(), SMALL);
	const struct cost_case cases[] = {
		{"from_port: to another port, 64 bytes", FROM_PORT, WARM,
		 frame(eth(), ip4(), SMALL)},
		{"from_port: to a peer over IPv4, 64 bytes", FROM_PORT, 0,
		 frame(eth(.dst = "02:bb:00:00:00:04"), ip4(), SMALL)},
		{"from_port: to a peer over IPv6, 64 bytes", FROM_PORT, 0,
		 frame(eth(.dst = "02:bb:00:00:00:06"), ip4(), SMALL)},
		{"from_port: to a peer over IPv4, ARP", FROM_PORT, 0,
		 frame(eth(.dst = "02:bb:00:00:00:04"), arp())},
		{"from_port: to a peer over IPv4, 1450 bytes", FROM_PORT, 0,
		 frame(eth(.dst = "02:bb:00:00:00:04"), ip4(), tcp(), payload(1410))},
		{"from_port: dropped (group source)", FROM_PORT, WARM,
		 frame(eth(.src = BROADCAST_MAC), ip4(), SMALL)},
		{"from_underlay: from a peer over IPv4, 64 bytes", FROM_UNDERLAY, 0,
		 envelope_from(PEER_4, inner, (struct envelope){0})},
		{"from_underlay: from a peer over IPv6, 64 bytes", FROM_UNDERLAY, 0,
		 envelope_from(PEER_6, inner, (struct envelope){0})},
		{"from_underlay: the same with UDP checksum", FROM_UNDERLAY, 0,
		 envelope_from_summed(PEER_6, inner, (struct envelope){0})},
		{"from_underlay: to the host (ssh)", FROM_UNDERLAY, WARM,
		 frame(eth(), ip4(.dst = LOCAL_4), tcp(.dport = 22), payload(40))},
		{"from_underlay: dropped (unknown peer)", FROM_UNDERLAY, WARM,
		 frame(eth(), ip4(.src = "192.0.2.77", .dst = LOCAL_4),
		       udp(.dport = 4789, .checksum = CHECKSUM_ZERO), vxlan(), eth(), arp())},
	};

	printf("%-48s %8s %8s\n", "ns per frame", "single", "warm");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		print_case(harness, &cases[i], baseline, runs);
	print_envelopes(harness, cases[1].frame, baseline, runs);
	close(baseline);
	frames_forget();
	return harness_close(&state);
}
