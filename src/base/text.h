/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small tools for text of bounded length: append without overrun, numbers and
 * durations out of words, the word that somebody probably meant.
 */
#ifndef OVERLAID_BASE_TEXT_H
#define OVERLAID_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A buffer that is filled from the left; always terminated, cut where it is full. */
struct text {
	char *buffer;
	size_t size;
	size_t length; /* without the final NUL */
	bool cut;      /* something did not fit */
};

/* size is at least 1.  The buffer stays the caller's. */
struct text text_into(char *buffer, size_t size);
void text_append(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Makes text fit for terminals, journals and JSON: control characters and
 * bytes that are not UTF-8 become '?'.
 */
void text_clean(char *text);

/*
 * Copies into a fixed array and fills its rest with zeros, so that arrays can
 * be compared and hashed as bytes.  0, or -ENAMETOOLONG with the array untouched.
 */
int text_copy(char *to, size_t size, const char *from);

/*
 * A decimal number of nothing but digits, without leading zeros.
 * 0, -EINVAL (not such a number), or -ERANGE (outside minimum..maximum).
 */
int text_parse_uint(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ret);
/* "300", "300s", "5m", "1h", "2d" in seconds; 0, -EINVAL, or -ERANGE above 2^32 - 1. */
int text_parse_seconds(const char *text, uint32_t *ret);

/* The entry of the NULL-terminated list that `word` is a misspelling of; NULL: none is near. */
const char *text_nearest(const char *word, const char *const *list);

#endif
