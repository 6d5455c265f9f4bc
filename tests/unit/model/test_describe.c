/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does an operation say to people?  A row each, in the words of the
 * configuration file.
 */
#include "../json_text.h"

#include "model/plan.h"

struct row {
	const char *sentence;
	enum plan_object object;
	const char *before, *after; /* NULL: none */
	const char *line;
};

#define BLUE "'name': 'blue', 'vni': 5001"
#define MAC  "'mac': '52:54:00:00:00:02'"

static const struct row rows[] = {
	{"a creation shows what is not as by default", PLAN_SEGMENT, NULL,
	 "{" BLUE ", 'mtu': 1500, 'aging': '10m'}", "+ segment blue vni=5001 aging=600s"},
	{"a creation shows lists with commas", PLAN_PORT, NULL,
	 "{'device': 'tap0', 'segment': 'blue', 'macs': ['52:54:00:00:00:01',"
	 " '52:54:00:00:00:02']}",
	 "+ port tap0 segment=blue macs=52:54:00:00:00:01,52:54:00:00:00:02"},
	{"a creation shows that a peer is in no segment", PLAN_PEER, NULL,
	 "{'address': '192.0.2.2', 'segments': []}", "+ peer 192.0.2.2 segments=none"},
	{"an FDB record is named by segment and MAC address", PLAN_FDB, NULL,
	 "{'segment': 'blue', " MAC ", 'peer': '192.0.2.2'}",
	 "+ fdb blue 52:54:00:00:00:02 peer=192.0.2.2"},
	{"a neighbor is named by segment and IP address", PLAN_NEIGHBOR, NULL,
	 "{'segment': 'blue', 'address': '10.0.0.2', " MAC "}",
	 "+ neighbor blue 10.0.0.2 mac=52:54:00:00:00:02"},
	{"a deletion shows the name", PLAN_PORT, "{'device': 'tap0', 'segment': 'blue'}", NULL,
	 "- port tap0"},
	{"a change shows the member before and after", PLAN_SEGMENT, "{" BLUE "}",
	 "{" BLUE ", 'aging': '10m'}", "segment blue: aging 300s -> 600s"},
	{"a change shows each member", PLAN_SEGMENT, "{" BLUE ", 'learning': false, 'dscp': 46}",
	 "{" BLUE ", 'unknown-unicast': 'drop', 'dscp': 'copy'}",
	 "segment blue: unknown-unicast flood -> drop, learning false -> true, dscp 46 -> copy"},
	{"a change from a peer to a port shows what was not given", PLAN_FDB,
	 "{'segment': 'blue', " MAC ", 'peer': '192.0.2.2'}",
	 "{'segment': 'blue', " MAC ", 'port': 'tap0'}",
	 "fdb blue 52:54:00:00:00:02: peer 192.0.2.2 -> none, port none -> tap0"},
	{"a change of membership shows all", PLAN_PEER, "{'address': '192.0.2.2'}",
	 "{'address': '192.0.2.2', 'segments': ['blue', 'red']}",
	 "peer 192.0.2.2: segments all -> blue,red"},
	{"the underlay has no name", PLAN_UNDERLAY, "{'device': 'eth1'}",
	 "{'device': ['eth1', 'eth2'], 'ttl': 3}",
	 "underlay: device eth1 -> eth1,eth2, ttl 64 -> 3"},
	{"limits have no name", PLAN_LIMITS, "{}", "{'fdb-entries': 2048}",
	 "limits: fdb-entries 131072 -> 2048"},
};

static void *read_object(const struct noun *noun, const char *text, union noun_object *object)
{
	json_auto_t *json = NULL;

	if (!text)
		return NULL;
	json = json_of(text);
	noun->set_defaults(object);
	assert_int_equal(noun_from_json(noun, json, "", false, object, NULL), 0);
	return object;
}

static void run_row(void **state)
{
	const struct row *row = *state;
	const struct noun *noun = plan_noun(row->object);
	union noun_object before, after;
	struct operation operation = {
		.object = row->object,
		.before.any = read_object(noun, row->before, &before),
		.after.any = read_object(noun, row->after, &after),
	};
	char line[256], cut[8];

	assert_int_equal(operation_describe(&operation, line, sizeof(line)), 0);
	assert_string_equal(line, row->line);

	assert_int_equal(operation_describe(&operation, cut, sizeof(cut)), 0);
	assert_int_equal(strlen(cut), sizeof(cut) - 1);
	assert_memory_equal(cut, row->line, sizeof(cut) - 1);
	if (row->before)
		noun_clear(noun, &before);
	if (row->after)
		noun_clear(noun, &after);
}

int main(void)
{
	return run_cases(rows, run_row);
}
