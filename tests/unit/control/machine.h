/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hypervisor of the test's own: a namespace with an underlay device and VM
 * ports, a datapath in a directory under /tmp, models written as JSON, and all
 * that the datapath's maps hold as one text.
 */
#ifndef OVERLAID_TESTS_UNIT_CONTROL_MACHINE_H
#define OVERLAID_TESTS_UNIT_CONTROL_MACHINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/problem.h"
#include "kernel/apply.h"
#include "kernel/datapath_state.h"
#include "kernel/fdb.h"
#include "kernel/follow.h"
#include "kernel/host.h"
#include "model/check.h"
#include "model/field.h"
#include "model/plan.h"

#include "netns.h"

#include <bpf/bpf.h>
#include <sys/mount.h>

struct machine {
	char root[64], pins[80];
	struct host *host;
};

static inline void machine_open(struct machine *machine)
{
	struct datapath_options options = {.directory = machine->pins, .fdb_entries = 1024};
	struct problem problem = {0};

	if (host_open(&options, &machine->host, &problem))
		fail_msg("%s", problem.message);
}

static inline void machine_close(struct machine *machine)
{
	host_close(machine->host);
	machine->host = NULL;
}

/* As kill -9 and a new daemon. */
static inline void machine_reopen(struct machine *machine)
{
	machine_close(machine);
	machine_open(machine);
}

/* Namespace and devices; the host is opened by whoever wants it. */
static inline int machine_prepare(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));

	if (!machine || netns_fresh(state))
		return -1;
	*state = machine;
	strcpy(machine->root, "/tmp/overlaid-unit-XXXXXX");
	if (!mkdtemp(machine->root))
		return -1;
	snprintf(machine->pins, sizeof(machine->pins), "%s/bpf", machine->root);
	if (sh("ip link set lo up;"
	       "for n in u1 u2 vm1 vm2 vm3; do"
	       " ip link add $n type veth peer name far-$n;"
	       /* nobody there says anything that could be learned */
	       " ip link set $n addrgenmode none; ip link set far-$n addrgenmode none;"
	       " ip link set $n up; ip link set far-$n up; done;"
	       "ip addr add 192.0.2.1/24 dev u1; ip addr add 192.0.2.3/24 dev u1;"
	       "ip addr add 198.51.100.1/24 dev u2;"
	       "ip addr add 2001:db8::1/64 dev u1 nodad; ip link set u1 mtu 1600"))
		return -1;
	return 0;
}

static inline int machine_setup(void **state)
{
	if (machine_prepare(state))
		return -1;
	machine_open(*state);
	return 0;
}

static inline int machine_teardown(void **state)
{
	struct machine *machine = *state;

	machine_close(machine);
	umount2(machine->pins, MNT_DETACH);
	rmdir(machine->pins);
	rmdir(machine->root);
	free(machine);
	return 0;
}

#define on_machine(test) cmocka_unit_test_setup_teardown(test, machine_setup, machine_teardown)

/* 0, or meson's exit status for a skipped program. */
static inline int machine_rights(void)
{
	uint32_t features;

	netns_or_skip();
	if (features_probe(&features) == 0)
		return 0;
	printf("1..0 # SKIP programs for the kernel cannot be loaded here\n");
	return 77;
}

/*
 * JSON with ' for ", because C strings are written in ".  An envelope that the
 * datapath does not speak yet is no reason to refuse it here.
 */
static inline void machine_model(const char *text, struct model *ret)
{
	struct problem problem = {0};
	char *quoted = strdup(text);
	json_t *json;
	int r;

	assert_non_null(quoted);
	for (char *c = strchr(quoted, '\''); c; c = strchr(c, '\''))
		*c = '"';
	json = json_loads(quoted, 0, NULL);
	assert_non_null(json);
	model_init(ret);
	r = model_from_json(json, ret, &problem);
	if (r == 0)
		r = model_check(ret, &problem);
	if (r && r != -EOPNOTSUPP)
		fail_msg("%s: %s", problem.field, problem.message);
	json_decref(json);
	free(quoted);
}

/* Everything as after the events of what was done last. */
static inline void machine_follow(struct machine *machine, const struct model *model)
{
	unsigned int changes = 0;

	assert_int_equal(host_read_events(machine->host, &changes), 0);
	assert_int_equal(follow_changes(machine->host, model, changes), 0);
}

/* Follows until the condition holds; false after five seconds. */
#define machine_eventually(machine, model, condition)                                              \
	({                                                                                         \
		double _deadline = seconds_now() + 5;                                              \
		machine_follow(machine, model);                                                    \
		while (!(condition) && seconds_now() < _deadline) {                                \
			struct timespec _pause = {.tv_nsec = 2000000};                             \
			nanosleep(&_pause, NULL);                                                  \
			machine_follow(machine, model);                                            \
		}                                                                                  \
		(condition);                                                                       \
	})

/* Like learned by the datapath. */
static inline void machine_learn(struct machine *machine, uint32_t vni, uint8_t last,
				 enum table_path_kind kind, uint32_t path)
{
	struct table_fdb_key key = {.vni = vni, .mac = {2, 0, 0, 0, 0, last}};
	struct table_fdb entry = {.path_kind = kind, .path = path, .seen_ns = fdb_now_ns()};

	assert_int_equal(bpf_map_update_elem(datapath_fd(machine->host->datapath, MAP_FDB), &key,
					     &entry, BPF_NOEXIST),
			 0);
}

static inline bool machine_knows(struct machine *machine, uint32_t vni, uint8_t last)
{
	struct table_fdb_key key = {.vni = vni, .mac = {2, 0, 0, 0, 0, last}};
	struct table_fdb entry;

	return fdb_get(machine->host->datapath, &key, &entry) == 0;
}

#endif
