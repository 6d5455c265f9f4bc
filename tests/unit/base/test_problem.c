/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a problem keep its first cause and print what is known of it?
 */
#include "../cases.h"

#include "base/problem.h"

#include <errno.h>

struct row {
	const char *sentence;
	struct problem problem;
	const char *line;
};

static const struct row rows[] = {
	{"everything that is known is printed",
	 {PROBLEM_INVALID, "overlaid.yaml", 7, "segments[0].vni", "is 0"},
	 "overlaid.yaml:7: segments[0].vni: is 0"},
	{"a problem without a line is printed",
	 {PROBLEM_SYSTEM, "overlaid.yaml", 0, "", "is gone"},
	 "overlaid.yaml: is gone"},
	{"a problem without a file is printed",
	 {PROBLEM_INVALID, "", 7, "", "is a tab"},
	 "line 7: is a tab"},
	{"a problem of a request is printed", {PROBLEM_INVALID, "", 0, "vni", "is 0"}, "vni: is 0"},
	{"a bare problem is printed",
	 {PROBLEM_SYSTEM, "", 0, "", "out of memory"},
	 "out of memory"},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	char line[1024], cut[6];

	problem_format(&row->problem, line, sizeof(line));
	assert_string_equal(line, row->line);
	problem_format(&row->problem, cut, sizeof(cut));
	assert_int_equal(strlen(cut), sizeof(cut) - 1);
}

static void the_first_cause_wins(void **state)
{
	struct problem problem = {0};

	assert_false(problem_is_set(&problem));
	assert_int_equal(problem_set(&problem, PROBLEM_UNKNOWN, ENOENT, "a", "first %d", 1),
			 -ENOENT);
	assert_int_equal(problem_set(&problem, PROBLEM_SYSTEM, EIO, "b", "second"), -EIO);
	assert_true(problem_is_set(&problem));
	assert_int_equal(problem.code, PROBLEM_UNKNOWN);
	assert_string_equal(problem.field, "a");
	assert_string_equal(problem.message, "first 1");
}

static void nobody_needs_to_want_the_problem(void **state)
{
	assert_int_equal(problem_set(NULL, PROBLEM_SYSTEM, EIO, NULL, "x"), -EIO);
}

static void a_field_is_optional(void **state)
{
	struct problem problem = {0};

	problem_set(&problem, PROBLEM_SYSTEM, EIO, /* field= */ NULL, "x");
	assert_string_equal(problem.field, "");
}

static void what_is_quoted_from_outside_is_cleaned(void **state)
{
	struct problem problem = {0};

	problem_set(&problem, PROBLEM_INVALID, EINVAL, "a\nb", "is \"%.3s\"", "gr\xc3\xbcn");
	assert_string_equal(problem.field, "a?b");
	assert_string_equal(problem.message, "is \"gr?\"");
}

static void a_long_message_is_cut(void **state)
{
	struct problem problem = {0};

	problem_set(&problem, PROBLEM_INVALID, EINVAL, "a", "%1000d", 1);
	assert_int_equal(strlen(problem.message), sizeof(problem.message) - 1);
}

static void every_code_has_a_name_and_a_status(void **state)
{
	assert_string_equal(problem_code_name(PROBLEM_NONE), "none");
	assert_string_equal(problem_code_name(PROBLEM_TOO_LARGE), "too-large");
	assert_int_equal(problem_http_status(PROBLEM_NONE), 200);
	assert_int_equal(problem_http_status(PROBLEM_CONFLICT), 409);
#define X(symbol, name, status)                                                                    \
	assert_string_equal(problem_code_name(PROBLEM_##symbol), name);                            \
	assert_in_range(problem_http_status(PROBLEM_##symbol), 200, 599);
	PROBLEM_CODES(X)
#undef X
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_cause_wins),
		cmocka_unit_test(nobody_needs_to_want_the_problem),
		cmocka_unit_test(a_field_is_optional),
		cmocka_unit_test(what_is_quoted_from_outside_is_cleaned),
		cmocka_unit_test(a_long_message_is_cut),
		cmocka_unit_test(every_code_has_a_name_and_a_status),
	};

	return run_cases(rows, run_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
