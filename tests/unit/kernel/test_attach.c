/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs are on the devices that they should be on, first, and nowhere else. */
#include "fixture.h"

#include <bpf/libbpf.h>

#define TCX_INGRESS ((enum bpf_attach_type)46)
#define TCX_EGRESS  ((enum bpf_attach_type)47)

static uint32_t id_of(int program)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(program, &info, &length), 0);
	return info.id;
}

static int open_without_tcx(void **state)
{
	struct datapath_options options;
	int r = fixture_setup(state);

	if (r)
		return r;
	options = fixture_options(*state);
	options.force_clsact = true;
	fixture_open_with(*state, &options);
	fixture_take_over(*state);
	return 0;
}

static int load_host_filter(void)
{
	const struct bpf_insn pass[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -1},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "host", "GPL", pass, 2, NULL);
}

static void skip_without_tcx(const struct fixture *fixture)
{
	if (!strcmp(datapath_hook(fixture->dp), "tcx"))
		return;
	print_message("this kernel has no TCX\n");
	skip();
}

static void ours_is_the_first_program_of_the_chain(void **state)
{
	struct fixture *fixture = *state;
	uint32_t ids[8], n = 8, ifindex = make_device("tap0");
	int host = load_host_filter(), link;

	skip_without_tcx(fixture);
	link = bpf_link_create(host, (int)ifindex, TCX_INGRESS, NULL);
	assert_true(link >= 0);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, ifindex), 0);
	assert_int_equal(bpf_prog_query((int)ifindex, TCX_INGRESS, 0, NULL, ids, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(ids[0], id_of(fixture->dp->now.programs[PROGRAM_PORT]));
	assert_int_equal(ids[1], id_of(host));
	close(link);
	close(host);
}

static int count(void *arg, enum datapath_program program, uint32_t ifindex)
{
	++*(int *)arg;
	return 0;
}

static int count_hooks(const struct fixture *fixture)
{
	int n = 0;

	assert_int_equal(attach_each(fixture->dp, count, &n), 0);
	return n;
}

static void attaching_twice_is_attaching_once(void **state)
{
	struct fixture *fixture = *state;
	uint32_t tap = make_device("tap0"), eth = make_device("eth0");

	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), 0);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), 0);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_UNDERLAY, eth), 0);
	assert_int_equal(count_hooks(fixture), 2);
	assert_true(attach_is_present(fixture->dp, PROGRAM_PORT, tap));
	assert_false(attach_is_present(fixture->dp, PROGRAM_PORT, eth));
	assert_int_equal(attach_remove(fixture->dp, PROGRAM_PORT, tap), 0);
	assert_int_equal(attach_remove(fixture->dp, PROGRAM_PORT, tap), 0);
	assert_false(attach_is_present(fixture->dp, PROGRAM_PORT, tap));
	assert_int_equal(count_hooks(fixture), 1);
	assert_int_equal(attach_remove(fixture->dp, PROGRAM_UNDERLAY, eth), 0);
}

/* The relay's near end: frames that leave the device, and those alone. */
static void a_program_for_leaving_frames_is_on_the_way_out(void **state)
{
	struct fixture *fixture = *state;
	uint32_t near = make_device("near0"), far = make_device("far0");

	assert_int_equal(attach_program(fixture->dp, PROGRAM_RELAY, near), 0);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_RELAY, near), 0);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_CUTTER, far), 0);
	assert_int_equal(count_hooks(fixture), 2);
	assert_true(attach_is_present(fixture->dp, PROGRAM_RELAY, near));
	assert_false(attach_is_present(fixture->dp, PROGRAM_CUTTER, near));
	if (!strcmp(datapath_hook(fixture->dp), "tcx")) {
		uint32_t ids[4], n = 4;

		assert_int_equal(bpf_prog_query((int)near, TCX_EGRESS, 0, NULL, ids, &n), 0);
		assert_int_equal(n, 1);
		assert_int_equal(ids[0], id_of(fixture->dp->now.programs[PROGRAM_RELAY]));
		n = 4;
		assert_int_equal(bpf_prog_query((int)near, TCX_INGRESS, 0, NULL, ids, &n), 0);
		assert_int_equal(n, 0);
	} else {
		run("tc filter show dev near0 egress | grep -q from_relay");
		run("test -z \"$(tc filter show dev near0 ingress)\"");
		run("tc filter show dev far0 ingress | grep -q from_cutter");
	}
	assert_int_equal(attach_remove(fixture->dp, PROGRAM_RELAY, near), 0);
	assert_int_equal(attach_remove(fixture->dp, PROGRAM_CUTTER, far), 0);
	assert_int_equal(count_hooks(fixture), 0);
}

static void a_device_that_does_not_exist_is_refused(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, 4711), -ENODEV);
	assert_int_equal(count_hooks(fixture), 0);
}

static void what_a_vanished_device_left_is_cleaned(void **state)
{
	struct fixture *fixture = *state;
	uint32_t tap = make_device("tap0"), other = make_device("tap1");

	skip_without_tcx(fixture);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), 0);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, other), 0);
	run("ip link del tap0");
	assert_false(attach_is_present(fixture->dp, PROGRAM_PORT, tap));
	assert_int_equal(count_hooks(fixture), 1);
	assert_int_equal(attach_clean(fixture->dp), 1);
	assert_int_equal(attach_clean(fixture->dp), 0);
	assert_true(attach_is_present(fixture->dp, PROGRAM_PORT, other));
}

static void what_a_device_left_that_vanished_without_a_daemon_is_cleaned_at_the_start(void **state)
{
	struct fixture *fixture = *state;
	uint32_t tap = make_device("tap0"), other = make_device("tap1");

	skip_without_tcx(fixture);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), 0);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, other), 0);
	fixture_close(fixture);
	run("ip link del tap0");
	fixture_open(fixture);
	assert_int_equal(attach_clean(fixture->dp), 0);
	assert_true(attach_is_present(fixture->dp, PROGRAM_PORT, other));
}

static void a_device_that_got_a_vanished_ones_number_is_attached(void **state)
{
	struct fixture *fixture = *state;

	run("ip link add tap0 index 700 type veth peer name tap0-far");
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, 700), 0);
	run("ip link del tap0");
	run("ip link add tap9 index 700 type veth peer name tap9-far");
	assert_false(attach_is_present(fixture->dp, PROGRAM_PORT, 700));
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, 700), 0);
	assert_true(attach_is_present(fixture->dp, PROGRAM_PORT, 700));
}

/* A namespace that lives until the pipe is closed. */
static pid_t start_namespace(int *ret_pipe)
{
	int ready[2], end[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready) | pipe(end), 0);
	pid = fork();
	if (!pid) {
		close(end[1]);
		if (unshare(CLONE_NEWNET) || write(ready[1], "r", 1) != 1)
			_exit(1);
		_exit(read(end[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(ready[1]);
	close(end[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	*ret_pipe = end[1];
	return pid;
}

static void a_device_that_left_the_namespace_is_not_present(void **state)
{
	struct fixture *fixture = *state;
	uint32_t tap = make_device("tap0");
	int end;
	pid_t elsewhere;

	skip_without_tcx(fixture);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), 0);
	elsewhere = start_namespace(&end);
	run("ip link set tap0 netns %d", (int)elsewhere);
	assert_false(attach_is_present(fixture->dp, PROGRAM_PORT, tap));
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), -ENODEV);
	run("ip link add tap1 index %u type veth peer name tap1-far", tap);
	assert_false(attach_is_present(fixture->dp, PROGRAM_PORT, tap));
	assert_int_equal(attach_clean(fixture->dp), 0); /* it may come back */
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), 0);
	assert_true(attach_is_present(fixture->dp, PROGRAM_PORT, tap));
	close(end);
	assert_int_equal(waitpid(elsewhere, NULL, 0), elsewhere);
}

static void clsact_filters_are_replaced_by_another_build(void **state)
{
	struct fixture *fixture = *state;
	struct datapath_options options = fixture_options(fixture);
	uint32_t tap = make_device("tap0"), eth = make_device("eth0");
	void *object = fixture_other_build(&options.object_size);

	options.object = object;
	options.force_clsact = true;
	assert_string_equal(datapath_hook(fixture->dp), "clsact");
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), 0);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_UNDERLAY, eth), 0);
	fixture_close(fixture);
	fixture_open_with(fixture, &options);
	fixture_take_over(fixture);
	assert_int_equal(count_hooks(fixture), 2);
	run("tc filter show dev tap0 ingress | grep -q ' id %u '",
	    id_of(fixture->dp->now.programs[PROGRAM_PORT]));
	run("tc filter show dev eth0 ingress | grep -q ' id %u '",
	    id_of(fixture->dp->now.programs[PROGRAM_UNDERLAY]));
	run("test $(tc filter show dev tap0 ingress | grep -c 'filter.*handle') -eq 1");
	free(object);
}

static void add_host_filter(uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .prog_fd = load_host_filter());

	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	assert_int_equal(bpf_tc_attach(&hook, &filter), 0);
	close(filter.prog_fd);
}

static void clsact_goes_with_its_last_filter(void **state)
{
	struct fixture *fixture = *state;
	uint32_t tap = make_device("tap0"), eth = make_device("eth0");

	add_host_filter(eth);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), 0);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_UNDERLAY, eth), 0);
	run("tc qdisc show dev tap0 | grep -q clsact");
	assert_int_equal(datapath_unload(fixture->dp, NULL), 0);
	run("! tc qdisc show dev tap0 | grep -q clsact");
	run("tc qdisc show dev eth0 | grep -q clsact");
	run("tc filter show dev eth0 egress | grep -q host");
	run("test -z \"$(tc filter show dev eth0 ingress)\"");
}

#define clsact_test(function)                                                                      \
	{                                                                                          \
		"without TCX: " #function, function, open_without_tcx, fixture_teardown, NULL      \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(ours_is_the_first_program_of_the_chain),
		fixture_test(attaching_twice_is_attaching_once),
		fixture_test(a_program_for_leaving_frames_is_on_the_way_out),
		fixture_test(a_device_that_does_not_exist_is_refused),
		fixture_test(what_a_vanished_device_left_is_cleaned),
		fixture_test(
			what_a_device_left_that_vanished_without_a_daemon_is_cleaned_at_the_start),
		fixture_test(a_device_that_got_a_vanished_ones_number_is_attached),
		fixture_test(a_device_that_left_the_namespace_is_not_present),
		clsact_test(attaching_twice_is_attaching_once),
		clsact_test(a_program_for_leaving_frames_is_on_the_way_out),
		clsact_test(a_device_that_does_not_exist_is_refused),
		clsact_test(a_device_that_got_a_vanished_ones_number_is_attached),
		clsact_test(clsact_filters_are_replaced_by_another_build),
		clsact_test(clsact_goes_with_its_last_filter),
	};

	return fixture_rights() ?: cmocka_run_group_tests_name("kernel/attach", tests, NULL, NULL);
}
