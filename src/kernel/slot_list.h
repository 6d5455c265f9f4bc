/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list of slots that grows: members and flood lists before they are written.
 */
#ifndef OVERLAID_KERNEL_SLOT_LIST_H
#define OVERLAID_KERNEL_SLOT_LIST_H

#include "base/cleanup.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct slot_list {
	uint32_t *slots; /* owned */
	size_t n, n_allocated;
};

static inline int slot_list_append(struct slot_list *list, uint32_t slot)
{
	if (list->n == list->n_allocated) {
		size_t n = list->n_allocated ? 2 * list->n_allocated : 16;
		uint32_t *grown = reallocarray(list->slots, n, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		list->slots = grown;
		list->n_allocated = n;
	}
	list->slots[list->n++] = slot;
	return 0;
}

static inline void slot_list_clear(struct slot_list *list)
{
	free(list->slots);
	*list = (struct slot_list){0};
}

static inline int slot_list_compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static inline void slot_list_sort(struct slot_list *list)
{
	if (list->n)
		qsort(list->slots, list->n, sizeof(*list->slots), slot_list_compare);
}

/* Of a sorted list. */
static inline bool slot_list_has(const struct slot_list *list, uint32_t slot)
{
	return list->n &&
	       bsearch(&slot, list->slots, list->n, sizeof(*list->slots), slot_list_compare);
}

#define _cleanup_slot_list_ _cleanup_(slot_list_clear)

#endif
