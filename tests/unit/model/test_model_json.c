/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a whole model read from JSON and written back, and what is no model?
 */
#include "../json_text.h"

#include "base/problem.h"
#include "model/field.h"

#include <errno.h>

struct row {
	const char *sentence;
	const char *json;
	const char *field, *fragment; /* of the problem */
};

static const struct row rows_model_refused[] = {
	{"a model that is a list is refused", "[]", "", "the configuration is a list"},
	{"a model that is text is refused", "'x'", "", "the configuration is text"},
	{"a model without underlay is refused", "{}", "underlay", "is missing; name at least"},
	{"a model that is null is refused", "null", "underlay", "is missing; name at least"},
	{"an underlay that is null is missing", "{'underlay': null}", "underlay",
	 "is missing; name at least"},
	{"an unknown noun is refused with the nearest one", "{'segment': []}", "segment",
	 "did you mean \"segments\"?"},
	{"an unknown noun that is near none is refused with all", "{'vms': []}", "vms",
	 "known are underlay, limits, segments, peers, ports, fdb and neighbors"},
	{"segments that are a mapping are refused", "{'segments': {'name': 'blue'}}", "segments",
	 "is a mapping, but must be a list: begin each segment with a dash"},
	{"an underlay that is a list is refused", "{'underlay': [{'device': 'eth1'}]}", "underlay",
	 "is a list, but must be a mapping of underlay members"},
	{"a port that is text is refused", "{'ports': ['tap0']}", "ports[0]",
	 "is text, but must be a mapping of port members"},
	{"a member of a list is named by its place",
	 "{'segments': [{'name': 'blue', 'vni': 1}, {'name': 'red', 'vni': 0}]}", "segments[1].vni",
	 "is 0, but"},
};

static void run_model_refused(void **state)
{
	const struct row *row = *state;
	json_auto_t *json = json_of(row->json);
	struct problem problem = {0};
	struct model model;

	memset(&model, 0xaa, sizeof(model));
	assert_int_equal(model_from_json(json, &model, &problem), -EINVAL);
	assert_string_equal(problem.field, row->field);
	assert_contains(problem.message, row->fragment);
	/* *ret is untouched */
	for (size_t i = 0; i < sizeof(model); i++)
		assert_int_equal(((uint8_t *)&model)[i], 0xaa);
}

static void nouns_that_are_null_are_empty(void **state)
{
	json_auto_t *json = json_of("{'underlay': {'device': 'eth1'}, 'segments': null,"
				    " 'limits': null, 'ports': []}");
	_cleanup_model_ struct model model = {0};

	assert_int_equal(model_from_json(json, &model, NULL), 0);
	assert_int_equal(model.n_segments, 0);
	assert_int_equal(model.limits.fdb_entries, 131072);
}

static void a_model_is_read_as_it_was_written(void **state)
{
	static const char text[] =
		"{'underlay': {'device': 'eth1'}, 'segments': [{'name': 'blue', 'vni': 1}],"
		" 'peers': [{'address': '192.0.2.2', 'segments': ['blue']}],"
		" 'ports': [{'device': 'tap0', 'segment': 'blue'}],"
		" 'fdb': [{'segment': 'blue', 'mac': '52:54:00:00:00:02', 'port': 'tap0'}],"
		" 'neighbors': [{'segment': 'blue', 'address': '10.0.0.2',"
		"  'mac': '52:54:00:00:00:02'}]}";
	json_auto_t *json = json_of(text);
	_cleanup_model_ struct model one = {0}, two = {0};
	json_auto_t *first = NULL, *second = NULL;

	assert_int_equal(model_from_json(json, &one, NULL), 0);
	first = model_to_json(&one);
	assert_int_equal(model_from_json(first, &two, NULL), 0);
	second = model_to_json(&two);
	assert_true(json_equal(first, second));
	assert_int_equal(json_object_size(first), 7);
}

static void text_with_a_nul_is_refused(void **state)
{
	json_auto_t *json = json_pack("{s:s#,s:i}", "name", "bl\0ue", 5, "vni", 1);
	struct problem problem = {0};
	struct segment segment;

	noun_segment.set_defaults(&segment);
	assert_non_null(json);
	assert_int_equal(noun_from_json(&noun_segment, json, "", false, &segment, &problem),
			 -EINVAL);
	assert_contains(problem.message, "contains a NUL character");
}

static void a_long_unknown_member_is_cut_in_the_problem(void **state)
{
	char key[1000];
	json_auto_t *json = json_object();
	struct problem problem = {0};
	struct limits limits;

	memset(key, 'k', sizeof(key));
	key[sizeof(key) - 1] = '\0';
	json_object_set_new(json, key, json_true());
	noun_limits.set_defaults(&limits);
	assert_int_equal(noun_from_json(&noun_limits, json, "", false, &limits, &problem), -EINVAL);
	assert_int_equal(strlen(problem.field), sizeof(problem.field) - 1);
}

static void a_problem_never_carries_control_characters(void **state)
{
	json_auto_t *json = json_pack("{s:b}", "\x1b[31m\nred\xc2\x9b", 1);
	struct problem problem = {0};
	struct limits limits;

	noun_limits.set_defaults(&limits);
	assert_int_equal(noun_from_json(&noun_limits, json, "", false, &limits, &problem), -EINVAL);
	assert_string_equal(problem.field, "?[31m?red??");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nouns_that_are_null_are_empty),
		cmocka_unit_test(a_model_is_read_as_it_was_written),
		cmocka_unit_test(text_with_a_nul_is_refused),
		cmocka_unit_test(a_long_unknown_member_is_cut_in_the_problem),
		cmocka_unit_test(a_problem_never_carries_control_characters),
	};

	return run_cases(rows_model_refused, run_model_refused) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
