/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arrays of a model by noun: a model that a request may change is a copy
 * of the running one, and this is how objects come into it and leave it.
 */
#ifndef OVERLAID_API_EDIT_H
#define OVERLAID_API_EDIT_H

#include "model/field.h"

size_t edit_count(const struct noun *noun, const struct model *model);
void *edit_at(const struct noun *noun, const struct model *model, size_t index);
size_t edit_index(const struct noun *noun, const struct model *model, const void *object);

/* A new last object with the noun's defaults; NULL: no memory.  Older pointers are stale. */
void *edit_append(const struct noun *noun, struct model *model);
void edit_remove(const struct noun *noun, struct model *model, void *object);

#endif
