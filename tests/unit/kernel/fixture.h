/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network namespace and a directory for pins of the test's own, and the few
 * words that the tests of the datapath's owner share.  Needs the rights of the
 * daemon's start; main() skips with a reason without them.
 */
#ifndef OVERLAID_TESTS_KERNEL_FIXTURE_H
#define OVERLAID_TESTS_KERNEL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/problem.h"
#include "kernel/attach.h"
#include "kernel/datapath_state.h"
#include "kernel/fdb.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLUE  5001u
#define GREEN 6001u

struct fixture {
	char root[64];
	char pins[80]; /* root/bpf */
	struct datapath *dp;
};

/* Runs a command line; the test fails when it does. */
static inline void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void run(const char *format, ...)
{
	char command[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	if (system(command))
		fail_msg("failed: %s", command);
}

static inline struct datapath_options fixture_options(const struct fixture *fixture)
{
	return (struct datapath_options){.directory = fixture->pins, .fdb_entries = 1024};
}

/* Opens as the daemon does at its start; fails the test when that is refused. */
static inline void fixture_open_with(struct fixture *fixture,
				     const struct datapath_options *options)
{
	struct problem problem = {};

	if (datapath_open(options, &fixture->dp, &problem))
		fail_msg("%s", problem.message);
}

static inline void fixture_take_over(struct fixture *fixture)
{
	struct problem problem = {};

	if (datapath_take_over(fixture->dp, &problem))
		fail_msg("%s", problem.message);
}

static inline void fixture_close(struct fixture *fixture)
{
	datapath_close(fixture->dp);
	fixture->dp = NULL;
}

static inline void fixture_open(struct fixture *fixture)
{
	struct datapath_options options = fixture_options(fixture);

	fixture_open_with(fixture, &options);
	fixture_take_over(fixture);
}

/* As after a restart of the daemon. */
static inline void fixture_reopen(struct fixture *fixture)
{
	fixture_close(fixture);
	fixture_open(fixture);
}

/* The object of another build: programs and maps as they are, the bytes differ. */
static inline void *fixture_other_build(size_t *ret_size)
{
	const void *object = object_built_in(ret_size);
	char *other = calloc(1, *ret_size + 8);

	assert_non_null(other);
	memcpy(other, object, *ret_size);
	*ret_size += 8;
	return other;
}

static inline int fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	if (!fixture || unshare(CLONE_NEWNET))
		return -1;
	strcpy(fixture->root, "/tmp/overlaid-unit-XXXXXX");
	if (!mkdtemp(fixture->root))
		return -1;
	snprintf(fixture->pins, sizeof(fixture->pins), "%s/bpf", fixture->root);
	*state = fixture;
	return 0;
}

static inline int fixture_setup_open(void **state)
{
	int r = fixture_setup(state);

	if (!r)
		fixture_open(*state);
	return r;
}

static inline int fixture_teardown(void **state)
{
	struct fixture *fixture = *state;

	datapath_close(fixture->dp);
	umount2(fixture->pins, MNT_DETACH);
	rmdir(fixture->pins);
	rmdir(fixture->root);
	free(fixture);
	return 0;
}

#define fixture_test(function)                                                                     \
	cmocka_unit_test_setup_teardown(function, fixture_setup_open, fixture_teardown)
#define fixture_test_closed(function)                                                              \
	cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

/* 0, or meson's exit status of a skipped program. */
static inline int fixture_rights(void)
{
	uint32_t features;

	if (geteuid() == 0 && !unshare(CLONE_NEWNET) && !features_probe(&features))
		return 0;
	printf("needs root with CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_BPF\n");
	return 77;
}

static inline uint32_t put_segment(struct fixture *fixture, uint32_t vni)
{
	struct table_segment segment = {.vni = vni,
					.flags = SEGMENT_LEARN | SEGMENT_FLOOD_UNKNOWN,
					.max_learned = 1u << 30,
					.flood_limit = 1500};
	uint32_t slot = TABLE_NO_SLOT;

	assert_int_equal(maps_put_segment(fixture->dp, &segment, &slot, NULL), 0);
	return slot;
}

static inline uint32_t put_port(struct fixture *fixture, const char *device, uint32_t ifindex,
				uint32_t segment)
{
	struct table_port port = {.ifindex = ifindex,
				  .segment = segment,
				  .flags = PORT_UP,
				  .mtu = 1500,
				  .max_learned = 1u << 30};
	uint32_t slot = TABLE_NO_SLOT;

	snprintf(port.name, sizeof(port.name), "%s", device);
	assert_int_equal(maps_put_port(fixture->dp, &port, &slot, NULL), 0);
	return slot;
}

/* ::ffff:192.0.2.N */
static inline struct table_address address_of(uint8_t n)
{
	return (struct table_address){{[10] = 0xff, 0xff, 192, 0, 2, n}};
}

static inline uint32_t put_peer(struct fixture *fixture, uint8_t n)
{
	struct table_peer peer = {.kind = 1, .family = 4, .limit = 1450, .remote = address_of(n)};
	uint32_t slot = TABLE_NO_SLOT;

	assert_int_equal(maps_put_peer(fixture->dp, &peer, &slot, NULL), 0);
	return slot;
}

static inline struct table_fdb_key fdb_key(uint32_t vni, uint32_t n)
{
	return (struct table_fdb_key){.vni = vni,
				      .mac = {0x52, 0x54, (uint8_t)(n >> 24), (uint8_t)(n >> 16),
					      (uint8_t)(n >> 8), (uint8_t)n}};
}

/* Writes what the datapath writes when it learns, counters included. */
static inline void learn(struct fixture *fixture, uint32_t vni, uint32_t n, uint8_t kind,
			 uint32_t path)
{
	struct table_fdb_key key = fdb_key(vni, n);
	struct table_fdb entry = {.path = path, .path_kind = kind, .seen_ns = fdb_now_ns()};
	struct datapath *dp = fixture->dp;

	assert_int_equal(bpf_map_update_elem(datapath_fd(dp, MAP_FDB), &key, &entry, BPF_NOEXIST),
			 0);
	dp->learned_by_segment[slots_find_segment(dp->slots, vni)]++;
	if (kind == PATH_PORT)
		dp->learned_by_port[path]++;
}

static inline bool is_known(const struct fixture *fixture, uint32_t vni, uint32_t n)
{
	struct table_fdb_key key = fdb_key(vni, n);
	struct table_fdb entry;

	return !fdb_get(fixture->dp, &key, &entry);
}

/* One end of a veth pair of this name; returns its ifindex. */
static inline uint32_t make_device(const char *name)
{
	run("ip link add %s up type veth peer name %s-far", name, name);
	return if_nametoindex(name);
}

#endif
