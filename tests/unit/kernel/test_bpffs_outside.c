/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pins outlive a daemon whose mount namespace ends with it, and the next
 * daemon finds them.  Each test is a small machine: process 1, shells below
 * each other, and daemons below the last; no mount travels by itself.
 */
#include "fixture.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == BPF_FS_MAGIC;
}

/* What a process does.  Returns 0, or which step failed: no assertion may fail in a child. */
typedef int (*life)(const char *pins);

static int wait_for(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 99;
	return WEXITSTATUS(status);
}

static int run_child(const char *pins, life its_life)
{
	pid_t pid = fork();

	if (!pid)
		_exit(its_life(pins));
	return wait_for(pid);
}

static int leave_namespace(void)
{
	return unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static int leave_a_pin(const char *pins)
{
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "test", 4, 4, 1, NULL);
	struct bpffs *bpffs;

	if (bpffs_open(pins, &bpffs, NULL))
		return 1;
	if (!is_bpffs(pins))
		return 2;
	if (bpffs_pin(bpffs, "maps", "a", map))
		return 3;
	bpffs_close(bpffs);
	return 0;
}

static int leave_a_pin_from_apart(const char *pins)
{
	return leave_namespace() ? 4 : leave_a_pin(pins);
}

static int take_the_pin_from_apart(const char *pins)
{
	struct bpffs *bpffs;

	if (leave_namespace() || bpffs_open(pins, &bpffs, NULL))
		return 5;
	if (bpffs_get(bpffs, "maps", "a") < 0)
		return 6;
	if (bpffs_remove_folder(bpffs, "maps") || bpffs_unmount(bpffs))
		return 7;
	bpffs_close(bpffs);
	return is_bpffs(pins) ? 8 : 0;
}

static int be_refused_from_apart(const char *pins)
{
	struct bpffs *bpffs;

	return leave_namespace() || bpffs_open(pins, &bpffs, NULL) != -EBUSY;
}

static int bear_no_other_from_apart(const char *pins)
{
	struct bpffs *bpffs;
	int r;

	if (leave_namespace() || bpffs_open(pins, &bpffs, NULL))
		return 9;
	r = run_child(pins, be_refused_from_apart) ? 10 : 0;
	bpffs_close(bpffs);
	return r;
}

static int come_and_go_until_unmounted(const char *pins)
{
	return run_child(pins, leave_a_pin_from_apart)		 ?:
		       run_child(pins, bear_no_other_from_apart) ?:
		       run_child(pins, take_the_pin_from_apart);
}

static int come_and_go(const char *pins)
{
	return run_child(pins, leave_a_pin_from_apart);
}

struct shell {
	bool is_apart;	 /* in a mount namespace of its own */
	bool is_blind;	 /* may not look at process 1 */
	bool sees_mount; /* that a daemon left */
};

struct machine {
	const char *pins;
	struct shell shells[3]; /* the first is process 1 */
	size_t n_shells;
	life daemons; /* below the last shell */
	bool is_left; /* the mount, in the end */
};

/* Nobody may look at a process who lacks a right that it has. */
static int become_blind(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	syscall(SYS_capget, &header, data);
	data[0].effective &= ~(1u << CAP_SYS_PTRACE | 1u << CAP_NET_RAW);
	data[0].permitted = data[0].effective;
	if (syscall(SYS_capset, &header, data))
		return 11;
	return open("/proc/1/ns/mnt", O_RDONLY) < 0 ? 0 : 12;
}

static int become(const struct shell *shell)
{
	if (shell->is_apart && leave_namespace())
		return 13;
	return shell->is_blind ? become_blind() : 0;
}

/* The shell of this depth and those below it. */
static int run_shells(const struct machine *machine, size_t depth)
{
	const struct shell *shell = &machine->shells[depth];
	int r = become(shell);
	pid_t pid;

	if (r)
		return r;
	pid = fork();
	if (!pid)
		_exit(depth + 1 < machine->n_shells ? run_shells(machine, depth + 1) :
						      machine->daemons(machine->pins));
	r = wait_for(pid);
	if (r)
		return r;
	return is_bpffs(machine->pins) == (machine->is_left && shell->sees_mount) ? 0 :
										    20 + (int)depth;
}

static int be_process_1(const struct machine *machine)
{
	if (mount("proc", "/proc", "proc", 0, NULL))
		return 14;
	return run_shells(machine, 0);
}

static int run_machine(const struct machine *machine)
{
	pid_t pid = fork();

	if (pid)
		return wait_for(pid);
	if (unshare(CLONE_NEWPID) || leave_namespace())
		_exit(15);
	pid = fork();
	if (!pid)
		_exit(be_process_1(machine));
	_exit(wait_for(pid));
}

/* The mount is where it should be, and unmounted there by another daemon. */
static void check_machine(const struct fixture *fixture, const struct machine *like)
{
	struct machine machine = *like;

	machine.pins = fixture->pins;
	machine.daemons = come_and_go;
	machine.is_left = true;
	assert_int_equal(run_machine(&machine), 0);
	machine.daemons = come_and_go_until_unmounted;
	machine.is_left = false;
	assert_int_equal(run_machine(&machine), 0);
	assert_false(is_bpffs(fixture->pins));
}

static void a_mount_made_in_a_private_namespace_outlives_it(void **state)
{
	check_machine(*state, &(struct machine){.shells = {{.sees_mount = true}}, .n_shells = 1});
}

static void process_1_is_above_every_shell(void **state)
{
	check_machine(*state, &(struct machine){
				      .shells = {{.sees_mount = true}, {.is_apart = true}},
				      .n_shells = 2,
			      });
}

static void where_process_1_is_out_of_sight_the_shell_has_the_mount(void **state)
{
	check_machine(
		*state,
		&(struct machine){
			.shells = {{0}, {.is_apart = true, .is_blind = true, .sees_mount = true}},
			.n_shells = 2,
		});
}

static void the_outermost_shell_in_sight_has_the_mount(void **state)
{
	check_machine(*state,
		      &(struct machine){
			      .shells = {{0},
					 {.is_apart = true, .is_blind = true, .sees_mount = true},
					 {.is_apart = true}},
			      .n_shells = 3,
		      });
}

static void a_daemon_in_the_shells_own_namespace_mounts_there(void **state)
{
	struct fixture *fixture = *state;
	struct machine machine = {
		.pins = fixture->pins,
		.shells = {{0}, {.is_apart = true, .is_blind = true, .sees_mount = true}},
		.n_shells = 2,
		.daemons = leave_a_pin,
		.is_left = true,
	};

	assert_int_equal(run_machine(&machine), 0);
}

/* Another directory of the same name: its parent is not the parent outside. */
static int come_and_go_in_a_root_apart(const char *pins)
{
	struct bpffs *bpffs;
	char root[128];

	snprintf(root, sizeof(root), "%s/..", pins);
	if (leave_namespace() || mount("tmpfs", root, "tmpfs", 0, NULL))
		return 16;
	if (bpffs_open(pins, &bpffs, NULL) || !is_bpffs(pins))
		return 17;
	if (bpffs_unmount(bpffs))
		return 18;
	bpffs_close(bpffs);
	return is_bpffs(pins) ? 19 : 0;
}

static int have_a_bpffs_already(const char *pins)
{
	if (mkdir(pins, 0700) || mount("bpf", pins, "bpf", 0, NULL))
		return 9;
	return run_child(pins, come_and_go_in_a_root_apart);
}

static void another_bpffs_at_the_same_path_outside_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	struct machine machine = {
		.pins = fixture->pins,
		.shells = {{.sees_mount = true}},
		.n_shells = 1,
		.daemons = have_a_bpffs_already,
		.is_left = true,
	};

	assert_int_equal(run_machine(&machine), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test_closed(a_mount_made_in_a_private_namespace_outlives_it),
		fixture_test_closed(process_1_is_above_every_shell),
		fixture_test_closed(where_process_1_is_out_of_sight_the_shell_has_the_mount),
		fixture_test_closed(the_outermost_shell_in_sight_has_the_mount),
		fixture_test_closed(a_daemon_in_the_shells_own_namespace_mounts_there),
		fixture_test_closed(another_bpffs_at_the_same_path_outside_is_left_alone),
	};

	return fixture_rights() ?:
		       cmocka_run_group_tests_name("kernel/bpffs outside", tests, NULL, NULL);
}
