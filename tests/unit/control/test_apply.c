/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a change all or nothing, whichever step of it fails?  Is a restart
 * invisible in the maps?  Every write to the datapath passes a gate here that
 * can refuse it.
 */
#include "kernel/attach.h"

#include "snapshot.h"

static unsigned int n_writes, fail_at; /* 0: none fails */
static void (*after_write)(void *arg);
static void *after_write_arg;

static bool refuse(void)
{
	return ++n_writes == fail_at;
}

static int done(int result)
{
	if (after_write)
		after_write(after_write_arg);
	return result;
}

/* One gate per function that writes: X(name, parameters, arguments) */
#define GATES(X)                                                                                   \
	X(maps_put_settings, (struct datapath * dp, const struct table_settings *a), (dp, a))      \
	X(maps_put_segment,                                                                        \
	  (struct datapath * dp, const struct table_segment *a, uint32_t *b, struct problem *c),   \
	  (dp, a, b, c))                                                                           \
	X(maps_put_port,                                                                           \
	  (struct datapath * dp, const struct table_port *a, uint32_t *b, struct problem *c),      \
	  (dp, a, b, c))                                                                           \
	X(maps_put_peer,                                                                           \
	  (struct datapath * dp, const struct table_peer *a, uint32_t *b, struct problem *c),      \
	  (dp, a, b, c))                                                                           \
	X(maps_set_nexthops,                                                                       \
	  (struct datapath * dp, uint32_t a, const struct table_nexthop *b, size_t c),             \
	  (dp, a, b, c))                                                                           \
	X(maps_put_member,                                                                         \
	  (struct datapath * dp, uint32_t a, const struct table_address *b, uint32_t c,            \
	   struct problem *d),                                                                     \
	  (dp, a, b, c, d))                                                                        \
	X(maps_delete_member,                                                                      \
	  (struct datapath * dp, uint32_t a, const struct table_address *b, uint32_t c),           \
	  (dp, a, b, c))                                                                           \
	X(maps_put_peer_address,                                                                   \
	  (struct datapath * dp, uint32_t a, const struct table_address *b, struct problem *c),    \
	  (dp, a, b, c))                                                                           \
	X(maps_set_local_addresses,                                                                \
	  (struct datapath * dp, const struct table_address *a, size_t b), (dp, a, b))             \
	X(fdb_put,                                                                                 \
	  (struct datapath * dp, const struct table_fdb_key *a, const struct table_fdb *b,         \
	   struct problem *c),                                                                     \
	  (dp, a, b, c))                                                                           \
	X(attach_program, (struct datapath * dp, enum datapath_program a, uint32_t b), (dp, a, b))

#define X(name, parameters, arguments)                                                             \
	int __real_##name parameters;                                                              \
	int __wrap_##name parameters;                                                              \
	int __wrap_##name parameters                                                               \
	{                                                                                          \
		return refuse() ? -EIO : done(__real_##name arguments);                            \
	}
GATES(X)
#undef X

int __real_maps_set_floods(struct datapath *dp, const struct maps_flood_list *lists, size_t n);
int __wrap_maps_set_floods(struct datapath *dp, const struct maps_flood_list *lists, size_t n);
int __wrap_maps_set_floods(struct datapath *dp, const struct maps_flood_list *lists, size_t n)
{
	size_t n_filled = 0;

	for (size_t i = 0; i < n; i++)
		n_filled += lists[i].n > 0;
	/* when all are emptied a change is done, and only tidies up: no reason to undo it */
	if (n_filled && refuse())
		return -EIO;
	return done(__real_maps_set_floods(dp, lists, n));
}

#define BEFORE                                                                                     \
	"{'underlay': {'device': ['u1', 'u2'], 'address': '192.0.2.1'},"                           \
	" 'segments': [{'name': 'blue', 'vni': 5001}, {'name': 'green', 'vni': 5002},"             \
	"              {'name': 'red', 'vni': 5003}],"                                             \
	" 'peers': [{'address': '192.0.2.2', 'other-addresses': '192.0.2.102'},"                   \
	"           {'address': '192.0.2.4', 'segments': ['green'], 'encapsulation': 'nvgre',"     \
	"            'other-addresses': ['192.0.2.6', '2001:db8::4']},"                            \
	"           {'address': '198.51.100.5', 'encapsulation': 'geneve'}],"                      \
	" 'ports': [{'device': 'vm1', 'segment': 'blue'}, {'device': 'vm2', 'segment': 'green'},"  \
	"           {'device': 'absent', 'segment': 'red'}],"                                      \
	" 'fdb': [{'segment': 'blue', 'mac': '02:00:00:00:01:01', 'peer': '192.0.2.2'},"           \
	"         {'segment': 'green', 'mac': '02:00:00:00:01:02', 'port': 'vm2'},"                \
	"         {'segment': 'red', 'mac': '02:00:00:00:01:03', 'port': 'absent'}]}"

/* Something of every kind is made, changed and deleted; blue has another VNI. */
#define AFTER                                                                                      \
	"{'underlay': {'device': 'u1', 'address': '192.0.2.3', 'ttl': 7},"                         \
	" 'segments': [{'name': 'blue', 'vni': 6001}, {'name': 'green', 'vni': 5002,"              \
	"               'flood': 'none', 'learning': false}, {'name': 'white', 'vni': 5004}],"     \
	" 'peers': [{'address': '192.0.2.2', 'segments': ['white'], 'encapsulation': 'gre',"       \
	"            'gre-checksum': true},"                                                       \
	"           {'address': '192.0.2.4', 'segments': ['blue', 'green'],"                       \
	"            'other-addresses': ['198.51.100.5', '192.0.2.102']},"                         \
	"           {'address': '192.0.2.6', 'encapsulation': 'geneve',"                           \
	"            'geneve-options': '0103010100000001'}],"                                      \
	" 'ports': [{'device': 'vm1', 'segment': 'blue', 'macs': ['02:00:00:00:00:01']},"          \
	"           {'device': 'vm2', 'segment': 'white'}, {'device': 'vm3', 'segment': 'blue'}]," \
	" 'fdb': [{'segment': 'blue', 'mac': '02:00:00:00:01:01', 'peer': '192.0.2.4'},"           \
	"         {'segment': 'green', 'mac': '02:00:00:00:01:02', 'peer': '192.0.2.6'}]}"

static void begin(struct machine *machine, const struct model *model)
{
	struct problem problem = {0};

	fail_at = 0;
	after_write = NULL;
	if (apply_first(machine->host, model, &problem))
		fail_msg("%s", problem.message);
	machine_follow(machine, model);
}

static int change(struct machine *machine, const struct model *from, const struct model *to,
		  struct problem *problem)
{
	_cleanup_plan_ struct plan plan = {0};

	assert_int_equal(plan_make(from, to, &plan), 0);
	return apply_plan(machine->host, &plan, from, to, problem);
}

static void learn_something(struct machine *machine)
{
	const struct slots *slots = machine->host->datapath->slots;
	struct address peer;

	assert_int_equal(address_parse("192.0.2.2", &peer), 0);
	machine_learn(machine, 5001, 1, PATH_PORT, slots_find_port(slots, "vm1"));
	machine_learn(machine, 5002, 2, PATH_PORT, slots_find_port(slots, "vm2"));
	machine_learn(machine, 5001, 3, PATH_PEER, slots_find_peer(slots, &peer));
	machine_learn(machine, 5003, 4, PATH_PEER, slots_find_peer(slots, &peer));
}

static void assert_same(const struct machine *machine, const struct snapshot *expected,
			const char *when)
{
	struct snapshot present = snapshot_take(machine);
	const char *line = snapshot_differs(expected, &present);

	if (line)
		fail_msg("%s %u: %s", when, n_writes, line);
	snapshot_free(&present);
}

static void a_change_that_fails_at_any_step_leaves_everything_as_it_was(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model before, after;
	struct snapshot expected;
	struct problem problem = {0};

	machine_model(BEFORE, &before);
	machine_model(AFTER, &after);
	begin(machine, &before);
	learn_something(machine);
	expected = snapshot_take(machine);
	for (fail_at = 1;; fail_at++) {
		n_writes = 0;
		problem = (struct problem){0};
		if (change(machine, &before, &after, &problem) == 0)
			break;
		assert_true(problem_is_set(&problem));
		assert_same(machine, &expected, "undone after write");
	}
	/* it ends with the first run that had fewer writes than the one to fail */
	assert_true(fail_at > 20 && fail_at == n_writes + 1);
	snapshot_free(&expected);
}

static void a_refused_change_gives_the_fdb_its_size_back(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model before, after;
	struct problem problem = {0};

	machine_model(BEFORE, &before);
	machine_model(AFTER, &after);
	after.limits.fdb_entries = 2048;
	before.limits.fdb_entries = 1024;
	begin(machine, &before);
	learn_something(machine);
	n_writes = 0;
	fail_at = 1;
	assert_int_equal(change(machine, &before, &after, &problem), -EIO);
	assert_int_equal(fdb_capacity(machine->host->datapath), 1024);
	assert_true(machine_knows(machine, 5001, 1));
	fail_at = 0;
	assert_int_equal(change(machine, &before, &after, &problem), 0);
	assert_int_equal(fdb_capacity(machine->host->datapath), 2048);
}

static void a_change_and_its_reverse_lead_back(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model before, after;
	struct snapshot first, second;
	struct problem problem = {0};

	machine_model(BEFORE, &before);
	machine_model(AFTER, &after);
	begin(machine, &before);
	first = snapshot_take(machine);
	assert_int_equal(change(machine, &before, &after, &problem), 0);
	second = snapshot_take(machine);
	assert_non_null(snapshot_differs(&first, &second));
	assert_int_equal(change(machine, &after, &before, &problem), 0);
	/* freed slots are given to others in another order; there are as many of everything */
	snapshot_free(&second);
	second = snapshot_take(machine);
	assert_int_equal(first.n, second.n);
	snapshot_free(&first);
	snapshot_free(&second);
}

static void what_was_deleted_takes_its_learned_entries_along(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model before, after;
	struct problem problem = {0};

	machine_model(BEFORE, &before);
	machine_model(
		"{'underlay': {'device': ['u1', 'u2'], 'address': '192.0.2.1'},"
		" 'segments': [{'name': 'blue', 'vni': 5001}, {'name': 'green', 'vni': 5002}],"
		" 'peers': [{'address': '192.0.2.2'}],"
		" 'ports': [{'device': 'vm1', 'segment': 'blue'}]}",
		&after);
	begin(machine, &before);
	learn_something(machine);
	assert_int_equal(change(machine, &before, &after, &problem), 0);
	assert_true(machine_knows(machine, 5001, 1));
	assert_true(machine_knows(machine, 5001, 3));
	assert_false(machine_knows(machine, 5002, 2));
	assert_false(machine_knows(machine, 5003, 4));
	assert_false(attach_is_present(machine->host->datapath, PROGRAM_PORT,
				       link_by_name(&machine->host->links, "vm2")->ifindex));
	assert_true(attach_is_present(machine->host->datapath, PROGRAM_PORT,
				      link_by_name(&machine->host->links, "vm1")->ifindex));
}

static void a_port_that_moves_leaves_nothing_behind_in_the_former_segment(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model before, after;
	struct problem problem = {0};

	machine_model(BEFORE, &before);
	machine_model(BEFORE, &after);
	begin(machine, &before);
	learn_something(machine);
	strcpy(model_port(&after, "vm1")->segment, "red");
	assert_int_equal(change(machine, &before, &after, &problem), 0);
	assert_false(machine_knows(machine, 5001, 1));
	assert_true(machine_knows(machine, 5001, 3));
}

struct watched {
	const struct machine *machine;
	const struct snapshot *expected;
	unsigned int n;
};

static void watch(void *arg)
{
	struct watched *watched = arg;

	watched->n++;
	assert_same(watched->machine, watched->expected, "at write");
}

static void a_restart_changes_nothing_at_any_moment(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;
	struct snapshot expected;
	struct watched watched = {.machine = machine, .expected = &expected};
	struct problem problem = {0};

	machine_model(BEFORE, &model);
	begin(machine, &model);
	learn_something(machine);
	expected = snapshot_take(machine);
	machine_reopen(machine);
	assert_same(machine, &expected, "opened");
	n_writes = 0;
	after_write = watch;
	after_write_arg = &watched;
	assert_int_equal(apply_first(machine->host, &model, &problem), 0);
	after_write = NULL;
	assert_true(watched.n > 20);
	assert_same(machine, &expected, "restarted");
	snapshot_free(&expected);
}

static void a_restart_with_another_configuration_takes_the_rest_away(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model before, after;
	struct snapshot fresh, adopted;
	const struct slots *slots;

	machine_model(BEFORE, &before);
	machine_model(AFTER, &after);
	begin(machine, &before);
	learn_something(machine);
	machine_reopen(machine);
	begin(machine, &after);
	slots = machine->host->datapath->slots;
	assert_int_equal(slots_count(slots, SLOT_SEGMENT), 3);
	assert_int_equal(slots_find_segment(slots, 5003), TABLE_NO_SLOT);
	assert_int_equal(slots_find_port(slots, "absent"), TABLE_NO_SLOT);
	assert_false(machine_knows(machine, 5001, 1));
	assert_false(machine_knows(machine, 5003, 4));
	assert_false(attach_is_present(machine->host->datapath, PROGRAM_UNDERLAY,
				       link_by_name(&machine->host->links, "u2")->ifindex));
	/* as many lines as after a start from nothing: nothing more is there */
	adopted = snapshot_take(machine);
	assert_int_equal(apply_unload(machine->host, NULL), 0);
	machine_reopen(machine);
	begin(machine, &after);
	fresh = snapshot_take(machine);
	assert_int_equal(fresh.n, adopted.n);
	snapshot_free(&fresh);
	snapshot_free(&adopted);
}

static void members_that_were_revoked_while_no_daemon_ran_are_revoked(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model before, after;
	struct table_member member = {.vni = 5001};
	struct table_membership membership;
	struct address address;
	int fd;

	assert_int_equal(address_parse("192.0.2.2", &address), 0);
	memcpy(&member.address, &address, sizeof(member.address));
	machine_model("{'underlay': {'device': 'u1'}, 'segments': [{'name': 'blue', 'vni': 5001}],"
		      " 'peers': [{'address': '192.0.2.2'}]}",
		      &before);
	machine_model("{'underlay': {'device': 'u1'}, 'segments': [{'name': 'blue', 'vni': 5001}],"
		      " 'peers': [{'address': '192.0.2.2', 'segments': []}]}",
		      &after);
	begin(machine, &before);
	fd = datapath_fd(machine->host->datapath, MAP_MEMBERS);
	assert_int_equal(bpf_map_lookup_elem(fd, &member, &membership), 0);
	machine_reopen(machine);
	begin(machine, &after);
	fd = datapath_fd(machine->host->datapath, MAP_MEMBERS);
	assert_int_not_equal(bpf_map_lookup_elem(fd, &member, &membership), 0);
}

static void what_the_kernel_does_not_have_is_refused_by_name(void **state)
{
	static const struct {
		const char *model, *field, *word;
	} cases[] = {
		{"{'underlay': {'device': 'eth77'}}", "underlay.device", "eth77"},
		{"{'underlay': {'device': 'lo'}}", "underlay.device", "lo"},
		{"{'underlay': {'device': 'u1', 'address': '203.0.113.1'}}", "underlay.address",
		 "203.0.113.1"},
		{"{'underlay': {'device': 'vm1'}}", "underlay.address", "vm1"},
		{"{'underlay': {'device': 'u1'}, 'peers': [{'address': '192.0.2.9'},"
		 " {'address': '198.51.100.1'}]}",
		 "peers[1].address", "198.51.100.1"},
		{"{'underlay': {'device': 'u1'}, 'peers': [{'address': '192.0.2.9',"
		 " 'other-addresses': ['192.0.2.8', '198.51.100.1']}]}",
		 "peers[0].other-addresses[1]", "198.51.100.1"},
		{"{'underlay': {'device': 'u2'}, 'peers': [{'address': '198.51.100.2'},"
		 " {'address': '198.51.100.3', 'encapsulation': 'stt'}]}",
		 "peers[1].encapsulation", "needs packets of 136 bytes, and u2 takes 130"},
		{"{'underlay': {'device': 'u1'}, 'segments': [{'name': 'a', 'vni': 1}],"
		 " 'ports': [{'device': 'ovl-vxlan', 'segment': 'a'}]}",
		 "ports[0].device", "ovl-vxlan"},
	};
	struct machine *machine = *state;

	assert_int_equal(sh("ip link set u2 mtu 130"), 0);
	machine_reopen(machine);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_model_ struct model model;
		struct problem problem = {0};

		machine_model(cases[i].model, &model);
		assert_true(apply_check(machine->host, &model, &problem) < 0);
		assert_string_equal(problem.field, cases[i].field);
		assert_non_null(strstr(problem.message, cases[i].word));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_machine(a_change_that_fails_at_any_step_leaves_everything_as_it_was),
		on_machine(a_refused_change_gives_the_fdb_its_size_back),
		on_machine(a_change_and_its_reverse_lead_back),
		on_machine(what_was_deleted_takes_its_learned_entries_along),
		on_machine(a_port_that_moves_leaves_nothing_behind_in_the_former_segment),
		on_machine(a_restart_changes_nothing_at_any_moment),
		on_machine(a_restart_with_another_configuration_takes_the_rest_away),
		on_machine(members_that_were_revoked_while_no_daemon_ran_are_revoked),
		on_machine(what_the_kernel_does_not_have_is_refused_by_name),
	};
	int rights = machine_rights();

	return rights ? rights : cmocka_run_group_tests(tests, NULL, NULL);
}
