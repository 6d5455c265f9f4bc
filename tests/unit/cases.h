/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What do tables of cases need?  A cmocka test for each row, named by the
 * row's sentence.
 */
#ifndef OVERLAID_TESTS_CASES_H
#define OVERLAID_TESTS_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/*
 * Runs `run` once for each row of `rows`, an array of structs whose first
 * member is the sentence; *state is the row.
 */
#define run_cases(rows, run)                                                                       \
	run_cases_of(#rows, (rows), sizeof(rows) / sizeof((rows)[0]), sizeof((rows)[0]), (run))

static inline int run_cases_of(const char *group, const void *rows, size_t n_rows, size_t size,
			       CMUnitTestFunction run)
{
	struct CMUnitTest *tests = calloc(n_rows, sizeof(*tests));
	int n_failed;

	if (!tests)
		return 1;
	for (size_t i = 0; i < n_rows; i++) {
		const char *const *row = (const void *)((const char *)rows + i * size);

		tests[i].name = *row;
		tests[i].test_func = run;
		tests[i].initial_state = (void *)(uintptr_t)row;
	}
	n_failed = _cmocka_run_group_tests(group, tests, n_rows, NULL, NULL);
	free(tests);
	return n_failed;
}

static inline void assert_contains(const char *text, const char *fragment)
{
	if (!strstr(text, fragment))
		fail_msg("\"%s\" does not contain \"%s\"", text, fragment);
}

#endif
