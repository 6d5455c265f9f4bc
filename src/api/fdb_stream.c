/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is a list of a million FDB entries sent?  The walk over the table cannot
 * pause, so it leaves rows of 24 bytes; names are kept once, in the form in
 * which they are written.  Called by fdb.c.  One JSON object a line, so that
 * clients can read the list as a stream too.
 */
#include "api/fdb_stream.h"

#include "api/piece.h"
#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ROWS_FIRST 1024u
/* bytes of a row as JSON: two names, of which each byte may become \u00xx, and 200 more */
#define LINE_ROOM 1024u

struct row {
	uint32_t segment, path; /* numbers of pieces */
	uint32_t age;
	uint16_t moves; /* saturating */
	uint8_t mac[6];
	uint8_t source; /* enum table_fdb_source */
};

_Static_assert(sizeof(struct row) == 24, "a million rows cost 24 MB");

struct fdb_stream {
	struct stream stream;
	struct budget *budget;
	struct pieces pieces;
	struct row *rows;
	size_t n_rows, room, next;
	bool started, ended;
	char line[LINE_ROOM];
	size_t line_length, line_sent;
};

static const char *const source_names[] = {
	[FDB_LEARNED] = "learned",
	[FDB_STATIC] = "static",
	[FDB_EVPN] = "evpn",
};

static void fdb_stream_close(struct stream *stream)
{
	struct fdb_stream *list = (struct fdb_stream *)stream;

	pieces_clear(&list->pieces);
	free(list->rows);
	budget_return(list->budget, list->room * sizeof(struct row));
	free(list);
}

static void close_list(struct fdb_stream **list)
{
	if (*list)
		fdb_stream_close(&(*list)->stream);
}

static int make_room(struct fdb_stream *list)
{
	size_t room = list->room ? list->room * 2 : ROWS_FIRST;
	struct row *rows;

	if (list->n_rows < list->room)
		return 0;
	if (!budget_take(list->budget, (room - list->room) * sizeof(*rows)))
		return -EBUSY;
	rows = realloc(list->rows, room * sizeof(*rows));
	if (!rows) {
		budget_return(list->budget, (room - list->room) * sizeof(*rows));
		return -ENOMEM;
	}
	list->rows = rows;
	list->room = room;
	return 0;
}

static void path_key(const struct path_view *path, struct piece_key *key)
{
	key->kind = path->kind;
	if (path->kind == PATH_PEER)
		key->peer = path->peer;
	else
		request_copy_name(key->name, sizeof(key->name), path->port);
}

static int add_row(void *arg, const struct fdb_view *entry)
{
	struct fdb_stream *list = arg;
	struct piece_key segment = {.kind = PATH_NONE}, path = {};
	struct row row = {
		.age = entry->age_seconds,
		.moves = entry->moves > UINT16_MAX ? UINT16_MAX : (uint16_t)entry->moves,
		.source = (uint8_t)entry->source,
	};
	int r = make_room(list);

	if (r < 0)
		return r;
	memcpy(row.mac, entry->mac.bytes, sizeof(row.mac));
	request_copy_name(segment.name, sizeof(segment.name), entry->segment);
	path_key(&entry->path, &path);
	r = pieces_find(&list->pieces, &segment, entry->vni, &row.segment);
	if (!r)
		r = pieces_find(&list->pieces, &path, /* vni= */ 0, &row.path);
	if (!r)
		list->rows[list->n_rows++] = row;
	return r;
}

static int write_row(const struct fdb_stream *list, const struct row *row, char *line, size_t size)
{
	const struct piece *segment = list->pieces.by_number[row->segment];
	const struct piece *path = list->pieces.by_number[row->path];
	struct mac mac;
	char text[MAC_TEXT_MAX];

	memcpy(mac.bytes, row->mac, sizeof(mac.bytes));
	return snprintf(line, size,
			"{\"segment\":%s,\"mac\":\"%s\",%s,\"state\":{\"vni\":%u,\"source\":\"%s\","
			"\"age\":%u,\"moves\":%u}}%s\n",
			segment->text, mac_format(&mac, text),
			path->key.kind == PATH_NONE ? "\"port\":null" : path->text, segment->vni,
			source_names[row->source], row->age, row->moves,
			row == &list->rows[list->n_rows - 1] ? "" : ",");
}

/* False at the end. */
static bool next_line(struct fdb_stream *list)
{
	int length;

	if (list->ended)
		return false;
	if (!list->started) {
		length = snprintf(list->line, sizeof(list->line), "{\"fdb\":[\n");
		list->started = true;
	} else if (list->next < list->n_rows) {
		length = write_row(list, &list->rows[list->next++], list->line, sizeof(list->line));
	} else {
		length = snprintf(list->line, sizeof(list->line), "]}\n");
		list->ended = true;
	}
	list->line_length = (size_t)length;
	list->line_sent = 0;
	return true;
}

static ssize_t fdb_stream_read(struct stream *stream, char *buffer, size_t size)
{
	struct fdb_stream *list = (struct fdb_stream *)stream;
	size_t filled = 0;

	while (filled < size) {
		size_t part = list->line_length - list->line_sent;

		if (!part && !next_line(list))
			break;
		part = list->line_length - list->line_sent;
		if (part > size - filled)
			part = size - filled;
		memcpy(buffer + filled, list->line + list->line_sent, part);
		list->line_sent += part;
		filled += part;
	}
	return (ssize_t)filled;
}

int fdb_stream_open(struct service *service, const struct fdb_filter *filter, struct stream **ret,
		    struct problem *problem)
{
	_cleanup_(close_list) struct fdb_stream *list = calloc(1, sizeof(*list));
	int r;

	if (!list)
		return request_no_memory(problem);
	list->stream = (struct stream){.read = fdb_stream_read, .close = fdb_stream_close};
	list->budget = &service->budget;
	r = service->ops->fdb_each(service->self, filter, add_row, list);
	if (r == -EBUSY)
		return problem_set(problem, PROBLEM_BUSY, EBUSY, /* field= */ NULL,
				   "too many long lists are being sent; try again, or filter by "
				   "segment, port or peer");
	if (r < 0)
		return problem_set(problem, PROBLEM_SYSTEM, -r, /* field= */ NULL,
				   "the FDB cannot be read: %s", strerror(-r));
	*ret = &TAKE_PTR(list)->stream;
	return 0;
}
