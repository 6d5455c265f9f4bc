/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a test run the datapath?  The harness loads the programs into a
 * network namespace of the test's own, with taps for ports and underlay, fills
 * the maps with a small switch (below), gives one frame to one program and
 * says what became of it: verdict, bytes, counters, events.
 *
 * Two ways in:
 *   harness_run()     BPF_PROG_TEST_RUN: verdict and bytes, redirects are not
 *                     carried out (copies of flooded frames are);
 *   harness_deliver() the programs are attached and the frame arrives at a
 *                     device: VLAN tags go to metadata, redirects happen,
 *                     offloads count; read the taps with device_receive().
 */
#ifndef OVERLAID_TESTS_HARNESS_H
#define OVERLAID_TESTS_HARNESS_H

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include "abi/drop.h"
#include "abi/encap_kind.h"
#include "abi/event.h"
#include "abi/table.h"

#include "device.h"
#include "frame.h"

struct datapath_bpf;

/*
 * The switch: segment BLUE (VNI 5001) with ports A, B, C and all peers, which
 * floods, learns and drops tags; segment GREEN (VNI 6001) with one port and
 * PEER_4.  VM_A lives behind port A; VM_B is known nowhere.
 */
enum { BLUE, GREEN, N_SEGMENTS };
enum { PORT_A, PORT_B, PORT_C, PORT_GREEN, N_PORTS };
enum { PEER_4, PEER_4B, PEER_6, N_PEERS };

#define BLUE_VNI  5001
#define GREEN_VNI 6001

#define LOCAL_4	  "192.0.2.2"
#define LOCAL_6	  "2001:db8:0:1::2"
#define REMOTE_4  "192.0.2.1"
#define REMOTE_4B "192.0.2.3"
#define REMOTE_6  "2001:db8:0:1::1"
/* MAC addresses of the underlay: our device, and the next hops of the peers. */
#define UNDERLAY_MAC	"02:aa:00:00:00:02"
#define NEXT_HOP_MAC	"02:aa:00:00:00:01"
#define NEXT_HOP_4B_MAC "02:aa:00:00:00:03"
#define NEXT_HOP_6_MAC	"02:aa:00:00:00:06"

/* What every peer may send: all but NVGRE, which could not be told from GRE. */
#define ACCEPTS_DEFAULT (1u << ENCAP_VXLAN | 1u << ENCAP_GENEVE | 1u << ENCAP_GRE | 1u << ENCAP_STT)

#define UNDERLAY_MTU 1500
#define LIMIT_4	     1450 /* largest inner IP packet over IPv4 */
#define LIMIT_6	     1430

enum program { FROM_PORT, FROM_UNDERLAY, FROM_ANCHOR, N_ENTRY_POINTS };

#define HARNESS_FDB_ENTRIES 4096
#define EVENTS_MAX	    16

struct outcome {
	int verdict;		 /* TC_ACT_*; only of harness_run() */
	const struct frame *out; /* the frame as the program left it; only of harness_run() */
	/* what was counted */
	uint64_t n_dropped, bytes_dropped; /* over all reasons */
	struct table_drop_key drop;	   /* of the last one found */
	uint64_t drops[DROP_REASON_END];
	struct table_traffic ports[N_PORTS], segments[N_SEGMENTS], peers[N_PEERS];
	struct event events[EVENTS_MAX];
	size_t n_events;
};

struct harness {
	struct datapath_bpf *datapath;
	struct device ports[N_PORTS];
	struct device underlay;
	struct device anchor; /* the kernel's vxlan device: no descriptor */
	uint32_t features;    /* SETTING_DECAP_* of this kernel, always among the settings */
	struct ring_buffer *events;
	bool floods_as_described; /* no test changed the flood lists */
	struct outcome outcome;	  /* of the last frame */
};

/* For cmocka_run_group_tests(): setup and teardown of a group, *state is a struct harness. */
int harness_open(void **state);
/* The same with ports that speak vnet_hdr, as QEMU's do; the underlay is a plain wire. */
int harness_open_offloads(void **state);
int harness_close(void **state);
/* Of one test: the switch as described above, empty queues, no learned entry. */
int harness_reset(void **state);
int harness_forget(void **state);

/* main() of a test program: skips (77) with a reason where BPF is not permitted. */
#define harness_main(tests)                                                                        \
	harness_run_group(tests, sizeof(tests) / sizeof((tests)[0]), harness_open, harness_close)
#define harness_main_offloads(tests)                                                               \
	harness_run_group(tests, sizeof(tests) / sizeof((tests)[0]), harness_open_offloads,        \
			  harness_close)
struct CMUnitTest;
int harness_run_group(const struct CMUnitTest *tests, size_t n, int (*open)(void **state),
		      int (*close)(void **state));
#define harness_test(function)                                                                     \
	{                                                                                          \
#function, function, harness_reset, harness_forget, NULL                           \
	}

/* Runs the program on a frame that came from the device. */
const struct outcome *harness_run(struct harness *harness, enum program program,
				  const struct device *device, const struct frame *frame);
/* The same with other members of the context set; returns -errno of the kernel's refusal, or 0. */
int harness_run_context(struct harness *harness, enum program program, struct __sk_buff context,
			const struct frame *frame);
/* harness_open() has attached each program to its devices. */
void harness_attach(struct harness *harness, enum program program, const struct device *device);
/* Another program, to be attached before; false where the kernel has no place for two. */
bool harness_attach_first(int program, const struct device *device);
const struct outcome *harness_deliver(struct harness *harness, const struct device *device,
				      const struct frame *frame);
const struct outcome *harness_deliver_offloaded(struct harness *harness,
						const struct device *device,
						const struct frame *frame,
						const struct offload *offload);
/* Counters and events since the last call or harness_forget_counters(). */
const struct outcome *harness_outcome(struct harness *harness);
/* The same where softirqs are on the way: waits up to five seconds until something was counted. */
const struct outcome *harness_await(struct harness *harness);
void harness_forget_counters(struct harness *harness);

int harness_program_fd(const struct harness *harness, enum program program);

#endif
