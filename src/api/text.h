/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does a word of a command line mean as JSON?  A client that does not
 * know the members' types sends every value as a string, with ?text=1.
 */
#ifndef OVERLAID_API_TEXT_H
#define OVERLAID_API_TEXT_H

#include "model/field.h"

/*
 * Replaces strings in the object `json` by what the noun's members want:
 * digits by numbers, true, false, yes and no by booleans, "a,b" by lists
 * ("" is the empty one, as is none for MAC addresses).  A string
 * that fits no such form stays, for noun_from_json to refuse by name.
 * 0 or -ENOMEM.
 */
int text_to_json(const struct noun *noun, json_t *json);

#endif
