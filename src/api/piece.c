/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pieces that many lines of a list share.  Called by fdb_stream.c for each
 * row of a walk; what is kept is in the form in which it is written.
 */
#include "api/piece.h"

#include "api/request.h"
#include "api/view.h"
#include "base/cleanup.h"

#include <errno.h>

/* uthash ends the process when memory is out unless it is told otherwise */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct piece_entry {
	struct piece piece;
	UT_hash_handle hh;
};

/* What is written for a piece, allocated; NULL: no memory. */
static char *piece_text(const struct piece_key *key)
{
	_cleanup_json_ json_t *name =
		key->kind == PATH_PEER ? view_address(&key->peer) : reply_text(key->name);
	_cleanup_free_ char *word = json_dumps(name, JSON_ENCODE_ANY);
	static const char *const members[] = {
		[PATH_NONE] = "", [PATH_PORT] = "\"port\":", [PATH_PEER] = "\"peer\":"};
	char *text;

	if (!word || asprintf(&text, "%s%s", members[key->kind], word) < 0)
		return NULL;
	return text;
}

static struct piece_entry *entry_new(const struct piece_key *key, uint32_t number, uint32_t vni)
{
	_cleanup_free_ struct piece_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->piece = (struct piece){.key = *key, .number = number, .vni = vni};
	entry->piece.text = piece_text(key);
	return entry->piece.text ? TAKE_PTR(entry) : NULL;
}

static void entry_free(struct piece_entry *entry)
{
	free(entry->piece.text);
	free(entry);
}

static struct piece_entry *add(struct pieces *pieces, const struct piece_key *key, uint32_t vni)
{
	struct piece **by_number = realloc(pieces->by_number, (pieces->n + 1) * sizeof(*by_number));
	struct piece_entry *entry;

	if (!by_number)
		return NULL;
	pieces->by_number = by_number;
	entry = entry_new(key, pieces->n, vni);
	if (!entry)
		return NULL;
	HASH_ADD(hh, pieces->by_key, piece.key, sizeof(*key), entry);
	if (!entry->hh.tbl) {
		entry_free(entry);
		return NULL;
	}
	by_number[pieces->n++] = &entry->piece;
	return entry;
}

int pieces_find(struct pieces *pieces, const struct piece_key *key, uint32_t vni, uint32_t *ret)
{
	struct piece_entry *entry;

	HASH_FIND(hh, pieces->by_key, key, sizeof(*key), entry);
	if (!entry)
		entry = add(pieces, key, vni);
	if (!entry)
		return -ENOMEM;
	*ret = entry->piece.number;
	return 0;
}

void pieces_clear(struct pieces *pieces)
{
	struct piece_entry *entry, *next;

	HASH_ITER(hh, pieces->by_key, entry, next) {
		HASH_DEL(pieces->by_key, entry);
		entry_free(entry);
	}
	free(pieces->by_number);
	*pieces = (struct pieces){};
}
