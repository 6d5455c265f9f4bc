/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does every function of the model say -ENOMEM, leak nothing and leave its
 * result alone, whichever request for memory fails?
 */
#include "../allocation.h"
#include "../json_text.h"

#include "base/problem.h"
#include "model/check.h"
#include "model/plan.h"

#include <errno.h>

#define FULL                                                                                       \
	"{'underlay': {'device': 'eth1', 'address': ['192.0.2.1']},"                               \
	" 'segments': [{'name': 'blue', 'vni': 5001}, {'name': 'red', 'vni': 5002}],"              \
	" 'peers': [{'address': '192.0.2.2', 'segments': ['blue', 'red']},"                        \
	" {'address': '192.0.2.3'}, {'address': '192.0.2.4', 'segments': []}],"                    \
	" 'ports': [{'device': 'tap0', 'segment': 'blue', 'macs': ['52:54:00:00:00:01']}],"        \
	" 'fdb': [{'segment': 'blue', 'mac': '52:54:00:00:00:02', 'peer': '192.0.2.2'}],"          \
	" 'neighbors': [{'segment': 'blue', 'address': '10.0.0.2', 'mac': '52:54:00:00:00:02'}]}"

#define TRIES_MAX 5000 /* a function that needs more is not tried to its end */

static void read_full(struct model *ret)
{
	json_auto_t *json = json_of(FULL);

	assert_int_equal(model_from_json(json, ret, NULL), 0);
}

/* Each runs with the n-th request failing; returns whether one did. */
static bool try_to_read(long n)
{
	json_auto_t *json = json_of(FULL);
	struct problem problem = {0};
	struct model model, before;
	bool failed;
	int r;

	memset(&model, 0xaa, sizeof(model));
	before = model;
	allocation_fail_after(n);
	r = model_from_json(json, &model, &problem);
	failed = allocation_end();
	assert_int_equal(r, failed ? -ENOMEM : 0);
	assert_int_equal(problem.code, failed ? PROBLEM_SYSTEM : PROBLEM_NONE);
	if (failed)
		assert_memory_equal(&model, &before, sizeof(model));
	else
		model_clear(&model);
	return failed;
}

static bool try_to_write(long n)
{
	_cleanup_model_ struct model model = {0};
	json_auto_t *json = NULL;
	bool failed;

	read_full(&model);
	allocation_fail_after(n);
	json = model_to_json(&model);
	failed = allocation_end();
	assert_int_equal(!json, failed);
	return failed;
}

static bool try_to_copy(long n)
{
	_cleanup_model_ struct model model = {0};
	struct model copy, before;
	bool failed;
	int r;

	read_full(&model);
	memset(&copy, 0xaa, sizeof(copy));
	before = copy;
	allocation_fail_after(n);
	r = model_copy(&model, &copy);
	failed = allocation_end();
	assert_int_equal(r, failed ? -ENOMEM : 0);
	if (failed)
		assert_memory_equal(&copy, &before, sizeof(copy));
	else
		model_clear(&copy);
	/* the original is whole */
	assert_true(peer_in_segment(&model.peers[0], "red"));
	return failed;
}

static bool try_to_check(long n)
{
	_cleanup_model_ struct model model = {0};
	struct problem problem = {0};
	bool failed;
	int r;

	read_full(&model);
	allocation_fail_after(n);
	r = model_check(&model, &problem);
	failed = allocation_end();
	assert_int_equal(r, failed ? -ENOMEM : 0);
	assert_int_equal(problem.code, failed ? PROBLEM_SYSTEM : PROBLEM_NONE);
	return failed;
}

static bool try_to_plan(long n)
{
	_cleanup_model_ struct model model = {0}, other = {0};
	_cleanup_plan_ struct plan plan = {0};
	bool failed;
	int r;

	read_full(&model);
	read_full(&other);
	other.segments[0].vni = 7;
	allocation_fail_after(n);
	r = plan_make(&model, &other, &plan);
	failed = allocation_end();
	assert_int_equal(r, failed ? -ENOMEM : 0);
	assert_int_equal(plan.n_operations != 0, !failed);
	return failed;
}

static bool try_to_describe(long n)
{
	_cleanup_model_ struct model model = {0};
	struct operation operation = {.object = PLAN_PORT};
	char line[256];
	bool failed;
	int r;

	read_full(&model);
	operation.after.port = &model.ports[0];
	allocation_fail_after(n);
	r = operation_describe(&operation, line, sizeof(line));
	failed = allocation_end();
	assert_int_equal(r, failed ? -ENOMEM : 0);
	return failed;
}

static bool try_to_append(long n)
{
	_cleanup_model_ struct model model = {0};
	bool failed;
	void *port;

	read_full(&model);
	allocation_fail_after(n);
	port = noun_append(&noun_port, &model);
	failed = allocation_end();
	assert_int_equal(!port, failed);
	assert_int_equal(model.n_ports, failed ? 1 : 2);
	assert_string_equal(model.ports[0].device, "tap0");
	return failed;
}

static bool try_to_change_segments(long n)
{
	_cleanup_model_ struct model model = {0};
	json_auto_t *json = json_of("{'segments': ['red']}");
	bool failed;
	int r;

	read_full(&model);
	allocation_fail_after(n);
	r = noun_from_json(&noun_peer, json, "", true, &model.peers[0], NULL);
	failed = allocation_end();
	assert_int_equal(r, failed ? -ENOMEM : 0);
	assert_int_equal(peer_in_segment(&model.peers[0], "blue"), failed);
	return failed;
}

struct row {
	const char *sentence;
	bool (*attempt)(long n);
};

static const struct row rows[] = {
	{"reading a model survives every failed allocation", try_to_read},
	{"writing a model survives every failed allocation", try_to_write},
	{"copying a model survives every failed allocation", try_to_copy},
	{"checking a model survives every failed allocation", try_to_check},
	{"planning survives every failed allocation", try_to_plan},
	{"describing an operation survives every failed allocation", try_to_describe},
	{"appending an object survives every failed allocation", try_to_append},
	{"changing a peer's segments survives every failed allocation", try_to_change_segments},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	long n = 0;

	while (row->attempt(n))
		assert_true(++n < TRIES_MAX);
	assert_true(n > 0); /* it needs memory at all: something was tried */
}

int main(void)
{
	allocation_wrap_jansson();
	return run_cases(rows, run_row);
}
