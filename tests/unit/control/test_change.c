/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does the running switch change only as a whole, and only when it can be
 * kept?  Through the same functions as the API uses.
 */
#include "control/control.h"

#include "snapshot.h"

#include "base/problem.h"
#include "control/state.h"
#include "model/switch.h"

#include <systemd/sd-event.h>

#define FILE_TEXT                                                                                  \
	"{'underlay': {'device': 'u1', 'address': '192.0.2.1'},"                                   \
	" 'segments': [{'name': 'blue', 'vni': 5001}], 'peers': [{'address': '192.0.2.2'}],"       \
	" 'ports': [{'device': 'vm1', 'segment': 'blue'}, {'device': 'tap9', 'segment': 'blue'}]}"
#define CHANGED_TEXT                                                                               \
	"{'underlay': {'device': 'u1', 'address': '192.0.2.1'},"                                   \
	" 'segments': [{'name': 'blue', 'vni': 5001, 'aging': '1s'}, {'name': 'red', 'vni': 9}],"  \
	" 'peers': [{'address': '192.0.2.4'}], 'ports': [{'device': 'vm1', 'segment': 'red'}]}"

struct bench {
	struct machine machine; /* its host is the control's */
	sd_event *event;
	struct control *control;
	unsigned int n_kept, n_saved;
	int keep_error;
};

static int keep(void *arg, const struct model *running, struct problem *problem)
{
	struct bench *bench = arg;

	if (bench->keep_error)
		return problem_set(problem, PROBLEM_SYSTEM, -bench->keep_error, NULL, "disk full");
	bench->n_kept++;
	return 0;
}

static int save(void *arg, const struct model *running, struct problem *problem)
{
	struct bench *bench = arg;

	bench->n_saved++;
	return 0;
}

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct control_options options = {
		.config_file = "test.yaml", .keep = keep, .save = save, .arg = bench};
	struct model want, declared;
	struct problem problem = {0};
	struct machine *machine;

	if (!bench || machine_prepare(state))
		return -1;
	machine = *state;
	bench->machine = *machine;
	free(machine);
	*state = bench;
	options.pin_directory = bench->machine.pins;
	machine_model(FILE_TEXT, &want);
	machine_model(FILE_TEXT, &declared);
	if (sd_event_new(&bench->event) < 0 ||
	    control_open(bench->event, &options, 1024, &bench->control, &problem) ||
	    control_start(bench->control, &want, &declared, &problem))
		fail_msg("%s", problem.message);
	bench->machine.host = bench->control->host;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;
	void *machine = malloc(sizeof(bench->machine));

	control_close(bench->control);
	sd_event_unref(bench->event);
	bench->machine.host = NULL;
	memcpy(machine, &bench->machine, sizeof(bench->machine));
	free(bench);
	return machine_teardown(&machine);
}

/* Lets the switch live until the condition holds; false after five seconds. */
#define eventually(condition)                                                                      \
	({                                                                                         \
		double _deadline = seconds_now() + 5;                                              \
		while (!(condition) && seconds_now() < _deadline)                                  \
			assert_true(sd_event_run(bench->event, 20000) >= 0);                       \
		(condition);                                                                       \
	})

static int change(struct bench *bench, const char *text, struct problem *problem)
{
	struct model want;

	*problem = (struct problem){0};
	machine_model(text, &want);
	return control_ops.change(bench->control, &want, problem);
}

static void a_change_is_kept_and_known_as_unsaved_until_it_is_saved(void **state)
{
	struct bench *bench = *state;
	struct status_view status;
	struct problem problem;
	unsigned int n_kept = bench->n_kept;

	assert_int_equal(control_ops.status(bench->control, &status), 0);
	assert_false(status.unsaved);
	assert_int_equal(change(bench, CHANGED_TEXT, &problem), 0);
	assert_int_equal(bench->n_kept, n_kept + 1);
	assert_int_equal(control_ops.running(bench->control)->n_segments, 2);
	assert_int_equal(control_ops.declared(bench->control)->n_segments, 1);
	assert_int_equal(control_ops.status(bench->control, &status), 0);
	assert_true(status.unsaved);
	assert_int_equal(control_ops.save(bench->control, &problem), 0);
	assert_int_equal(bench->n_saved, 1);
	assert_int_equal(control_ops.status(bench->control, &status), 0);
	assert_false(status.unsaved);
}

static void a_change_that_changes_nothing_writes_nothing(void **state)
{
	struct bench *bench = *state;
	struct problem problem;
	unsigned int n_kept = bench->n_kept;

	assert_int_equal(change(bench, FILE_TEXT, &problem), 0);
	assert_int_equal(bench->n_kept, n_kept);
}

static void what_cannot_be_kept_is_taken_back(void **state)
{
	struct bench *bench = *state;
	struct snapshot before = snapshot_take(&bench->machine), after;
	struct problem problem;

	bench->keep_error = -ENOSPC;
	assert_int_equal(change(bench, CHANGED_TEXT, &problem), -ENOSPC);
	assert_string_equal(problem.message, "disk full");
	assert_int_equal(control_ops.running(bench->control)->n_segments, 1);
	after = snapshot_take(&bench->machine);
	assert_int_equal(before.n, after.n);
	bench->keep_error = 0;
	assert_int_equal(change(bench, CHANGED_TEXT, &problem), 0);
	snapshot_free(&before);
	snapshot_free(&after);
}

static void what_the_machine_cannot_do_is_refused_and_nothing_changes(void **state)
{
	struct bench *bench = *state;
	struct snapshot before = snapshot_take(&bench->machine), after;
	struct problem problem;

	assert_true(change(bench,
			   "{'underlay': {'device': 'u1', 'address': '192.0.2.1'},"
			   " 'peers': [{'address': '192.0.2.3'}]}",
			   &problem) < 0);
	assert_string_equal(problem.field, "peers[0].address");
	after = snapshot_take(&bench->machine);
	assert_null(snapshot_differs(&before, &after));
	assert_int_equal(control_ops.running(bench->control)->n_segments, 1);
	snapshot_free(&before);
	snapshot_free(&after);
}

static void a_port_is_seen_as_its_device_comes(void **state)
{
	struct bench *bench = *state;
	struct port_view view;

	assert_int_equal(control_ops.port(bench->control, "tap9", &view), 0);
	assert_false(view.present);
	assert_int_equal(sh("ip link add tap9 type veth peer name far9;"
			    "ip link set tap9 up; ip link set far9 up"),
			 0);
	assert_true(eventually(control_ops.port(bench->control, "tap9", &view) == 0 && view.up &&
			       view.attached));
	assert_int_equal(control_ops.port(bench->control, "nobody", &view), -ENOENT);
}

static struct event_view last_event;
static unsigned int n_events;

static void on_event(void *arg, const struct event_view *event)
{
	last_event = *event;
	n_events++;
}

static void an_entry_that_nobody_sees_ages_and_is_told(void **state)
{
	struct bench *bench = *state;
	struct problem problem;
	struct table_fdb_key key = {.vni = 5001, .mac = {2, 0, 0, 0, 0, 1}};
	struct table_fdb entry = {.path_kind = PATH_PEER, .path = 0, .seen_ns = 1};

	assert_int_equal(change(bench, CHANGED_TEXT, &problem), 0);
	entry.path = host_peer(bench->control->host,
			       &control_ops.running(bench->control)->peers[0].address)
			     ->slot;
	assert_int_equal(bpf_map_update_elem(datapath_fd(bench->machine.host->datapath, MAP_FDB),
					     &key, &entry, BPF_ANY),
			 0);
	n_events = 0;
	control_ops.listen(bench->control, on_event, NULL);
	assert_true(eventually(n_events));
	control_ops.listen(bench->control, NULL, NULL);
	assert_int_equal(last_event.kind, EVENT_AGED);
	assert_string_equal(last_event.segment, "blue");
	assert_int_equal(last_event.path.kind, PATH_PEER);
	assert_false(machine_knows(&bench->machine, 5001, 1));
}

static int count_entry(void *arg, const struct fdb_view *entry)
{
	++*(unsigned int *)arg;
	return 0;
}

static unsigned int count(struct bench *bench, const struct fdb_filter *filter)
{
	unsigned int n = 0;

	assert_int_equal(control_ops.fdb_each(bench->control, filter, count_entry, &n), 0);
	return n;
}

static void the_fdb_is_listed_and_flushed_by_filter(void **state)
{
	struct bench *bench = *state;
	struct fdb_filter all = {0}, by_port = {.port = "vm1"}, by_segment = {.segment = "blue"};
	struct fdb_filter by_mac = {
		.segment = "blue", .has_mac = true, .mac = {{2, 0, 0, 0, 0, 2}}};
	struct fdb_filter unknown = {.segment = "green"};
	struct slots *slots = bench->machine.host->datapath->slots;
	unsigned int n = 0;

	machine_learn(&bench->machine, 5001, 1, PATH_PORT, slots_find_port(slots, "vm1"));
	machine_learn(&bench->machine, 5001, 2, PATH_PEER, 0);
	machine_learn(&bench->machine, 5001, 3, PATH_PEER, 0);
	assert_int_equal(count(bench, &all), 3);
	assert_int_equal(count(bench, &by_port), 1);
	assert_int_equal(count(bench, &by_segment), 3);
	assert_int_equal(count(bench, &by_mac), 1);
	assert_int_equal(control_ops.fdb_each(bench->control, &unknown, count_entry, &n), -ENOENT);
	assert_int_equal(control_ops.fdb_flush(bench->control, &unknown), -ENOENT);
	assert_int_equal(control_ops.fdb_flush(bench->control, &by_mac), 1);
	assert_int_equal(control_ops.fdb_flush(bench->control, &by_port), 1);
	assert_int_equal(count(bench, &all), 1);
	assert_int_equal(control_ops.fdb_flush(bench->control, &all), 1);
	assert_int_equal(count(bench, &all), 0);
}

static void unload_takes_everything_and_ends_the_loop(void **state)
{
	struct bench *bench = *state;
	struct problem problem = {0};

	assert_int_equal(sh("ip link show ovl-vxlan >/dev/null 2>&1"), 0);
	assert_int_equal(control_ops.unload(bench->control, &problem), 0);
	assert_int_equal(sd_event_loop(bench->event), 0);
	assert_int_not_equal(sh("ip link show ovl-vxlan >/dev/null 2>&1"), 0);
	assert_int_not_equal(access(bench->machine.pins, F_OK), 0);
}

int main(void)
{
#define on_bench(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		on_bench(a_change_is_kept_and_known_as_unsaved_until_it_is_saved),
		on_bench(a_change_that_changes_nothing_writes_nothing),
		on_bench(what_cannot_be_kept_is_taken_back),
		on_bench(what_the_machine_cannot_do_is_refused_and_nothing_changes),
		on_bench(a_port_is_seen_as_its_device_comes),
		on_bench(an_entry_that_nobody_sees_ages_and_is_told),
		on_bench(the_fdb_is_listed_and_flushed_by_filter),
		on_bench(unload_takes_everything_and_ends_the_loop),
	};
	int rights = machine_rights();

	return rights ? rights : cmocka_run_group_tests(tests, NULL, NULL);
}
