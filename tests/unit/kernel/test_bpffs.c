/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pins stay, take each other's place and are found again; what fails says why. */
#include "fixture.h"

#include <linux/magic.h>
#include <sys/vfs.h>

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == BPF_FS_MAGIC;
}

static int try_open(const struct fixture *fixture, struct problem *problem)
{
	struct bpffs *bpffs = NULL;
	int r;

	*problem = (struct problem){};
	r = bpffs_open(fixture->pins, &bpffs, problem);
	bpffs_close(bpffs);
	return r;
}

static int make_map(void)
{
	return bpf_map_create(BPF_MAP_TYPE_ARRAY, "test", 4, 4, 1, NULL);
}

static uint32_t id_of(int map)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(map, &info, &length), 0);
	return info.id;
}

static void a_pin_takes_the_place_of_another(void **state)
{
	struct fixture *fixture = *state;
	int first = make_map(), second = make_map(), found;
	struct bpffs *bpffs;

	assert_int_equal(bpffs_open(fixture->pins, &bpffs, NULL), 0);
	assert_int_equal(bpffs_get(bpffs, "maps", "a"), -ENOENT);
	assert_int_equal(bpffs_pin(bpffs, "maps", "a", first), 0);
	assert_int_equal(bpffs_pin(bpffs, "maps", "a", second), 0);
	found = bpffs_get(bpffs, "maps", "a");
	assert_int_equal(id_of(found), id_of(second));
	close(found);
	assert_int_equal(bpffs_unpin(bpffs, "maps", "a"), 0);
	assert_int_equal(bpffs_unpin(bpffs, "maps", "a"), 0);
	assert_int_equal(bpffs_get(bpffs, "maps", "a"), -ENOENT);
	close(first);
	close(second);
	bpffs_close(bpffs);
}

static void the_mount_stays_and_is_found_again(void **state)
{
	struct fixture *fixture = *state;
	int map = make_map(), found;
	struct bpffs *bpffs;

	assert_int_equal(bpffs_open(fixture->pins, &bpffs, NULL), 0);
	assert_int_equal(bpffs_pin(bpffs, "maps", "a", map), 0);
	bpffs_close(bpffs);
	assert_true(is_bpffs(fixture->pins));
	assert_int_equal(bpffs_open(fixture->pins, &bpffs, NULL), 0);
	found = bpffs_get(bpffs, "maps", "a");
	assert_int_equal(id_of(found), id_of(map));
	assert_int_equal(bpffs_remove_folder(bpffs, "maps"), 0);
	assert_int_equal(bpffs_unmount(bpffs), 0);
	bpffs_close(bpffs);
	assert_int_not_equal(access(fixture->pins, F_OK), 0);
	close(found);
	close(map);
}

static void a_full_disk_is_named(void **state)
{
	struct fixture *fixture = *state;
	struct problem problem;

	assert_int_equal(mount("tmpfs", fixture->root, "tmpfs", 0, "size=4k,nr_inodes=1"), 0);
	assert_int_equal(try_open(fixture, &problem), -ENOSPC);
	assert_int_equal(umount2(fixture->root, MNT_DETACH), 0);
	assert_int_equal(problem.code, PROBLEM_SYSTEM);
	assert_non_null(strstr(problem.message, "No space left on device"));
	assert_non_null(strstr(problem.message, fixture->pins));
}

static void a_file_in_the_directorys_place_is_named(void **state)
{
	struct fixture *fixture = *state;
	struct problem problem;

	run("touch %s", fixture->pins);
	assert_int_equal(try_open(fixture, &problem), -ENOTDIR);
	assert_non_null(strstr(problem.message, "Not a directory"));
	assert_non_null(strstr(problem.message, fixture->pins));
	assert_int_equal(unlink(fixture->pins), 0);
}

static void a_missing_runtime_directory_is_named(void **state)
{
	struct fixture *fixture = *state;
	struct problem problem;

	snprintf(fixture->pins, sizeof(fixture->pins), "%s/nothing/bpf", fixture->root);
	assert_int_equal(try_open(fixture, &problem), -ENOENT);
	assert_non_null(strstr(problem.message, fixture->pins));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test_closed(a_pin_takes_the_place_of_another),
		fixture_test_closed(the_mount_stays_and_is_found_again),
		fixture_test_closed(a_full_disk_is_named),
		fixture_test_closed(a_file_in_the_directorys_place_is_named),
		fixture_test_closed(a_missing_runtime_directory_is_named),
	};

	return fixture_rights() ?: cmocka_run_group_tests_name("kernel/bpffs", tests, NULL, NULL);
}
