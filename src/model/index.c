/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table from keys to positions, over uthash, with memory for all
 * entries taken at once.  Knows nothing about what the keys mean.
 */
#include "model/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct index_entry {
	UT_hash_handle hh;
	size_t position;
	struct index_key key;
};

struct index_key index_key_of_bytes(const void *bytes, size_t length)
{
	struct index_key key = {.length = length < INDEX_KEY_MAX ? length : INDEX_KEY_MAX};

	memcpy(key.bytes, bytes, key.length);
	return key;
}

struct index_key index_key_of_text(const char *text)
{
	return index_key_of_bytes(text, strlen(text));
}

static void append(struct index_key *key, const void *bytes, size_t length)
{
	size_t room = sizeof(key->bytes) - key->length;

	length = length < room ? length : room;
	memcpy(key->bytes + key->length, bytes, length);
	key->length += length;
}

struct index_key index_key_of(const struct noun *noun, const void *object)
{
	struct index_key key = {0};

	for (const struct field *field = noun->fields; field->name; field++) {
		const void *slot = (const char *)object + field->offset;
		bool is_text = field->type == FIELD_NAME || field->type == FIELD_DEVICE;

		/* what follows a text's NUL is not part of it */
		if (field->is_key)
			append(&key, slot, is_text ? strlen(slot) + 1 : field->size);
	}
	return key;
}

int index_init(struct index *index, size_t capacity)
{
	*index = (struct index){.capacity = capacity};
	if (!capacity)
		return 0;
	index->entries = calloc(capacity, sizeof(*index->entries));
	return index->entries ? 0 : -ENOMEM;
}

static struct index_entry *find(const struct index *index, const struct index_key *key)
{
	struct index_entry *entry;

	HASH_FIND(hh, index->table, key->bytes, key->length, entry);
	return entry;
}

int index_add(struct index *index, const struct index_key *key, size_t position, size_t *ret_taken)
{
	struct index_entry *entry = find(index, key);

	if (entry) {
		if (ret_taken)
			*ret_taken = entry->position;
		return -EEXIST;
	}
	if (index->n_entries == index->capacity)
		return -ENOMEM;
	entry = &index->entries[index->n_entries];
	entry->position = position;
	entry->key = *key;
	HASH_ADD_KEYPTR(hh, index->table, entry->key.bytes, entry->key.length, entry);
	if (!entry->hh.tbl)
		return -ENOMEM;
	index->n_entries++;
	return 0;
}

bool index_find(const struct index *index, const struct index_key *key, size_t *ret_position)
{
	const struct index_entry *entry = find(index, key);

	if (!entry)
		return false;
	*ret_position = entry->position;
	return true;
}

void index_clear(struct index *index)
{
	HASH_CLEAR(hh, index->table);
	free(index->entries);
	*index = (struct index){0};
}
