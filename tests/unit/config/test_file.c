/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a configuration file read whole or not at all, and replaced whole or not
 * at all?  Each test has a directory of its own.
 */
#include "../cases.h"

#include "base/problem.h"
#include "config/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534
#define TEXT   "underlay:\n  device: eth1\nsegments:\n  - name: blue\n    vni: 5001\n"

static char directory[64];

static const char *in_directory(const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", directory, name);
	return path;
}

static int make_directory(void **state)
{
	strcpy(directory, "/tmp/overlaid-config-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	struct dirent *entry;
	DIR *dir = opendir(directory);

	while (dir && (entry = readdir(dir)))
		unlink(in_directory(entry->d_name));
	closedir(dir);
	return rmdir(directory);
}

static unsigned int count_files(void)
{
	unsigned int n = 0;
	struct dirent *entry;
	DIR *dir = opendir(directory);

	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
	closedir(dir);
	return n;
}

static void put(const char *name, const char *text, mode_t mode)
{
	int fd = open(in_directory(name), O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void assert_text(const char *name, const char *text)
{
	char buffer[4096];
	int fd = open(in_directory(name), O_RDONLY);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, buffer, sizeof(buffer) - 1);
	close(fd);
	assert_true(n >= 0);
	buffer[n] = '\0';
	assert_string_equal(buffer, text);
}

static void read_text(const char *text, struct model *ret)
{
	assert_int_equal(config_parse("a.yaml", text, strlen(text), ret, NULL), 0);
}

static void assert_not_loaded(const char *name, int error, const char *fragment)
{
	struct problem problem = {0};
	struct model model;

	assert_int_equal(config_load(in_directory(name), &model, &problem), -error);
	assert_contains(problem.message, fragment);
	assert_string_equal(problem.file, in_directory(name));
	assert_int_equal(problem.line, 0);
}

static void a_file_is_read(void **state)
{
	_cleanup_model_ struct model model = {0};

	put("a.yaml", TEXT, 0600);
	assert_int_equal(config_load(in_directory("a.yaml"), &model, NULL), 0);
	assert_int_equal(model.segments[0].vni, 5001);
}

static void a_refused_file_is_named(void **state)
{
	struct problem problem = {0};
	struct model model;

	put("a.yaml", "underlay:\n  device: eth1\n  tll: 3\n", 0600);
	assert_int_equal(config_load(in_directory("a.yaml"), &model, &problem), -EINVAL);
	assert_string_equal(problem.file, in_directory("a.yaml"));
	assert_int_equal(problem.line, 3);
}

static void a_file_that_is_not_there_is_refused(void **state)
{
	assert_not_loaded("a.yaml", ENOENT, "cannot be read: No such file or directory");
}

static void a_directory_is_refused(void **state)
{
	assert_not_loaded(".", EINVAL, "cannot be read: it is not a regular file");
}

/* It must not wait for somebody to write either. */
static void a_pipe_is_refused_at_once(void **state)
{
	assert_int_equal(mkfifo(in_directory("pipe"), 0600), 0);
	assert_not_loaded("pipe", EINVAL, "cannot be read: it is not a regular file");
}

static void a_file_of_17_mib_is_refused_unread(void **state)
{
	put("a.yaml", TEXT, 0600);
	assert_int_equal(truncate(in_directory("a.yaml"), 17 << 20), 0);
	assert_not_loaded("a.yaml", EFBIG, "has 17825792 bytes, but at most 16777216 are possible");
	assert_int_equal(truncate(in_directory("a.yaml"), (16 << 20) + 1), 0);
	assert_not_loaded("a.yaml", EFBIG, "has 16777217 bytes");
}

static void a_file_of_16_mib_is_read(void **state)
{
	struct problem problem = {0};
	struct model model;

	put("a.yaml", "", 0600);
	assert_int_equal(truncate(in_directory("a.yaml"), 16 << 20), 0);
	assert_int_equal(config_load(in_directory("a.yaml"), &model, &problem), -EINVAL);
	assert_string_equal(problem.message, "control characters are not allowed");
}

static void as_nobody(void)
{
	if (geteuid()) {
		print_message("only root can become somebody else\n");
		skip();
	}
	assert_int_equal(chown(directory, NOBODY, NOBODY), 0);
	assert_int_equal(seteuid(NOBODY), 0);
}

static void an_unreadable_file_is_refused(void **state)
{
	put("a.yaml", TEXT, 0000);
	as_nobody();
	assert_not_loaded("a.yaml", EACCES, "cannot be read: Permission denied");
	assert_int_equal(seteuid(0), 0);
}

static void what_is_saved_is_loaded_again(void **state)
{
	_cleanup_model_ struct model model = {0}, again = {0};

	read_text(TEXT, &model);
	assert_int_equal(config_save(in_directory("a.yaml"), &model, NULL), 0);
	assert_int_equal(config_load(in_directory("a.yaml"), &again, NULL), 0);
	assert_string_equal(again.segments[0].name, "blue");
	assert_int_equal(count_files(), 1);
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(in_directory(name), &st), 0);
	return st.st_mode & 07777;
}

static void a_new_file_can_be_read_by_all(void **state)
{
	_cleanup_model_ struct model model = {0};

	read_text(TEXT, &model);
	assert_int_equal(config_save(in_directory("a.yaml"), &model, NULL), 0);
	assert_int_equal(mode_of("a.yaml"), 0644);
}

static void a_file_keeps_its_mode(void **state)
{
	_cleanup_model_ struct model model = {0};

	put("a.yaml", "old", 0640);
	read_text(TEXT, &model);
	assert_int_equal(config_save(in_directory("a.yaml"), &model, NULL), 0);
	assert_int_equal(mode_of("a.yaml"), 0640);
}

static void a_file_keeps_its_owner(void **state)
{
	_cleanup_model_ struct model model = {0};
	struct stat st;

	if (geteuid()) {
		print_message("only root can give files away\n");
		skip();
	}
	put("a.yaml", "old", 0600);
	assert_int_equal(chown(in_directory("a.yaml"), NOBODY, 7), 0);
	read_text(TEXT, &model);
	assert_int_equal(config_save(in_directory("a.yaml"), &model, NULL), 0);
	assert_int_equal(stat(in_directory("a.yaml"), &st), 0);
	assert_int_equal(st.st_uid, NOBODY);
	assert_int_equal(st.st_gid, 7);
	assert_int_equal(mode_of("a.yaml"), 0600);
}

static void assert_not_saved(const char *name, int error, const char *fragment)
{
	_cleanup_model_ struct model model = {0};
	struct problem problem = {0};

	read_text(TEXT, &model);
	assert_int_equal(config_save(in_directory(name), &model, &problem), -error);
	assert_int_equal(problem.code, PROBLEM_SYSTEM);
	assert_contains(problem.message, fragment);
	assert_string_equal(problem.file, in_directory(name));
}

static void an_owner_that_cannot_be_kept_leaves_the_old_file(void **state)
{
	put("a.yaml", "old", 0644);
	as_nobody();
	assert_not_saved("a.yaml", EPERM, "cannot be saved with its owner and mode");
	assert_int_equal(seteuid(0), 0);
	assert_text("a.yaml", "old");
	assert_int_equal(count_files(), 1);
}

static void a_link_stays_and_its_target_is_replaced(void **state)
{
	_cleanup_model_ struct model model = {0};
	struct stat st;

	put("target.yaml", "old", 0644);
	assert_int_equal(symlink("target.yaml", in_directory("a.yaml")), 0);
	read_text("underlay: {device: eth1}\n", &model);
	assert_int_equal(config_save(in_directory("a.yaml"), &model, NULL), 0);
	assert_int_equal(lstat(in_directory("a.yaml"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_text("target.yaml",
		    "# overlaid.yaml(5); members that are as by default are left out\n"
		    "underlay:\n  device: eth1\n");
}

/* A limit on the size of files fails writing as a full disk does. */
static void a_full_disk_leaves_the_old_file(void **state)
{
	struct rlimit before, small;

	put("a.yaml", "old", 0644);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 10;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_not_saved("a.yaml", EFBIG, "cannot be saved: File too large");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_text("a.yaml", "old");
	assert_int_equal(count_files(), 1);
}

static void a_directory_that_is_not_there_is_refused(void **state)
{
	assert_not_saved("none/a.yaml", ENOENT, "cannot be saved: No such file or directory");
}

static void a_path_without_a_directory_is_saved_here(void **state)
{
	_cleanup_model_ struct model model = {0};
	char here[PATH_MAX];

	read_text(TEXT, &model);
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(directory), 0);
	assert_int_equal(config_save("a.yaml", &model, NULL), 0);
	assert_int_equal(chdir(here), 0);
	assert_int_equal(count_files(), 1);
}

#define in_own_directory(test)                                                                     \
	cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_own_directory(a_file_is_read),
		in_own_directory(a_refused_file_is_named),
		in_own_directory(a_file_that_is_not_there_is_refused),
		in_own_directory(a_directory_is_refused),
		in_own_directory(a_pipe_is_refused_at_once),
		in_own_directory(a_file_of_17_mib_is_refused_unread),
		in_own_directory(a_file_of_16_mib_is_read),
		in_own_directory(an_unreadable_file_is_refused),
		in_own_directory(what_is_saved_is_loaded_again),
		in_own_directory(a_new_file_can_be_read_by_all),
		in_own_directory(a_file_keeps_its_mode),
		in_own_directory(a_file_keeps_its_owner),
		in_own_directory(an_owner_that_cannot_be_kept_leaves_the_old_file),
		in_own_directory(a_link_stays_and_its_target_is_replaced),
		in_own_directory(a_full_disk_leaves_the_old_file),
		in_own_directory(a_directory_that_is_not_there_is_refused),
		in_own_directory(a_path_without_a_directory_is_saved_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
