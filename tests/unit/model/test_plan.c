/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a plan lead from one model to the other?  It is carried out on a set of
 * objects that refuses what the kernel layer could not do: creating what is
 * there, deleting what is used, referring to what is not there.
 */
#include "../json_text.h"

#include "model/plan.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

struct row {
	const char *sentence;
	const char *from, *to;
	const char *operations; /* one a line: "+ object", "- object", "~ object" */
};

#define UNDERLAY "'underlay': {'device': 'eth1'}"
#define MAC	 "'mac': '52:54:00:00:00:02'"
#define MAC3	 "'mac': '52:54:00:00:00:03'"
#define BLUE	 "{'name': 'blue', 'vni': 5001}"
#define RED	 "{'name': 'red', 'vni': 5002}"
#define FULL                                                                                       \
	"{" UNDERLAY ", 'segments': [" BLUE ", " RED "],"                                          \
	" 'peers': [{'address': '192.0.2.2'}, {'address': '192.0.2.3', 'segments': ['red']}],"     \
	" 'ports': [{'device': 'tap0', 'segment': 'blue'}, {'device': 'tap1', 'segment': 'red'}]," \
	" 'fdb': [{'segment': 'blue', " MAC ", 'peer': '192.0.2.2'},"                              \
	" {'segment': 'red', " MAC3 ", 'port': 'tap1'}],"                                          \
	" 'neighbors': [{'segment': 'blue', 'address': '10.0.0.2', " MAC "}]}"
#define EMPTY "null"

static const struct row rows[] = {
	{"nothing is done between equal models", FULL, FULL, ""},
	{"creations run from segments to records", EMPTY, FULL,
	 "+ underlay\n+ segment blue\n+ segment red\n+ peer 192.0.2.2\n+ peer 192.0.2.3\n"
	 "+ port tap0\n+ port tap1\n+ fdb blue 52:54:00:00:00:02\n+ fdb red 52:54:00:00:00:03\n"
	 "+ neighbor blue 10.0.0.2\n"},
	{"deletions run in the opposite order", FULL, EMPTY,
	 "- neighbor blue 10.0.0.2\n- fdb red 52:54:00:00:00:03\n- fdb blue 52:54:00:00:00:02\n"
	 "- port tap1\n- port tap0\n- peer 192.0.2.3\n- peer 192.0.2.2\n- segment red\n"
	 "- segment blue\n- underlay\n"},
	{"the order of a list means nothing", "{" UNDERLAY ", 'segments': [" BLUE ", " RED "]}",
	 "{" UNDERLAY ", 'segments': [" RED ", " BLUE "]}", ""},
	{"defaults that are written out are no change", "{" UNDERLAY ", 'segments': [" BLUE "]}",
	 "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 5001, 'mtu': 1500, 'aging': '5m'}]}",
	 ""},
	{"a member of the underlay is changed in place", "{'underlay': {'device': 'eth1'}}",
	 "{'underlay': {'device': 'eth1', 'ttl': 3}}", "~ underlay\n"},
	{"limits are changed in place, before all else", "{" UNDERLAY "}",
	 "{" UNDERLAY ", 'limits': {'fdb-entries': 2048}, 'segments': [" BLUE "]}",
	 "~ limits\n+ segment blue\n"},
	{"a member of a segment is changed in place", "{" UNDERLAY ", 'segments': [" BLUE "]}",
	 "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 5001, 'aging': 60}]}",
	 "~ segment blue\n"},
	{"changes run after deletions",
	 "{" UNDERLAY ", 'segments': [" BLUE ", " RED "], 'ports': [{'device': 'tap1',"
	 " 'segment': 'red'}]}",
	 "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 5001, 'aging': 60}]}",
	 "- port tap1\n- segment red\n~ segment blue\n"},
	{"a segment that is renamed is another one", "{" UNDERLAY ", 'segments': [" BLUE "]}",
	 "{" UNDERLAY ", 'segments': [{'name': 'azure', 'vni': 5001}]}",
	 "- segment blue\n+ segment azure\n"},
	{"a segment of another VNI is another one, and so is what refers to it", FULL,
	 "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 7}, " RED "],"
	 " 'peers': [{'address': '192.0.2.2'}, {'address': '192.0.2.3', 'segments': ['red']}],"
	 " 'ports': [{'device': 'tap0', 'segment': 'blue'}, {'device': 'tap1', 'segment': 'red'}],"
	 " 'fdb': [{'segment': 'blue', " MAC ", 'peer': '192.0.2.2'},"
	 " {'segment': 'red', " MAC3 ", 'port': 'tap1'}],"
	 " 'neighbors': [{'segment': 'blue', 'address': '10.0.0.2', " MAC "}]}",
	 "- neighbor blue 10.0.0.2\n- fdb blue 52:54:00:00:00:02\n- port tap0\n- segment blue\n"
	 "+ segment blue\n+ port tap0\n+ fdb blue 52:54:00:00:00:02\n+ neighbor blue 10.0.0.2\n"},
	{"two segments may exchange their VNIs", "{" UNDERLAY ", 'segments': [" BLUE ", " RED "]}",
	 "{" UNDERLAY
	 ", 'segments': [{'name': 'blue', 'vni': 5002}, {'name': 'red', 'vni': 5001}]}",
	 "- segment red\n- segment blue\n+ segment blue\n+ segment red\n"},
	{"a port that moves between living segments is changed in place",
	 "{" UNDERLAY ", 'segments': [" BLUE ", " RED "], 'ports': [{'device': 'tap0',"
	 " 'segment': 'blue'}]}",
	 "{" UNDERLAY ", 'segments': [" BLUE ", " RED "], 'ports': [{'device': 'tap0',"
	 " 'segment': 'red'}]}",
	 "~ port tap0\n"},
	{"a port that leaves a dying segment is made anew",
	 "{" UNDERLAY ", 'segments': [" BLUE ", " RED "], 'ports': [{'device': 'tap0',"
	 " 'segment': 'blue'}]}",
	 "{" UNDERLAY ", 'segments': [" RED "], 'ports': [{'device': 'tap0', 'segment': 'red'}]}",
	 "- port tap0\n- segment blue\n+ port tap0\n"},
	{"an FDB record moves between living peers in place",
	 "{" UNDERLAY ", 'segments': [" BLUE "], 'peers': [{'address': '192.0.2.2'},"
	 " {'address': '192.0.2.3'}], 'fdb': [{'segment': 'blue', " MAC ", 'peer': '192.0.2.2'}]}",
	 "{" UNDERLAY ", 'segments': [" BLUE "], 'peers': [{'address': '192.0.2.2'},"
	 " {'address': '192.0.2.3'}], 'fdb': [{'segment': 'blue', " MAC ", 'peer': '192.0.2.3'}]}",
	 "~ fdb blue 52:54:00:00:00:02\n"},
	{"an FDB record that leaves a dying peer is made anew",
	 "{" UNDERLAY ", 'segments': [" BLUE "], 'peers': [{'address': '192.0.2.2'},"
	 " {'address': '192.0.2.3'}], 'fdb': [{'segment': 'blue', " MAC ", 'peer': '192.0.2.2'}]}",
	 "{" UNDERLAY ", 'segments': [" BLUE "], 'peers': [{'address': '192.0.2.3'}],"
	 " 'fdb': [{'segment': 'blue', " MAC ", 'peer': '192.0.2.3'}]}",
	 "- fdb blue 52:54:00:00:00:02\n- peer 192.0.2.2\n+ fdb blue 52:54:00:00:00:02\n"},
	{"an FDB record that leaves a dying port is made anew",
	 "{" UNDERLAY ", 'segments': [" BLUE "], 'ports': [{'device': 'tap0', 'segment': 'blue'},"
	 " {'device': 'tap1', 'segment': 'blue'}],"
	 " 'fdb': [{'segment': 'blue', " MAC ", 'port': 'tap0'}]}",
	 "{" UNDERLAY ", 'segments': [" BLUE "], 'ports': [{'device': 'tap1', 'segment': 'blue'}],"
	 " 'fdb': [{'segment': 'blue', " MAC ", 'port': 'tap1'}]}",
	 "- fdb blue 52:54:00:00:00:02\n- port tap0\n+ fdb blue 52:54:00:00:00:02\n"},
	{"one of several neighbors of a segment is changed",
	 "{" UNDERLAY ", 'segments': [" BLUE "], 'neighbors': ["
	 "{'segment': 'blue', 'address': '10.0.0.2', " MAC "},"
	 " {'segment': 'blue', 'address': '10.0.0.3', " MAC "}]}",
	 "{" UNDERLAY ", 'segments': [" BLUE "], 'neighbors': ["
	 "{'segment': 'blue', 'address': '10.0.0.2', " MAC "},"
	 " {'segment': 'blue', 'address': '10.0.0.3', " MAC3 "}]}",
	 "~ neighbor blue 10.0.0.3\n"},
	{"a peer outlives its segments",
	 "{" UNDERLAY ", 'segments': [" BLUE ", " RED "], 'peers': [{'address': '192.0.2.2',"
	 " 'segments': ['blue']}, {'address': '192.0.2.3'}]}",
	 "{" UNDERLAY ", 'segments': [" RED "], 'peers': [{'address': '192.0.2.2',"
	 " 'segments': ['red']}, {'address': '192.0.2.3'}]}",
	 "- segment blue\n~ peer 192.0.2.2\n"},
	{"a peer's encapsulation is changed in place",
	 "{" UNDERLAY ", 'peers': [{'address': '192.0.2.2'}]}",
	 "{" UNDERLAY ", 'peers': [{'address': '192.0.2.2', 'encapsulation': 'stt'}]}",
	 "~ peer 192.0.2.2\n"},
	{"the order of a peer's segments means nothing",
	 "{" UNDERLAY ", 'segments': [" BLUE ", " RED "], 'peers': [{'address': '192.0.2.2',"
	 " 'segments': ['blue', 'red']}]}",
	 "{" UNDERLAY ", 'segments': [" BLUE ", " RED "], 'peers': [{'address': '192.0.2.2',"
	 " 'segments': ['red', 'blue']}]}",
	 ""},
	{"the order of a port's MAC addresses is kept",
	 "{" UNDERLAY ", 'segments': [" BLUE "], 'ports': [{'device': 'tap0', 'segment': 'blue',"
	 " 'macs': ['52:54:00:00:00:01', '52:54:00:00:00:02']}]}",
	 "{" UNDERLAY ", 'segments': [" BLUE "], 'ports': [{'device': 'tap0', 'segment': 'blue',"
	 " 'macs': ['52:54:00:00:00:02', '52:54:00:00:00:01']}]}",
	 "~ port tap0\n"},
};

static void read_model(const char *text, struct model *ret)
{
	json_auto_t *json = json_of(text);

	if (json_is_null(json))
		model_init(ret);
	else
		assert_int_equal(model_from_json(json, ret, NULL), 0);
}

/* "+ port tap0" out of "+ port tap0 segment=blue": the first line of what people see. */
static void name_operation(const struct operation *operation, char *name, size_t size)
{
	const struct operation deletion = {
		.object = operation->object,
		.before.any = operation->before.any ? operation->before.any : operation->after.any,
	};

	assert_int_equal(operation_describe(&deletion, name, size), 0);
	assert_int_equal(name[0], '-');
	name[0] = !operation->before.any ? '+' : !operation->after.any ? '-' : '~';
}

/* What there is while a plan is carried out. */
struct world {
	struct {
		enum plan_object object;
		const void *at;
	} things[64];
	size_t n_things;
};

static bool refers_to(enum plan_object object, const void *at, enum plan_object other,
		      const void *target)
{
	const struct fdb_record *fdb = at;
	const char *segment = object == PLAN_PORT ? ((const struct port *)at)->segment :
			      object == PLAN_FDB  ? fdb->segment :
			      object == PLAN_NEIGHBOR ?
						   ((const struct neighbor_record *)at)->segment :
						   NULL;

	if (other == PLAN_SEGMENT)
		return segment && !strcmp(segment, ((const struct segment *)target)->name);
	if (object != PLAN_FDB)
		return false;
	if (other == PLAN_PORT)
		return !strcmp(fdb->port, ((const struct port *)target)->device);
	return other == PLAN_PEER &&
	       address_equal(&fdb->peer, &((const struct peer *)target)->address);
}

static size_t find(const struct world *world, enum plan_object object, const void *at)
{
	for (size_t i = 0; i < world->n_things; i++) {
		if (world->things[i].object == object &&
		    (world->things[i].at == at ||
		     noun_equal(plan_noun(object), at, world->things[i].at)))
			return i;
	}
	return world->n_things;
}

static void assert_is_there(const struct world *world, enum plan_object object, const char *name)
{
	for (size_t i = 0; i < world->n_things; i++) {
		const void *at = world->things[i].at;

		if (world->things[i].object != object)
			continue;
		if (!strcmp(name, object == PLAN_SEGMENT ? ((const struct segment *)at)->name :
							   ((const struct port *)at)->device))
			return;
	}
	fail_msg("%s is referred to, but is not there", name);
}

static void assert_references(const struct world *world, enum plan_object object, const void *at)
{
	const struct fdb_record *fdb = at;

	if (object == PLAN_PORT)
		assert_is_there(world, PLAN_SEGMENT, ((const struct port *)at)->segment);
	if (object == PLAN_NEIGHBOR)
		assert_is_there(world, PLAN_SEGMENT, ((const struct neighbor_record *)at)->segment);
	if (object != PLAN_FDB)
		return;
	assert_is_there(world, PLAN_SEGMENT, fdb->segment);
	if (fdb->port[0])
		assert_is_there(world, PLAN_PORT, fdb->port);
}

static void carry_out(struct world *world, enum plan_object object, const void *before,
		      const void *after)
{
	size_t position = before ? find(world, object, before) : world->n_things;

	if (before)
		assert_true(position < world->n_things);
	if (before && !after) {
		for (size_t i = 0; i < world->n_things; i++)
			assert_false(refers_to(world->things[i].object, world->things[i].at, object,
					       before));
		world->things[position] = world->things[--world->n_things];
		return;
	}
	assert_references(world, object, after);
	if (!before)
		assert_true(world->n_things++ < 64);
	world->things[position].object = object;
	world->things[position].at = after;
}

static void put_all(struct world *world, const struct model *model)
{
	for (enum plan_object object = 0; object < N_PLAN_OBJECTS; object++) {
		const struct noun *noun = plan_noun(object);
		size_t n;
		const char *at = noun_objects(noun, model, &n);

		if (object == PLAN_UNDERLAY && !model->underlay.n_devices)
			continue;
		for (size_t i = 0; i < n; i++) {
			world->things[world->n_things].object = object;
			world->things[world->n_things++].at = at + i * noun->size;
		}
	}
}

static void assert_same(const struct world *world, const struct model *model)
{
	struct world wanted = {0};

	put_all(&wanted, model);
	assert_int_equal(world->n_things, wanted.n_things);
	for (size_t i = 0; i < wanted.n_things; i++)
		assert_true(find(world, wanted.things[i].object, wanted.things[i].at) <
			    world->n_things);
}

static void run_row(void **state)
{
	const struct row *row = *state;
	_cleanup_model_ struct model from = {0}, to = {0};
	_cleanup_plan_ struct plan plan = {0};
	char names[4096] = "", name[256];
	struct world world = {0};

	read_model(row->from, &from);
	read_model(row->to, &to);
	assert_int_equal(plan_make(&from, &to, &plan), 0);
	put_all(&world, &from);
	for (size_t i = 0; i < plan.n_operations; i++) {
		const struct operation *operation = &plan.operations[i];

		name_operation(operation, name, sizeof(name));
		strcat(strcat(names, name), "\n");
		carry_out(&world, operation->object, operation->before.any, operation->after.any);
	}
	assert_string_equal(names, row->operations);
	assert_same(&world, &to);

	/* undone: from the last to the first with before and after exchanged */
	for (size_t i = plan.n_operations; i-- > 0;)
		carry_out(&world, plan.operations[i].object, plan.operations[i].after.any,
			  plan.operations[i].before.any);
	assert_same(&world, &from);
}

/* n objects of each kind, of which those below n_changed differ by `tag`. */
static void fill(struct model *model, size_t n, size_t n_changed, uint32_t tag)
{
	model_init(model);
	strcpy(model->underlay.devices[0], "eth1");
	model->underlay.n_devices = 1;
	for (const struct noun *const *noun = nouns; *noun; noun++) {
		if ((*noun)->is_list)
			assert_int_equal(noun_reserve(*noun, model, n), 0);
	}
	for (uint32_t i = 0; i < n; i++) {
		struct mac mac = {{2, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8),
				   (uint8_t)i}};
		uint32_t change = i < n_changed ? tag : 0;

		noun_segment.set_defaults(&model->segments[i]);
		snprintf(model->segments[i].name, MODEL_NAME_MAX, "s%u", i);
		model->segments[i].vni = i + 1;
		model->segments[i].aging_seconds += change;
		noun_peer.set_defaults(&model->peers[i]);
		memcpy(model->peers[i].address.bytes + 8, &i, sizeof(i));
		model->peers[i].zero_checksum6 = !change;
		noun_port.set_defaults(&model->ports[i]);
		snprintf(model->ports[i].device, MODEL_DEVICE_MAX, "tap%u", i);
		strcpy(model->ports[i].segment, model->segments[i].name);
		model->ports[i].max_learned += change;
		strcpy(model->fdb[i].segment, model->segments[i].name);
		model->fdb[i].mac = mac;
		if (change)
			strcpy(model->fdb[i].port, model->ports[i].device);
		else
			model->fdb[i].peer = model->peers[i].address;
		strcpy(model->neighbors[i].segment, model->segments[i].name);
		memcpy(model->neighbors[i].address.bytes + 8, &i, sizeof(i));
		model->neighbors[i].mac = mac;
		model->neighbors[i].mac.bytes[1] = (uint8_t)change;
	}
}

static double processor_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void ten_thousand_objects_of_each_kind_are_planned_in_seconds(void **state)
{
	_cleanup_model_ struct model empty = {0}, from = {0}, to = {0};
	_cleanup_plan_ struct plan creation = {0}, change = {0}, nothing = {0};
	double begin = processor_seconds();

	model_init(&empty);
	fill(&from, 10000, 0, 0);
	fill(&to, 10000, 7, 1);
	assert_int_equal(plan_make(&empty, &from, &creation), 0);
	assert_int_equal(creation.n_operations, 5 * 10000 + 1);
	assert_int_equal(plan_make(&from, &to, &change), 0);
	assert_int_equal(change.n_operations, 5 * 7);
	assert_int_equal(plan_make(&to, &to, &nothing), 0);
	assert_int_equal(nothing.n_operations, 0);
	assert_true(processor_seconds() - begin < 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_thousand_objects_of_each_kind_are_planned_in_seconds),
	};

	return run_cases(rows, run_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
