/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a test run the datapath?  See harness.h.
 */
#include "harness.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "datapath.skel.h"

#include "kernel/datapath_state.h"

#include "tables.h"

#define EXIT_SKIPPED 77
#define TCX_INGRESS  46 /* enum bpf_attach_type, Linux 6.6 */

static void give_up(const char *what, int error)
{
	fprintf(stderr, "%s: %s\n", what, strerror(error));
	exit(EXIT_FAILURE);
}

static int keep_event(void *context, void *data, size_t size)
{
	struct outcome *outcome = context;

	if (size == sizeof(struct event) && outcome->n_events < EVENTS_MAX)
		memcpy(&outcome->events[outcome->n_events], data, size);
	outcome->n_events++;
	return 0;
}

static void open_devices(struct harness *harness, bool offloads)
{
	static const char *const names[N_PORTS] = {"porta", "portb", "portc", "portgreen"};

	for (uint32_t slot = 0; slot < N_PORTS; slot++) {
		char mac[18];

		snprintf(mac, sizeof(mac), "02:cc:00:00:00:%02x", slot);
		device_open_tap(&harness->ports[slot], names[slot], mac, offloads);
	}
	device_open_underlay(&harness->underlay, "underlay", UNDERLAY_MAC);
	device_ip("address add " LOCAL_4 "/24 dev underlay");
	device_ip("address add " LOCAL_6 "/128 dev lo");
	device_ip("route add 2001:db8:0:1::/64 dev underlay");
	device_ip("neighbour add " REMOTE_4 " lladdr " NEXT_HOP_MAC " dev underlay");
	device_ip("neighbour add " REMOTE_4B " lladdr " NEXT_HOP_4B_MAC " dev underlay");
	device_ip("neighbour add " REMOTE_6 " lladdr " NEXT_HOP_6_MAC " dev underlay");
	device_ip("link add anchor type vxlan external dstport 4789 srcport 49152 65535 "
		  "udp6zerocsumrx");
	device_ip("link set anchor mtu 65000 up");
	snprintf(harness->anchor.name, sizeof(harness->anchor.name), "anchor");
	harness->anchor.ifindex = (int)if_nametoindex("anchor");
	harness->anchor.fd = -1;
}

static void load(struct harness *harness)
{
	harness->datapath = datapath_bpf__open();
	if (!harness->datapath)
		give_up("cannot open the datapath", errno);
	bpf_map__set_max_entries(harness->datapath->maps.fdb, HARNESS_FDB_ENTRIES);
	if (datapath_bpf__load(harness->datapath))
		give_up("cannot load the datapath", errno);
	if (features_probe(&harness->features))
		give_up("cannot try out the kernel", errno);
	harness->events = ring_buffer__new(bpf_map__fd(harness->datapath->maps.events), keep_event,
					   &harness->outcome, NULL);
	if (!harness->events)
		give_up("cannot read events", errno);
}

static int open_with(void **state, bool offloads)
{
	struct harness *harness = calloc(1, sizeof(*harness));

	if (!harness)
		return -1;
	open_devices(harness, offloads);
	load(harness);
	for (uint32_t slot = 0; slot < N_PORTS; slot++)
		harness_attach(harness, FROM_PORT, &harness->ports[slot]);
	harness_attach(harness, FROM_UNDERLAY, &harness->underlay);
	harness_attach(harness, FROM_ANCHOR, &harness->anchor);
	*state = harness;
	return 0;
}

int harness_open(void **state)
{
	return open_with(state, /* offloads= */ false);
}

int harness_open_offloads(void **state)
{
	return open_with(state, /* offloads= */ true);
}

int harness_close(void **state)
{
	struct harness *harness = *state;

	ring_buffer__free(harness->events);
	datapath_bpf__destroy(harness->datapath);
	for (uint32_t slot = 0; slot < N_PORTS; slot++)
		device_close(&harness->ports[slot]);
	device_close(&harness->underlay);
	free(harness);
	return 0;
}

int harness_reset(void **state)
{
	struct harness *harness = *state;

	tables_fill(harness);
	for (uint32_t slot = 0; slot < N_PORTS; slot++)
		device_drain(&harness->ports[slot]);
	device_drain(&harness->underlay);
	harness_forget_counters(harness);
	return 0;
}

int harness_forget(void **state)
{
	(void)state;
	frames_forget();
	return 0;
}

int harness_run_group(const struct CMUnitTest *tests, size_t n, int (*open)(void **state),
		      int (*close)(void **state))
{
	int error = device_isolate();

	if (error == -EPERM) {
		printf("skipped: needs CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_BPF\n");
		return EXIT_SKIPPED;
	}
	if (error)
		give_up("cannot make a network namespace", -error);
	return _cmocka_run_group_tests("datapath", tests, n, open, close);
}

int harness_program_fd(const struct harness *harness, enum program program)
{
	const struct bpf_program *programs[N_ENTRY_POINTS] = {
		[FROM_PORT] = harness->datapath->progs.from_port,
		[FROM_UNDERLAY] = harness->datapath->progs.from_underlay,
		[FROM_ANCHOR] = harness->datapath->progs.from_anchor,
	};

	return bpf_program__fd(programs[program]);
}

void harness_forget_counters(struct harness *harness)
{
	ring_buffer__consume(harness->events);
	tables_clear_counters(harness);
	memset(&harness->outcome, 0, sizeof(harness->outcome));
}

const struct outcome *harness_outcome(struct harness *harness)
{
	ring_buffer__consume(harness->events);
	tables_read_counters(harness, &harness->outcome);
	tables_clear_counters(harness);
	return &harness->outcome;
}

static bool counted_something(struct harness *harness)
{
	struct outcome now = {0};

	tables_read_counters(harness, &now);
	return now.n_dropped || now.segments[BLUE].rx_frames || now.segments[GREEN].rx_frames;
}

const struct outcome *harness_await(struct harness *harness)
{
	for (int i = 0; i < 5000 && !counted_something(harness); i++)
		poll(NULL, 0, /* ms= */ 1);
	return harness_outcome(harness);
}

int harness_run_context(struct harness *harness, enum program program, struct __sk_buff context,
			const struct frame *frame)
{
	static uint8_t out[FRAME_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->bytes,
		    .data_size_in = (uint32_t)frame->length, .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = 1);
	int error;

	harness_forget_counters(harness);
	error = bpf_prog_test_run_opts(harness_program_fd(harness, program), &options);
	if (error)
		return error;
	harness_outcome(harness);
	harness->outcome.verdict = (int)options.retval;
	harness->outcome.out = frame_copy(out, options.data_size_out);
	return 0;
}

const struct outcome *harness_run(struct harness *harness, enum program program,
				  const struct device *device, const struct frame *frame)
{
	struct __sk_buff context = {
		.ifindex = (uint32_t)device->ifindex,
		.ingress_ifindex = (uint32_t)device->ifindex,
	};
	int error = harness_run_context(harness, program, context, frame);

	if (error)
		give_up("the kernel does not run a frame", -error);
	return &harness->outcome;
}

bool harness_attach_first(int program, const struct device *device)
{
	return bpf_link_create(program, device->ifindex, (enum bpf_attach_type)TCX_INGRESS, NULL) >=
	       0;
}

/* The link is never closed: it goes with the device when the program ends. */
void harness_attach(struct harness *harness, enum program program, const struct device *device)
{
	int fd = harness_program_fd(harness, program);
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = device->ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = fd, .flags = BPF_TC_F_REPLACE, .handle = 1,
		    .priority = 1);
	int error;

	if (harness_attach_first(fd, device))
		return;
	error = bpf_tc_hook_create(&hook);
	if (error && error != -EEXIST)
		give_up("cannot make a clsact hook", -error);
	error = bpf_tc_attach(&hook, &options);
	if (error)
		give_up("cannot attach a program", -error);
}

const struct outcome *harness_deliver_offloaded(struct harness *harness,
						const struct device *device,
						const struct frame *frame,
						const struct offload *offload)
{
	int error;

	harness_forget_counters(harness);
	error = device_send_offloaded(device, frame, offload);
	if (error)
		give_up("the kernel does not take a frame", -error);
	return harness_outcome(harness);
}

const struct outcome *harness_deliver(struct harness *harness, const struct device *device,
				      const struct frame *frame)
{
	return harness_deliver_offloaded(harness, device, frame, &(struct offload){0});
}
