/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /v1/apply, diff and save: the running state against files.
 */
#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct server *server;

static int start(void **state)
{
	server = server_start();
	return 0;
}

static int stop(void **state)
{
	server_stop(server);
	return 0;
}

static const char file[] = "{\"underlay\": {\"device\": \"eth1\", \"address\": \"192.0.2.1\"},"
			   " \"segments\": [{\"name\": \"blue\", \"vni\": 5001, \"mtu\": 1400},"
			   "                {\"name\": \"new\", \"vni\": 9}]}";

static bool has_change(const struct answer *answer, const char *part)
{
	const json_t *changes = at(answer, "changes");
	json_t *change;
	size_t i;

	json_array_foreach(changes, i, change)
		if (strstr(json_string_value(change), part))
			return true;
	return false;
}

static void apply_says_what_it_changed(void **state)
{
	struct answer answer;

	ask(server, "POST", "/v1/apply?name=new.yaml", file, &answer);
	assert_int_equal(answer.status, 200);
	assert_true(has_change(&answer, "mtu 1500 -> 1400"));
	assert_true(has_change(&answer, "segment new"));
	assert_true(has_change(&answer, "port tap0"));
	assert_true(json_is_false(at(&answer, "dry-run")));
	assert_int_equal(server->fake->running.n_segments, 2);
	assert_int_equal(server->fake->running.n_ports, 0);
	answer_clear(&answer);
}

static void a_dry_run_says_the_same_and_changes_nothing(void **state)
{
	struct answer answer;

	ask(server, "POST", "/v1/apply?dry-run=1", file, &answer);
	assert_int_equal(answer.status, 200);
	assert_true(has_change(&answer, "mtu 1500 -> 1400"));
	assert_true(json_is_true(at(&answer, "dry-run")));
	assert_int_equal(server->fake->changes, 0);
	answer_clear(&answer);
}

static void a_file_that_is_wrong_is_refused_with_its_name_and_the_field(void **state)
{
	struct answer answer;

	ask(server, "POST", "/v1/apply?name=new.yaml",
	    "{\"segments\": [{\"name\": \"blue\", \"vni\": 0}]}", &answer);
	assert_int_equal(answer.status, 400);
	assert_string_equal(text_at(&answer, "error.file"), "new.yaml");
	assert_string_equal(text_at(&answer, "error.field"), "segments[0].vni");
	answer_clear(&answer);

	ask(server, "POST", "/v1/apply?name=new.yaml", "{\n\n nonsense", &answer);
	assert_int_equal(answer.status, 400);
	assert_int_equal(number_at(&answer, "error.line"), 3);
	answer_clear(&answer);

	expect_error(server, "POST", "/v1/apply", NULL, 400, "invalid", "", "empty");
	assert_int_equal(server->fake->changes, 0);
}

static void what_the_kernel_refuses_stays_as_it_was(void **state)
{
	server->fake->refuse_change = true;
	expect_error(server, "POST", "/v1/apply", file, 500, "system", "", "the kernel said no");
	assert_int_equal(server->fake->running.n_ports, 2);
}

static void diff_shows_what_the_running_state_has_that_the_file_has_not(void **state)
{
	struct answer answer;

	ask(server, "POST", "/v1/diff", NULL, &answer);
	assert_int_equal(json_array_size(at(&answer, "changes")), 0);
	answer_clear(&answer);

	ask(server, "PATCH", "/v1/segments/blue", "{\"mtu\": 1300}", &answer);
	answer_clear(&answer);
	ask(server, "POST", "/v1/diff", NULL, &answer);
	assert_true(has_change(&answer, "mtu 1500 -> 1300"));
	answer_clear(&answer);

	ask(server, "POST", "/v1/diff?name=new.yaml", file, &answer);
	assert_true(has_change(&answer, "mtu 1400 -> 1300"));
	answer_clear(&answer);
}

static void save_writes_the_file_and_leaves_no_difference(void **state)
{
	struct answer answer;

	ask(server, "PATCH", "/v1/segments/blue", "{\"mtu\": 1300}", &answer);
	answer_clear(&answer);
	ask(server, "POST", "/v1/save", NULL, &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(text_at(&answer, "file"), FAKE_CONFIG_FILE);
	answer_clear(&answer);
	ask(server, "POST", "/v1/diff", NULL, &answer);
	assert_int_equal(json_array_size(at(&answer, "changes")), 0);
	answer_clear(&answer);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(apply_says_what_it_changed),
		TEST(a_dry_run_says_the_same_and_changes_nothing),
		TEST(a_file_that_is_wrong_is_refused_with_its_name_and_the_field),
		TEST(what_the_kernel_refuses_stays_as_it_was),
		TEST(diff_shows_what_the_running_state_has_that_the_file_has_not),
		TEST(save_writes_the_file_and_leaves_no_difference),
	};

	return cmocka_run_group_tests_name("files over HTTP", tests, NULL, NULL);
}
