/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens when memory runs out at the n-th request, for every n?
 * Included by one file of a test program whose malloc, calloc, realloc and
 * reallocarray are wrapped by the linker (unit_wraps); jansson asks through
 * json_set_alloc_funcs.  libyaml and the C library keep their own.
 */
#ifndef OVERLAID_TESTS_ALLOCATION_H
#define OVERLAID_TESTS_ALLOCATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__real_reallocarray(void *pointer, size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *pointer, size_t size);
void *__wrap_reallocarray(void *pointer, size_t n, size_t size);

/* -1: never; otherwise how many requests still succeed. */
static long allocations_left = -1;
static bool allocation_failed;

static bool allocation_may_succeed(void)
{
	if (allocations_left < 0 || allocations_left-- > 0)
		return true;
	allocations_left = 0; /* what follows fails too */
	allocation_failed = true;
	return false;
}

void *__wrap_malloc(size_t size)
{
	return allocation_may_succeed() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return allocation_may_succeed() ? __real_calloc(n, size) : NULL;
}

void *__wrap_realloc(void *pointer, size_t size)
{
	return allocation_may_succeed() ? __real_realloc(pointer, size) : NULL;
}

void *__wrap_reallocarray(void *pointer, size_t n, size_t size)
{
	return allocation_may_succeed() ? __real_reallocarray(pointer, n, size) : NULL;
}

static inline void allocation_wrap_jansson(void)
{
	json_set_alloc_funcs(__wrap_malloc, free);
}

static inline void allocation_fail_after(long n)
{
	allocations_left = n;
	allocation_failed = false;
}

/* Ends the failing; did a request fail since it began? */
static inline bool allocation_end(void)
{
	allocations_left = -1;
	return allocation_failed;
}

#endif
