/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pieces that many lines of a list share, names of segments and of paths,
 * each kept once and known by a number.
 */
#ifndef OVERLAID_API_PIECE_H
#define OVERLAID_API_PIECE_H

#include "model/switch.h"

#include <stdint.h>

struct piece_key {
	uint32_t kind; /* enum table_path_kind; PATH_NONE stands for a segment */
	union {
		char name[MODEL_NAME_MAX];
		struct address peer;
	};
};

/* A piece of a line that many rows share: `"blue"`, `"port":"tap0"`. */
struct piece {
	struct piece_key key;
	uint32_t number;
	uint32_t vni; /* of a segment */
	char *text;
};

struct piece_entry;

/* Zeroed is empty. */
struct pieces {
	struct piece_entry *by_key; /* uthash's head */
	struct piece **by_number;
	uint32_t n;
};

/* 0 with the piece's number; vni is kept with a new one.  -ENOMEM. */
int pieces_find(struct pieces *pieces, const struct piece_key *key, uint32_t vni, uint32_t *ret);
void pieces_clear(struct pieces *pieces);

#endif
