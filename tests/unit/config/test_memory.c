/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does reading and printing a configuration say -ENOMEM, leak nothing and
 * leave its result alone, whichever request for memory fails?  libyaml's own
 * requests are not among them.
 */
#include "../allocation.h"
#include "../cases.h"

#include "base/problem.h"
#include "config/config.h"

#include <errno.h>
#include <stdio.h>

#define TEXT                                                                                       \
	"underlay:\n  device: eth1\nsegments:\n  - name: blue\n    vni: 5001\n"                    \
	"peers:\n  - address: 192.0.2.2\n    segments: [blue]\n"                                   \
	"ports:\n  - device: tap0\n    segment: blue\n    macs: [52:54:00:00:00:01]\n"             \
	"fdb:\n  - {segment: blue, mac: 52:54:00:00:00:02, peer: 192.0.2.2}\n"                     \
	"neighbors:\n  - {segment: blue, address: 10.0.0.2, mac: 52:54:00:00:00:02}\n"

#define TRIES_MAX 5000

static void reading_survives_every_failed_allocation(void **state)
{
	bool failed = true;
	long n = 0;

	for (; failed; n++) {
		struct problem problem = {0};
		struct model model, before;
		int r;

		memset(&model, 0xaa, sizeof(model));
		before = model;
		allocation_fail_after(n);
		r = config_parse("a.yaml", TEXT, strlen(TEXT), &model, &problem);
		failed = allocation_end();
		assert_true(n < TRIES_MAX);
		assert_int_equal(r, failed ? -ENOMEM : 0);
		if (!failed) {
			model_clear(&model);
			continue;
		}
		assert_memory_equal(&model, &before, sizeof(model));
		assert_string_equal(problem.message, "out of memory");
		assert_int_equal(problem.code, PROBLEM_SYSTEM);
	}
	assert_true(n > 50); /* many were tried */
}

static void printing_survives_every_failed_allocation(void **state)
{
	_cleanup_model_ struct model model = {0};
	FILE *out = fopen("/dev/null", "w");
	bool failed = true;
	long n = 0;

	assert_non_null(out);
	assert_int_equal(config_parse("a.yaml", TEXT, strlen(TEXT), &model, NULL), 0);
	fputs("the buffer is made", out);
	for (; failed; n++) {
		int r;

		allocation_fail_after(n);
		r = config_print(&model, out);
		failed = allocation_end();
		assert_true(n < TRIES_MAX);
		assert_int_equal(r, failed ? -ENOMEM : 0);
	}
	assert_true(n > 10);
	fclose(out);
}

static void a_stream_that_fails_is_noticed(void **state)
{
	_cleanup_model_ struct model model = {0};
	FILE *out = fopen("/dev/full", "w");

	assert_non_null(out);
	setvbuf(out, NULL, _IONBF, 0);
	assert_int_equal(config_parse("a.yaml", TEXT, strlen(TEXT), &model, NULL), 0);
	assert_int_equal(config_print(&model, out), -EIO);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_survives_every_failed_allocation),
		cmocka_unit_test(printing_survives_every_failed_allocation),
		cmocka_unit_test(a_stream_that_fails_is_noticed),
	};

	allocation_wrap_jansson();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
