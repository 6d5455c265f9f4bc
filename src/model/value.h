/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is one member read, written, compared and checked?  By its type: one
 * struct value_kind each.  Only model/field.c and the kinds themselves use
 * this.
 */
#ifndef OVERLAID_MODEL_VALUE_H
#define OVERLAID_MODEL_VALUE_H

#include "base/problem.h"
#include "model/field.h"

/* Which member a problem is about; spelled out only when there is one. */
struct place {
	const char *path; /* of the object; may be empty */
	const char *member;
	int index;		 /* of an element of a list; -1: the member itself */
	struct problem *problem; /* may be NULL */
};

struct value_kind {
	/* json is not null.  0, or -errno with the problem filled. */
	int (*from_json)(const struct field *field, const json_t *json, const struct place *place,
			 void *object);
	/* A new reference; NULL: no memory. */
	json_t *(*to_json)(const struct field *field, const void *object);
	bool (*equal)(const struct field *field, const void *a, const void *b);
	/* Could from_json have put it there?  NULL: every bit pattern is fine. */
	int (*check)(const struct field *field, const void *object, const struct place *place);
	/* Not given, and therefore without a form in JSON.  NULL: never. */
	bool (*is_absent)(const struct field *field, const void *object);
};

extern const struct value_kind value_name, value_device, value_address, value_mac;
extern const struct value_kind value_uint, value_seconds, value_dscp;
extern const struct value_kind value_bool, value_enum, value_words, value_bytes;
extern const struct value_kind value_devices, value_addresses, value_macs, value_segments;

const struct value_kind *value_kind(const struct field *field);

static inline void *value_slot(const struct field *field, const void *object)
{
	return (char *)object + field->offset;
}

/* Fills place->problem as PROBLEM_INVALID and returns -EINVAL. */
int value_refuse(const struct place *place, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* "a list", "a number": for messages. */
const char *value_type_name(const json_t *json);
/* The text of a JSON string; NULL with the problem filled for anything else. */
const char *value_string(const json_t *json, const struct place *place);
/* "vxlan, geneve or stt" */
struct text;
void value_list_words(const char *const *words, struct text *text);
/* -ENOMEM with the problem filled. */
int value_no_memory(const struct place *place);

#endif
