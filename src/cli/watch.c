/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a live switch look?  A line a second with what ports and peers
 * moved, and a line for each event; or only what concerns one object.
 */
#include "cli/command.h"
#include "cli/printers.h"

#include <stdio.h>
#include <string.h>

#define LINES_PER_HEADER 20

struct flow {
	double frames, bits;
};

struct watched {
	const char *key, *plural, *name;
};

static const struct watched kinds[] = {
	{"port", "ports", "device"},
	{"segment", "segments", "name"},
	{"peer", "peers", "address"},
};

static void add_flow(const json_t *row, const char *direction, struct flow *flow)
{
	char name[16];

	snprintf(name, sizeof(name), "%s-frames", direction);
	flow->frames += (double)json_integer_value(json_object_get(row, name));
	snprintf(name, sizeof(name), "%s-bits", direction);
	flow->bits += (double)json_integer_value(json_object_get(row, name));
}

/* The sum over the kind's objects, or what the one called name moved. */
static struct flow sum(const json_t *rates, const struct watched *kind, const char *only,
		       const char *direction)
{
	struct flow flow = {};
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(rates, kind->plural), i, row) {
		const char *name = json_string_value(json_object_get(row, kind->name));

		if (!only || (name && !strcmp(name, only)))
			add_flow(row, direction, &flow);
	}
	return flow;
}

static void print_flow(struct flow flow)
{
	char frames[16], bits[16];

	print_scaled(flow.frames, frames);
	print_scaled(flow.bits, bits);
	printf("  %8s %8s", frames, bits);
}

static bool drop_concerns(const json_t *drop, const char *key, const char *only)
{
	const char *value = key ? json_string_value(json_object_get(drop, key)) : NULL;

	return !only || (value && !strcmp(value, only));
}

static double sum_drops(const json_t *rates, const char *key, const char *only)
{
	double frames = 0;
	json_t *drop;
	size_t i;

	json_array_foreach(json_object_get(rates, "drops"), i, drop)
		if (drop_concerns(drop, key, only))
			frames += (double)json_integer_value(json_object_get(drop, "frames"));
	return frames;
}

/* "12:00:01" of "2025-01-31T12:00:01.123Z" */
static void print_time(const json_t *line)
{
	const char *time = json_string_value(json_object_get(line, "time"));

	printf("%.8s", time && strlen(time) > 19 ? time + 11 : "--------");
}

static void print_header(const char *only)
{
	if (only)
		printf("%-8s  %17s  %17s  %8s\n%-8s  %8s %8s  %8s %8s\n", "TIME", "IN", "OUT",
		       "DROPPED", "(UTC)", "frames/s", "bit/s", "frames/s", "bit/s");
	else
		printf("%-8s  %17s  %17s  %17s  %17s  %8s\n"
		       "%-8s  %8s %8s  %8s %8s  %8s %8s  %8s %8s\n",
		       "TIME", "FROM PORTS", "TO PORTS", "FROM PEERS", "TO PEERS", "DROPPED",
		       "(UTC)", "frames/s", "bit/s", "frames/s", "bit/s", "frames/s", "bit/s",
		       "frames/s", "bit/s");
}

static void print_rates(const json_t *line, const struct watched *kind, const char *only)
{
	static const char *const directions[] = {"rx", "tx"};
	const json_t *rates = json_object_get(line, "rates");
	static unsigned int n_lines;
	char dropped[16];

	if (n_lines++ % LINES_PER_HEADER == 0)
		print_header(only);
	print_time(line);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (size_t j = 0; j < 2; j++)
			if (only ? kind == &kinds[i] : &kinds[i] != &kinds[1])
				print_flow(sum(rates, &kinds[i], only, directions[j]));
	print_scaled(sum_drops(rates, kind ? kind->key : NULL, only), dropped);
	printf("  %8s\n", dropped);
}

static void print_member(const json_t *event, const char *member)
{
	const json_t *value = json_object_get(event, member);
	char text[PRINT_TEXT_MAX];

	if (!value)
		return;
	print_value(value, text);
	printf(" %s %s", member, text);
}

static void print_event(const json_t *event)
{
	const json_t *from = json_object_get(event, "from");

	print_time(event);
	printf("  %s", json_string_value(json_object_get(event, "event")));
	print_member(event, "segment");
	print_member(event, "mac");
	print_member(event, "port");
	print_member(event, "peer");
	print_member(event, "mtu");
	if (from) {
		printf(" from");
		print_member(from, "port");
		print_member(from, "peer");
	}
	putchar('\n');
}

void print_watch_line(const json_t *line, const struct invocation *invocation)
{
	const struct watched *kind = NULL;
	const char *only = NULL;

	if (!line)
		return;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !only; i++) {
		kind = &kinds[i];
		only = invocation_value(invocation, kinds[i].key);
	}
	if (!only)
		kind = NULL;
	if (json_object_get(line, "rates"))
		print_rates(line, kind, only);
	else if (!only || drop_concerns(line, kind->key, only))
		print_event(line);
	fflush(stdout);
}
