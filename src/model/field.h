/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is each member of the model spelled?  One table per noun says name,
 * type, range, default and meaning; YAML, the API's JSON, the state file,
 * `overlayctl ... key value`, diffs and the reference documentation all expand
 * these tables.
 */
#ifndef OVERLAID_MODEL_FIELD_H
#define OVERLAID_MODEL_FIELD_H

#include "model/model.h"

#include <jansson.h>

struct problem;

enum field_type {
	FIELD_NAME,    /* char[MODEL_NAME_MAX] */
	FIELD_DEVICE,  /* char[MODEL_DEVICE_MAX] */
	FIELD_DEVICES, /* one or a list, into underlay */
	FIELD_UINT,    /* uint8_t, uint16_t or uint32_t by size; minimum..maximum */
	FIELD_SECONDS, /* uint32_t; "300s", "5m", "1h" or a bare number of seconds */
	FIELD_BOOL,
	FIELD_ENUM, /* an int; words[] */
	FIELD_DSCP, /* 0..63 or "copy" */
	FIELD_ADDRESS,
	FIELD_ADDRESSES, /* one or a list */
	FIELD_MAC,
	FIELD_MACS,	/* a list */
	FIELD_SEGMENTS, /* peer.segments: a list of names; absent or "all": all */
	FIELD_WORDS,	/* uint32_t, bits 1 << index of words[]; one or a list; 0: not given */
	FIELD_BYTES,	/* uint8_t[maximum]; hexadecimal digits, two for each */
};

struct field {
	const char *name; /* kebab-case, as in YAML and JSON */
	enum field_type type;
	bool required;
	bool is_key; /* part of the object's identity: cannot be changed by `set` */
	size_t offset;
	size_t size;		   /* lists: of one element */
	size_t count_offset;	   /* lists: of the size_t that holds their length */
	uint32_t minimum, maximum; /* lists: maximum is their capacity */
	const char *const *words; /* FIELD_ENUM and _WORDS: NULL-terminated, by value, "" is none */
	const char *meaning;	  /* one sentence for the reference documentation */
};

struct noun {
	const char *name;	    /* "segment": CLI word */
	const char *plural;	    /* "segments": YAML key and API path; "fdb" for fdb */
	size_t size;		    /* of the struct */
	const struct field *fields; /* ends with a NULL name */
	void (*set_defaults)(void *object);
	bool is_list;	     /* the model holds many; otherwise exactly one */
	size_t offset;	     /* in struct model: of the object, or of the pointer to the array */
	size_t count_offset; /* in struct model, of the size_t; with is_list */
};

extern const struct noun noun_underlay, noun_limits, noun_segment, noun_peer, noun_port, noun_fdb,
	noun_neighbor;

/* Room for one object of any noun. */
union noun_object {
	struct underlay underlay;
	struct limits limits;
	struct segment segment;
	struct peer peer;
	struct port port;
	struct fdb_record fdb;
	struct neighbor_record neighbor;
};

/* All of them in the order of the configuration file, NULL at the end. */
extern const struct noun *const nouns[];

/* NULL when there is none of that name. */
const struct field *noun_field(const struct noun *noun, const char *name);

/*
 * Reads the members of the JSON object `json` into *object, which holds
 * defaults (create) or the present values (change).  Unknown keys, wrong types
 * and values out of range are refused with problem->field = path + member
 * name, joined by a dot (path may be empty).  A member that is null gets its
 * default.  With `change`, keys may not differ and required members may be
 * absent.  May leave *object half changed on error.
 */
int noun_from_json(const struct noun *noun, const json_t *json, const char *path, bool change,
		   void *object, struct problem *problem);
/* A new reference; every member, defaults included; NULL: no memory. */
json_t *noun_to_json(const struct noun *noun, const void *object);
/* A new reference; NULL: no memory. */
json_t *field_to_json(const struct field *field, const void *object);
/* Frees what one object owns (peer.segments). */
void noun_clear(const struct noun *noun, void *object);
bool noun_equal(const struct noun *noun, const void *a, const void *b);
bool field_equal(const struct field *field, const void *a, const void *b);
/* Not given: an empty list, name or address, for which a member has no other value. */
bool field_is_absent(const struct field *field, const void *object);
/* Ranges and syntax of a filled object: what noun_from_json would have refused. */
int noun_check(const struct noun *noun, const void *object, const char *path,
	       struct problem *problem);

/* The array of a noun with is_list; the object itself otherwise. */
void *noun_objects(const struct noun *noun, const struct model *model, size_t *ret_n);
/*
 * Appends an object with defaults to the model's array and returns it (NULL:
 * no memory).  Pointers into the array become invalid.
 */
void *noun_append(const struct noun *noun, struct model *model);
/* Gives an empty array n zeroed objects.  0 or -ENOMEM. */
int noun_reserve(const struct noun *noun, struct model *model, size_t n);
/* Takes one object out of the model's array and frees what it owns. */
void noun_remove(const struct noun *noun, struct model *model, void *object);

/* The whole model as one JSON object, in the form of the configuration file. */
int model_from_json(const json_t *json, struct model *ret, struct problem *problem);
json_t *model_to_json(const struct model *model);

#endif
