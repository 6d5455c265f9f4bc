/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The datapath outlives the daemon, gives way to another build, and leaves no trace. */
#include "fixture.h"

#include "model/switch.h"

#include <bpf/libbpf.h>

#include <linux/capability.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#define TCX_INGRESS ((enum bpf_attach_type)46)

static struct datapath_view describe(const struct fixture *fixture)
{
	struct datapath_view view = {};

	assert_int_equal(datapath_describe(fixture->dp, &view), 0);
	return view;
}

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == BPF_FS_MAGIC;
}

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

static uint32_t map_id(const struct datapath_view *view, const char *name)
{
	for (size_t i = 0; i < view->n_maps; i++)
		if (!strcmp(view->maps[i].name, name))
			return view->maps[i].id;
	fail_msg("no map %s", name);
	return 0;
}

/* The programs at a device's TCX ingress, first to last. */
static uint32_t read_chain(uint32_t ifindex, uint32_t *ids)
{
	uint32_t n = 8;

	if (bpf_prog_query((int)ifindex, TCX_INGRESS, 0, NULL, ids, &n))
		return 0;
	return n;
}

struct link {
	uint32_t id, program;
};

static struct link read_link_at(const struct fixture *fixture, const char *hook, uint32_t ifindex)
{
	struct bpf_link_info info = {};
	__u32 length = sizeof(info);
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "%s-%u", hook, ifindex);
	fd = bpffs_get(fixture->dp->bpffs, "links", name);
	assert_true(fd >= 0);
	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &length), 0);
	close(fd);
	return (struct link){info.id, info.prog_id};
}

static void every_map_of_the_object_is_known_to_the_daemon(void **state)
{
	size_t size;
	const void *bytes = object_built_in(&size);
	struct bpf_object *object = bpf_object__open_mem(bytes, size, NULL);
	struct bpf_map *map;

	assert_non_null(object);
	bpf_object__for_each_map(map, object)
	{
		bool known = bpf_map__is_internal(map);

		for (enum datapath_map i = 0; i < N_MAPS; i++)
			known |= !strcmp(bpf_map__name(map), datapath_map_name(i));
		if (!known)
			fail_msg("map %s would be lost at every upgrade", bpf_map__name(map));
	}
	bpf_object__close(object);
}

static void opening_again_adopts_the_programs_and_maps(void **state)
{
	struct fixture *fixture = *state;
	struct datapath_view before = describe(fixture), after;

	fixture_reopen(fixture);
	after = describe(fixture);
	assert_int_equal(after.n_programs, N_PROGRAMS);
	assert_int_equal(after.n_maps, N_MAPS + 1);
	for (size_t i = 0; i < after.n_programs; i++)
		assert_int_equal(after.programs[i].id, before.programs[i].id);
	for (size_t i = 0; i < after.n_maps; i++)
		assert_int_equal(after.maps[i].id, before.maps[i].id);
	assert_string_equal(after.pin_directory, fixture->pins);
}

static void a_second_daemon_on_the_same_directory_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct datapath_options options = fixture_options(fixture);
	struct datapath *second = NULL;
	struct problem problem = {};

	assert_int_equal(datapath_open(&options, &second, &problem), -EBUSY);
	assert_int_equal(problem.code, PROBLEM_CONFLICT);
	assert_non_null(strstr(problem.message, fixture->pins));
	assert_null(second);
}

/*
 * Runs main() of this program again as `WHAT PINS`, a daemon of its own; an
 * assertion that fails there ends it.  Returns wait's status.
 */
static int run_daemon(const struct fixture *fixture, const char *what)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execl("/proc/self/exe", "daemon", what, fixture->pins, NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void fill_and_die(struct fixture *fixture)
{
	uint32_t ifindex = if_nametoindex("tap0"), segment, port;

	fixture_open(fixture);
	segment = put_segment(fixture, BLUE);
	port = put_port(fixture, "tap0", ifindex, segment);
	learn(fixture, BLUE, 1, PATH_PORT, port);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, ifindex), 0);
	raise(SIGKILL);
}

static void everything_survives_the_daemon_being_killed(void **state)
{
	struct fixture *fixture = *state;
	uint32_t ifindex = make_device("tap0"), ids[8];
	int status = run_daemon(fixture, "fill-and-die");

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_int_equal(read_chain(ifindex, ids), 1);

	fixture_open(fixture);
	assert_true(is_known(fixture, BLUE, 1));
	assert_true(attach_is_present(fixture->dp, PROGRAM_PORT, ifindex));
	assert_int_not_equal(slots_find_port(datapath_slots(fixture->dp), "tap0"), TABLE_NO_SLOT);
	assert_int_equal(fdb_count_learned(fixture->dp), 1);
	assert_int_equal(describe(fixture).programs[PROGRAM_PORT].id, ids[0]);
}

static void another_build_replaces_the_programs_at_the_same_links(void **state)
{
	struct fixture *fixture = *state;
	struct datapath_options options = fixture_options(fixture);
	uint32_t tap = make_device("tap0"), eth = make_device("eth0"), ids[8];
	struct datapath_view before = describe(fixture), after;
	struct link port, underlay;
	void *object = fixture_other_build(&options.object_size);

	options.object = object;
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), 0);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_UNDERLAY, eth), 0);
	port = read_link_at(fixture, "port", tap);
	underlay = read_link_at(fixture, "underlay", eth);

	fixture_close(fixture);
	fixture_open_with(fixture, &options);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), 0);
	assert_int_equal(read_link_at(fixture, "port", tap).program, port.program);
	fixture_take_over(fixture);
	after = describe(fixture);
	assert_int_equal(map_id(&after, "fdb"), map_id(&before, "fdb"));
	assert_int_equal(map_id(&after, "peers"), map_id(&before, "peers"));
	assert_int_equal(read_link_at(fixture, "port", tap).id, port.id);
	assert_int_equal(read_link_at(fixture, "underlay", eth).id, underlay.id);
	assert_int_not_equal(after.programs[PROGRAM_PORT].id, before.programs[PROGRAM_PORT].id);
	assert_int_equal(read_chain(tap, ids), 1);
	assert_int_equal(ids[0], after.programs[PROGRAM_PORT].id);
	assert_int_equal(read_chain(eth, ids), 1);
	assert_int_equal(ids[0], after.programs[PROGRAM_UNDERLAY].id);

	fixture_close(fixture);
	fixture_open_with(fixture, &options);
	assert_int_equal(describe(fixture).programs[0].id, after.programs[0].id);
	free(object);
}

/* A daemon that dies between its pins and its hooks leaves this. */
static void hooks_that_were_left_behind_are_brought_along(void **state)
{
	struct fixture *fixture = *state;
	struct datapath_options options = fixture_options(fixture);
	uint32_t tap = make_device("tap0"), old;
	void *object = fixture_other_build(&options.object_size);

	options.object = object;
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), 0);
	old = describe(fixture).programs[PROGRAM_PORT].id;
	fixture_close(fixture);
	fixture_open_with(fixture, &options);
	assert_int_equal(generation_pin(&fixture->dp->now, fixture->dp->bpffs), 0);
	fixture_close(fixture);

	fixture_open_with(fixture, &options);
	assert_int_equal(read_link_at(fixture, "port", tap).program, old);
	fixture_take_over(fixture);
	assert_int_equal(read_link_at(fixture, "port", tap).program,
			 describe(fixture).programs[PROGRAM_PORT].id);
	free(object);
}

static void fdb_entries_survive_another_capacity(void **state)
{
	struct fixture *fixture = *state;
	struct datapath_options options = fixture_options(fixture);
	uint32_t segment = put_segment(fixture, BLUE), port = put_port(fixture, "tap0", 0, segment);

	for (uint32_t n = 0; n < 1000; n++)
		learn(fixture, BLUE, n, PATH_PORT, port);
	fixture_close(fixture);
	options.fdb_entries = 5000;
	fixture_open_with(fixture, &options);
	assert_int_equal(fdb_capacity(fixture->dp), 5000);
	for (uint32_t n = 0; n < 1000; n++)
		assert_true(is_known(fixture, BLUE, n));
	fixture_take_over(fixture);
	assert_int_equal(datapath_fdb_left_behind(fixture->dp), 0);
	assert_int_equal(fdb_count_learned_by_port(fixture->dp, port), 1000);
	fixture_close(fixture);
	fixture_open_with(fixture, &options);
	assert_true(is_known(fixture, BLUE, 999));
}

static void what_does_not_fit_a_smaller_fdb_is_counted_and_static_entries_stay(void **state)
{
	struct fixture *fixture = *state;
	uint32_t segment = put_segment(fixture, BLUE), port = put_port(fixture, "tap0", 0, segment);
	struct table_fdb fixed = {.path = port, .path_kind = PATH_PORT, .source = FDB_STATIC};
	struct problem problem = {};
	struct table_fdb_key key;

	for (uint32_t n = 0; n < 1000; n++)
		learn(fixture, BLUE, n, PATH_PORT, port);
	for (uint32_t n = 1000; n < 1010; n++) {
		key = fdb_key(BLUE, n);
		assert_int_equal(fdb_put(fixture->dp, &key, &fixed, NULL), 0);
	}
	assert_int_equal(datapath_resize_fdb(fixture->dp, 100, &problem), 0);
	assert_int_equal(fdb_capacity(fixture->dp), 100);
	for (uint32_t n = 1000; n < 1010; n++)
		assert_true(is_known(fixture, BLUE, n));
	assert_int_equal(datapath_fdb_left_behind(fixture->dp), 910);
	assert_int_equal(fdb_count_learned(fixture->dp), 90);
	assert_int_equal(fdb_count_learned_by_port(fixture->dp, port), 90);
}

/* What the old programs learn until they are replaced. */
static void entries_learned_during_the_copy_are_merged(void **state)
{
	struct fixture *fixture = *state;
	struct datapath_options options = fixture_options(fixture);
	uint32_t segment = put_segment(fixture, BLUE), a = put_port(fixture, "tap0", 0, segment);
	uint32_t b = put_port(fixture, "tap1", 0, segment);
	struct table_fdb_key early = fdb_key(BLUE, 1), late = fdb_key(BLUE, 2);
	struct table_fdb entry;

	learn(fixture, BLUE, 1, PATH_PORT, a);
	fixture_close(fixture);
	options.fdb_entries = 2048;
	fixture_open_with(fixture, &options);
	entry = (struct table_fdb){.path = b, .path_kind = PATH_PORT, .seen_ns = UINT64_MAX / 2};
	assert_int_equal(bpf_map_update_elem(fixture->dp->old_fdb, &early, &entry, BPF_ANY), 0);
	assert_int_equal(bpf_map_update_elem(fixture->dp->old_fdb, &late, &entry, BPF_ANY), 0);
	assert_false(is_known(fixture, BLUE, 2));
	fixture_take_over(fixture);
	assert_true(is_known(fixture, BLUE, 2));
	assert_int_equal(fdb_get(fixture->dp, &early, &entry), 0);
	assert_int_equal(entry.path, b);
	assert_int_equal(fdb_count_learned_by_port(fixture->dp, a), 0);
	assert_int_equal(fdb_count_learned_by_port(fixture->dp, b), 2);
	assert_int_equal(fdb_count_learned(fixture->dp), 2);
}

static void another_layout_keeps_the_fdb_and_the_slots_and_empties_the_rest(void **state)
{
	struct fixture *fixture = *state;
	struct datapath_options options = fixture_options(fixture);
	uint32_t green = put_segment(fixture, GREEN), blue = put_segment(fixture, BLUE);
	uint32_t port = put_port(fixture, "tap0", 0, blue), peer = put_peer(fixture, 1);
	struct table_segment record;
	struct table_peer peer_record;

	learn(fixture, BLUE, 1, PATH_PORT, port);
	learn(fixture, GREEN, 2, PATH_PEER, peer);
	fixture_close(fixture);
	options.layout = TABLE_LAYOUT + 1;
	fixture_open_with(fixture, &options);
	assert_int_equal(maps_get_segment(fixture->dp, blue, &record), 0);
	assert_int_equal(record.flags, 0);
	assert_int_equal(maps_get_peer(fixture->dp, peer, &peer_record), 0);
	assert_int_equal(peer_record.flags, 0);

	assert_int_equal(put_segment(fixture, BLUE), blue);
	assert_int_equal(put_segment(fixture, GREEN), green);
	assert_int_equal(put_port(fixture, "tap0", 0, blue), port);
	assert_int_equal(put_peer(fixture, 1), peer);
	fixture_take_over(fixture);
	assert_int_equal(maps_sweep(fixture->dp), 0);
	assert_true(is_known(fixture, BLUE, 1));
	assert_true(is_known(fixture, GREEN, 2));
	assert_int_equal(fdb_count_learned_by_port(fixture->dp, port), 1);
	assert_int_equal(fdb_count_learned_by_segment(fixture->dp, green), 1);
	assert_int_equal(describe(fixture).layout, TABLE_LAYOUT + 1);
}

static void unloading_leaves_nothing(void **state)
{
	struct fixture *fixture = *state;
	uint32_t tap = make_device("tap0"), eth = make_device("eth0"), ids[8];
	struct problem problem = {};

	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), 0);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_UNDERLAY, eth), 0);
	assert_int_equal(read_chain(tap, ids), 1);
	assert_int_equal(read_chain(eth, ids), 1);
	assert_true(is_bpffs(fixture->pins));
	assert_int_equal(datapath_unload(fixture->dp, &problem), 0);
	fixture_close(fixture);
	assert_int_equal(read_chain(tap, ids), 0);
	assert_int_equal(read_chain(eth, ids), 0);
	assert_false(exists(fixture->pins));
	fixture_open(fixture);
	assert_int_equal(fdb_count_learned(fixture->dp), 0);
}

static void keep_daemon_rights(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	data[0].permitted = 1u << CAP_NET_ADMIN | 1u << CAP_NET_RAW;
	data[1].permitted = 1u << (CAP_BPF - 32) | 1u << (CAP_PERFMON - 32);
	data[0].effective = data[0].permitted;
	data[1].effective = data[1].permitted;
	assert_int_equal(syscall(SYS_capset, &header, data), 0);
}

/* Everything that the daemon does after it has given up what it does not need. */
static void live_with_few_rights(struct fixture *fixture)
{
	uint32_t ifindex = if_nametoindex("tap0"), segment, slot;
	struct table_nexthop nexthop = {.ifindex = ifindex, .family = 4};
	struct table_address remote = address_of(1);
	struct problem problem = {};

	fixture_open(fixture);
	keep_daemon_rights();
	segment = put_segment(fixture, BLUE);
	slot = put_port(fixture, "tap0", ifindex, segment);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, ifindex), 0);
	assert_int_equal(maps_set_flood(fixture->dp, FLOOD_TO_PORTS, segment, &slot, 1), 0);
	slot = put_peer(fixture, 1);
	assert_int_equal(maps_set_nexthops(fixture->dp, slot, &nexthop, 1), 0);
	if (datapath_resize_fdb(fixture->dp, 2048, &problem))
		fail_msg("%s", problem.message);
	assert_true(describe(fixture).maps[MAP_FDB].memory_bytes > 2048 * 28);
	assert_int_equal(maps_delete_peer(fixture->dp, &remote), 0);
	assert_int_equal(maps_sweep(fixture->dp), 0);
	assert_true(attach_is_present(fixture->dp, PROGRAM_PORT, ifindex));
	assert_int_equal(attach_remove(fixture->dp, PROGRAM_PORT, ifindex), 0);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, ifindex), 0);
	if (datapath_unload(fixture->dp, &problem))
		fail_msg("%s", problem.message);
	fixture_close(fixture);
}

static void the_rights_that_the_daemon_keeps_are_enough(void **state)
{
	struct fixture *fixture = *state;
	uint32_t ifindex = make_device("tap0"), ids[8];

	assert_int_equal(run_daemon(fixture, "few-rights"), 0);
	assert_int_equal(read_chain(ifindex, ids), 0);
	assert_false(exists(fixture->pins));
}

/* As in a sandbox, where the mount was made from outside and nobody may unmount. */
static void unload_in_sandbox(struct fixture *fixture)
{
	struct problem problem = {};

	keep_daemon_rights();
	fixture_open(fixture);
	if (datapath_unload(fixture->dp, &problem))
		fail_msg("%s", problem.message);
	fixture_close(fixture);
}

static void a_sandbox_that_permits_no_mounting_is_enough(void **state)
{
	struct fixture *fixture = *state;
	struct bpffs *bpffs;

	assert_int_equal(bpffs_open(fixture->pins, &bpffs, NULL), 0);
	bpffs_close(bpffs);
	assert_int_equal(run_daemon(fixture, "sandbox"), 0);
	assert_true(is_bpffs(fixture->pins));
	/* the kernel puts its own *.debug there */
	run("test -z \"$(ls -A %s | grep -v '[.]debug$')\"", fixture->pins);
}

static int run_as_daemon(const char *what, const char *pins)
{
	struct fixture fixture = {};

	snprintf(fixture.pins, sizeof(fixture.pins), "%s", pins);
	if (!strcmp(what, "fill-and-die"))
		fill_and_die(&fixture);
	else if (!strcmp(what, "few-rights"))
		live_with_few_rights(&fixture);
	else if (!strcmp(what, "sandbox"))
		unload_in_sandbox(&fixture);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_map_of_the_object_is_known_to_the_daemon),
		fixture_test(opening_again_adopts_the_programs_and_maps),
		fixture_test(a_second_daemon_on_the_same_directory_is_refused),
		fixture_test_closed(everything_survives_the_daemon_being_killed),
		fixture_test(another_build_replaces_the_programs_at_the_same_links),
		fixture_test(hooks_that_were_left_behind_are_brought_along),
		fixture_test(fdb_entries_survive_another_capacity),
		fixture_test(what_does_not_fit_a_smaller_fdb_is_counted_and_static_entries_stay),
		fixture_test(entries_learned_during_the_copy_are_merged),
		fixture_test(another_layout_keeps_the_fdb_and_the_slots_and_empties_the_rest),
		fixture_test(unloading_leaves_nothing),
		fixture_test_closed(the_rights_that_the_daemon_keeps_are_enough),
		fixture_test_closed(a_sandbox_that_permits_no_mounting_is_enough),
	};

	if (argc == 3)
		return run_as_daemon(argv[1], argv[2]);
	return fixture_rights() ?:
				  cmocka_run_group_tests_name("kernel/datapath", tests, NULL, NULL);
}
