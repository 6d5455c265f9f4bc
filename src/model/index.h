/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * At which position of an array is the object of this name?  For check.c and
 * plan.c, which look up once for each of many objects.
 */
#ifndef OVERLAID_MODEL_INDEX_H
#define OVERLAID_MODEL_INDEX_H

#include "model/field.h"

#define INDEX_KEY_MAX (MODEL_NAME_MAX + 16) /* a name with its NUL, then an address */

struct index_key {
	unsigned char bytes[INDEX_KEY_MAX];
	size_t length;
};

struct index_entry;

/* Owns its entries; zeroed is empty. */
struct index {
	struct index_entry *table; /* uthash's head */
	struct index_entry *entries;
	size_t n_entries, capacity;
};

struct index_key index_key_of_text(const char *text);
struct index_key index_key_of_bytes(const void *bytes, size_t length);
/* All members that make up the object's identity. */
struct index_key index_key_of(const struct noun *noun, const void *object);

/* Takes up to `capacity` entries.  0 or -ENOMEM. */
int index_init(struct index *index, size_t capacity);
/* 0; -EEXIST with *ret_taken (may be NULL) the position of who has the key; -ENOMEM. */
int index_add(struct index *index, const struct index_key *key, size_t position, size_t *ret_taken);
/* False: there is none. */
bool index_find(const struct index *index, const struct index_key *key, size_t *ret_position);
void index_clear(struct index *index);

#define _cleanup_index_ __attribute__((cleanup(index_clear)))

#endif
