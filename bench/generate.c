/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many small frames per second does a switch carry, and what CPU time does
 * each cost?  Injects frames at a port of this network namespace as fast as
 * one CPU can, counts them at a NIC of another namespace, and prints one JSON
 * object.  Called by measures.py; pins nothing, judges nothing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "frames.h"

#define BATCH	    64	  /* frames that the kernel hands over at once, as a NIC's poll does */
#define CALIBRATION 32768 /* frames */
#define STALL_NS    20000000ull
#define MAX_THREADS 64

struct options {
	const char *object, *device, *sink_space, *sink_device;
	struct small_frame frame;
	unsigned int flows, n_threads;
	unsigned int threads[MAX_THREADS]; /* of others, whose CPU time counts too */
	double seconds;
};

struct generator {
	const struct options *options;
	struct bpf_object *object;
	struct bpf_tc_hook hook; /* of the sink */
	int inject, arrived;
	unsigned int ifindex, n_cpus;
	unsigned long long arrived_before;
};

struct result {
	unsigned long long sent, arrived, wall_ns, process_ns, threads_ns;
};

static void give_up(const char *what)
{
	fprintf(stderr, "generate: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static unsigned long long now(clockid_t clock)
{
	struct timespec time;

	if (clock_gettime(clock, &time))
		give_up("clock");
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

/* Nanoseconds on a CPU, exact, unlike the ticks of /proc/PID/stat. */
static unsigned long long thread_ns(unsigned int thread)
{
	unsigned long long ns = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/schedstat", thread);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%llu", &ns) != 1)
		give_up(path);
	fclose(file);
	return ns;
}

static unsigned long long threads_ns(const struct options *options)
{
	unsigned long long sum = 0;

	for (unsigned int i = 0; i < options->n_threads; i++)
		sum += thread_ns(options->threads[i]);
	return sum;
}

static void enter(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		give_up(path);
	close(fd);
}

static void frame_finish(struct small_frame *frame)
{
	const unsigned char *byte = &frame->version_and_length;
	unsigned long sum = 0;

	frame->type_be = htons(0x0800);
	frame->version_and_length = 0x45;
	frame->total_length_be = htons(sizeof(*frame) - 14);
	frame->fragment_be = htons(0x4000);
	frame->ttl = 64;
	frame->protocol = IPPROTO_UDP;
	for (size_t i = 0; i < 20; i += 2)
		sum += byte[i] << 8 | byte[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	frame->ip_checksum = htons(~((sum & 0xffff) + (sum >> 16)));
	frame->destination_port_be = htons(SMALL_FRAME_DESTINATION_PORT);
	frame->udp_length_be = htons(8 + SMALL_FRAME_PAYLOAD);
}

static void fill_settings(struct bpf_object *object, const struct options *options)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".bss");
	struct generator_settings settings = {
		.frame = options->frame,
		.flow_mask = options->flows - 1,
	};

	if (!map || bpf_map__set_initial_value(map, &settings, sizeof(settings)))
		give_up("settings of the programs");
}

static int program_fd(struct bpf_object *object, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(object, name));
}

static void load(struct generator *generator)
{
	const struct options *options = generator->options;

	generator->object = bpf_object__open_file(options->object, NULL);
	if (!generator->object)
		give_up(options->object);
	fill_settings(generator->object, options);
	if (bpf_object__load(generator->object))
		give_up("loading the programs");
	generator->inject = program_fd(generator->object, "inject");
	generator->arrived = bpf_object__find_map_fd_by_name(generator->object, "arrived");
	generator->n_cpus = libbpf_num_possible_cpus();
}

/* Leaves this process in the sink's namespace. */
static void sink_attach(struct generator *generator)
{
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = 1, .priority = 1);
	int r;

	enter(generator->options->sink_space);
	generator->hook = (struct bpf_tc_hook){
		.sz = sizeof(generator->hook),
		.ifindex = if_nametoindex(generator->options->sink_device),
		.attach_point = BPF_TC_INGRESS,
	};
	r = bpf_tc_hook_create(&generator->hook);
	if (r && r != -EEXIST)
		give_up("clsact at the sink");
	filter.prog_fd = program_fd(generator->object, "sink");
	if (bpf_tc_attach(&generator->hook, &filter))
		give_up("filter at the sink");
}

static void sink_detach(struct generator *generator)
{
	enter(generator->options->sink_space);
	generator->hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
	if (bpf_tc_hook_destroy(&generator->hook))
		give_up("removing the sink");
}

static unsigned long long count_arrived(const struct generator *generator)
{
	unsigned long long per_cpu[generator->n_cpus], sum = 0;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(generator->arrived, &zero, per_cpu))
		give_up("counter");
	for (unsigned int i = 0; i < generator->n_cpus; i++)
		sum += per_cpu[i];
	return sum - generator->arrived_before;
}

/*
 * One call makes all frames, BATCH at a time, with each batch's softirqs: a
 * call costs some 20 ms besides, which the kernel waits for its own RCU.
 */
static void inject(struct generator *generator, unsigned int n_frames)
{
	const struct options *options = generator->options;
	struct xdp_md context = {
		.data_end = sizeof(options->frame),
		.ingress_ifindex = generator->ifindex,
	};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = &options->frame,
		    .data_size_in = sizeof(options->frame), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = n_frames, .batch_size = BATCH,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	if (bpf_prog_test_run_opts(generator->inject, &run))
		give_up("test run");
}

/* Lets the softirq threads of this CPU finish, until nothing arrives any more. */
static void drain(const struct generator *generator, unsigned int n_frames)
{
	unsigned long long seen = count_arrived(generator), before = seen;
	unsigned long long since = now(CLOCK_MONOTONIC);

	while (seen < n_frames && now(CLOCK_MONOTONIC) - since < STALL_NS) {
		sched_yield();
		seen = count_arrived(generator);
		if (seen != before)
			since = now(CLOCK_MONOTONIC);
		before = seen;
	}
}

static void measure(struct generator *generator, unsigned int n_frames, struct result *result)
{
	const struct options *options = generator->options;
	unsigned long long others = threads_ns(options), own = now(CLOCK_PROCESS_CPUTIME_ID);
	unsigned long long start = now(CLOCK_MONOTONIC);

	generator->arrived_before = 0;
	generator->arrived_before = count_arrived(generator);
	inject(generator, n_frames);
	result->wall_ns = now(CLOCK_MONOTONIC) - start;
	result->process_ns = now(CLOCK_PROCESS_CPUTIME_ID) - own;
	drain(generator, n_frames);
	result->threads_ns = threads_ns(options) - others;
	result->sent = n_frames;
	result->arrived = count_arrived(generator);
}

/* How many frames take the time that was asked for, going by a first few. */
static unsigned int calibrate(struct generator *generator)
{
	struct result result;
	double ns;

	measure(generator, CALIBRATION, &result);
	ns = (double)(result.process_ns + result.threads_ns) / CALIBRATION;
	return generator->options->seconds * 1e9 / ns + BATCH;
}

static void print_result(const struct result *result)
{
	printf("{\"sent\": %llu, \"arrived\": %llu, \"wall_ns\": %llu, \"process_ns\": %llu, "
	       "\"threads_ns\": %llu}\n",
	       result->sent, result->arrived, result->wall_ns, result->process_ns,
	       result->threads_ns);
}

static void run(const struct options *options)
{
	struct generator generator = {.options = options};
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct result result;

	generator.ifindex = if_nametoindex(options->device);
	if (!generator.ifindex)
		give_up(options->device);
	load(&generator);
	sink_attach(&generator);
	if (home < 0 || setns(home, CLONE_NEWNET))
		give_up("going back to the own namespace");
	measure(&generator, calibrate(&generator), &result);
	print_result(&result);
	sink_detach(&generator);
	bpf_object__close(generator.object);
	close(home);
}

static bool read_threads(struct options *options, const char *text)
{
	char *end;

	while (*text && options->n_threads < MAX_THREADS) {
		options->threads[options->n_threads++] = strtoul(text, &end, 10);
		if (end == text || (*end && *end != ','))
			return false;
		text = *end ? end + 1 : end;
	}
	return !*text;
}

static bool read_frame(struct small_frame *frame, int option, const char *value)
{
	switch (option) {
	case 'a':
		return ether_aton_r(value, (struct ether_addr *)frame->source_mac);
	case 'b':
		return ether_aton_r(value, (struct ether_addr *)frame->destination_mac);
	case 's':
		return inet_pton(AF_INET, value, frame->source_address) == 1;
	case 'd':
		return inet_pton(AF_INET, value, frame->destination_address) == 1;
	}
	return false;
}

static bool read_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'o':
		options->object = value;
		return true;
	case 'i':
		options->device = value;
		return true;
	case 'n':
		options->sink_space = value;
		return true;
	case 'e':
		options->sink_device = value;
		return true;
	case 'c':
		return read_threads(options, value);
	case 'f':
		options->flows = strtoul(value, NULL, 10);
		return options->flows && !(options->flows & (options->flows - 1));
	case 't':
		options->seconds = strtod(value, NULL);
		return options->seconds > 0;
	}
	return read_frame(&options->frame, option, value);
}

static void usage(void)
{
	fprintf(stderr, "usage: generate -o OBJECT -i DEVICE -n SINK_NAMESPACE -e SINK_DEVICE "
			"-a SOURCE_MAC -b DESTINATION_MAC -s SOURCE -d DESTINATION\n"
			"       [-f FLOWS (a power of two)] [-t SECONDS] "
			"[-c THREAD,...]\n");
	exit(2);
}

int main(int n_arguments, char *arguments[])
{
	struct options options = {.flows = 64, .seconds = 1};
	int option;

	while ((option = getopt(n_arguments, arguments, "o:i:n:e:a:b:s:d:c:f:t:")) != -1)
		if (!read_option(&options, option, optarg))
			usage();
	if (!options.object || !options.device || !options.sink_space || !options.sink_device)
		usage();
	frame_finish(&options.frame);
	run(&options);
	return EXIT_SUCCESS;
}
