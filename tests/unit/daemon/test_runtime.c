/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which state does a start begin with, and does a second daemon keep out?
 */
#include "daemon/runtime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/problem.h"
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLUE  "underlay: {device: eth1}\nsegments: [{name: blue, vni: 1}]\n"
#define RED   "underlay: {device: eth1}\nsegments: [{name: blue, vni: 1}, {name: red, vni: 2}]\n"
#define AGING "underlay: {device: eth1}\nsegments: [{name: blue, vni: 1, aging: 60s}]\n"

struct bench {
	char directory[64];
	struct runtime runtime;
	char log[4096];
	bool kept; /* of choose */
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct problem problem = {0};

	if (!bench)
		return -1;
	*state = bench;
	strcpy(bench->directory, "/tmp/overlaid-unit-XXXXXX");
	return !mkdtemp(bench->directory) ||
	       runtime_open(bench->directory, &bench->runtime, &problem) < 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;
	static const char *const files[] = {"lock", "running.yaml", "declared.yaml"};
	char path[128];

	runtime_close(&bench->runtime);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", bench->directory, files[i]);
		unlink(path);
	}
	rmdir(bench->directory);
	free(bench);
	return 0;
}

static struct model parse(const char *text)
{
	struct problem problem = {0};
	struct model model;

	if (config_parse("test", text, strlen(text), &model, &problem))
		fail_msg("%s: %s", problem.field, problem.message);
	return model;
}

static void keep(struct bench *bench, const char *running, const char *declared)
{
	_cleanup_model_ struct model one = parse(running), other = parse(declared);
	struct problem problem = {0};

	assert_int_equal(runtime_keep_running(&bench->runtime, &one, &problem), 0);
	assert_int_equal(runtime_keep_declared(&bench->runtime, &other, &problem), 0);
}

/* What a start with this file begins with; its log lines are in bench->log. */
static struct model choose(struct bench *bench, const char *file)
{
	_cleanup_model_ struct model model = parse(file);
	struct model chosen;
	int ends[2], saved = dup(STDERR_FILENO);
	ssize_t length;

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	dup2(ends[1], STDERR_FILENO);
	assert_int_equal(runtime_choose(&bench->runtime, &model, &chosen, &bench->kept), 0);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	length = read(ends[0], bench->log, sizeof(bench->log) - 1);
	bench->log[length > 0 ? length : 0] = '\0';
	close(ends[0]);
	close(ends[1]);
	close(saved);
	return chosen;
}

static void the_first_start_takes_the_file(void **state)
{
	_cleanup_model_ struct model chosen = choose(*state, BLUE);

	assert_int_equal(chosen.n_segments, 1);
	assert_string_equal(((struct bench *)*state)->log, "");
}

static void a_restart_takes_what_was_running(void **state)
{
	_cleanup_model_ struct model chosen = {0};
	struct bench *bench = *state;

	keep(bench, RED, BLUE);
	chosen = choose(bench, BLUE);
	assert_int_equal(chosen.n_segments, 2);
	assert_true(bench->kept);
	assert_string_equal(bench->log, "");
}

static void a_file_that_only_looks_different_was_not_edited(void **state)
{
	_cleanup_model_ struct model chosen = {0};

	keep(*state, RED, BLUE);
	chosen =
		choose(*state, "# a comment\nsegments:\n  - vni: 1\n    name: blue\n    mtu: 1500\n"
			       "underlay:\n  device: [eth1]\n");
	assert_int_equal(chosen.n_segments, 2);
}

static void an_edited_file_wins_and_says_what_it_undoes(void **state)
{
	_cleanup_model_ struct model chosen = {0};
	struct bench *bench = *state;

	keep(bench, RED, BLUE);
	chosen = choose(bench, AGING);
	assert_int_equal(chosen.n_segments, 1);
	assert_int_equal(chosen.segments[0].aging_seconds, 60);
	assert_false(bench->kept);
	assert_non_null(strstr(bench->log, "segment red"));
	/* the edit itself undoes nothing */
	assert_null(strstr(bench->log, "blue"));
}

static void an_edit_that_takes_the_changes_over_undoes_nothing(void **state)
{
	_cleanup_model_ struct model chosen = {0};
	struct bench *bench = *state;

	keep(bench, RED, BLUE);
	chosen = choose(bench, RED);
	assert_int_equal(chosen.n_segments, 2);
	assert_string_equal(bench->log, "");
}

static void a_broken_state_file_gives_way_to_the_file(void **state)
{
	_cleanup_model_ struct model chosen = {0};
	_cleanup_fclose_ FILE *broken = NULL;
	struct bench *bench = *state;

	keep(bench, RED, BLUE);
	broken = fopen(bench->runtime.running, "w");
	assert_non_null(broken);
	fputs("segments: [{name: blue, vn", broken);
	fflush(broken);
	chosen = choose(bench, BLUE);
	assert_int_equal(chosen.n_segments, 1);
	assert_non_null(strstr(bench->log, "running.yaml"));
}

static void a_second_daemon_is_told_the_pid_of_the_first(void **state)
{
	struct bench *bench = *state;
	_cleanup_runtime_ struct runtime second = {.lock = -1};
	struct problem problem = {0};
	char pid[16];

	snprintf(pid, sizeof(pid), "pid %d", (int)getpid());
	assert_int_equal(runtime_open(bench->directory, &second, &problem), -EBUSY);
	assert_non_null(strstr(problem.message, pid));
	runtime_close(&bench->runtime);
	problem = (struct problem){0};
	assert_int_equal(runtime_open(bench->directory, &second, &problem), 0);
}

static void a_directory_too_long_for_a_socket_is_refused(void **state)
{
	char directory[200] = "/tmp/";
	struct runtime runtime = {.lock = -1};
	struct problem problem = {0};

	memset(directory + 5, 'x', 150);
	assert_int_equal(runtime_open(directory, &runtime, &problem), -ENAMETOOLONG);
	assert_string_equal(problem.field, "runtime-dir");
}

int main(void)
{
#define on_bench(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		on_bench(the_first_start_takes_the_file),
		on_bench(a_restart_takes_what_was_running),
		on_bench(a_file_that_only_looks_different_was_not_edited),
		on_bench(an_edited_file_wins_and_says_what_it_undoes),
		on_bench(an_edit_that_takes_the_changes_over_undoes_nothing),
		on_bench(a_broken_state_file_gives_way_to_the_file),
		on_bench(a_second_daemon_is_told_the_pid_of_the_first),
		on_bench(a_directory_too_long_for_a_socket_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
