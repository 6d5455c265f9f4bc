/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arrays of a model by noun.  Called by collection.c; judges nothing.
 */
#include "api/edit.h"

#include <stdlib.h>
#include <string.h>

static void **array_of(const struct noun *noun, const struct model *model)
{
	return (void **)((char *)model + noun->offset);
}

static size_t *count_of(const struct noun *noun, const struct model *model)
{
	return (size_t *)((char *)model + noun->count_offset);
}

size_t edit_count(const struct noun *noun, const struct model *model)
{
	return *count_of(noun, model);
}

void *edit_at(const struct noun *noun, const struct model *model, size_t index)
{
	return (char *)*array_of(noun, model) + index * noun->size;
}

size_t edit_index(const struct noun *noun, const struct model *model, const void *object)
{
	return (size_t)((const char *)object - (const char *)*array_of(noun, model)) / noun->size;
}

void *edit_append(const struct noun *noun, struct model *model)
{
	void **array = array_of(noun, model), *object;
	size_t *count = count_of(noun, model), size = noun->size;

	object = realloc(*array, (*count + 1) * size);
	if (!object)
		return NULL;
	*array = object;
	object = (char *)object + *count * size;
	memset(object, 0, size);
	noun->set_defaults(object);
	++*count;
	return object;
}

void edit_remove(const struct noun *noun, struct model *model, void *object)
{
	size_t index = edit_index(noun, model, object), size = noun->size;
	size_t *count = count_of(noun, model);

	noun_clear(noun, object);
	memmove(object, (char *)object + size, (*count - index - 1) * size);
	--*count;
}
