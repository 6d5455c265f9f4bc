/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of bounded length: append, copy, numbers, durations, the nearest word.
 * Used by every layer; allocates nothing.
 */
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text text_into(char *buffer, size_t size)
{
	buffer[0] = '\0';
	return (struct text){.buffer = buffer, .size = size};
}

void text_append(struct text *text, const char *format, ...)
{
	size_t room = text->size - text->length;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(text->buffer + text->length, room, format, arguments);
	va_end(arguments);

	if (n < 0)
		return;
	if ((size_t)n >= room) {
		text->cut = true;
		text->length = text->size - 1;
		return;
	}
	text->length += (size_t)n;
}

/* Bytes of the well-formed UTF-8 character at `at` (RFC 3629); 0: it is none. */
static size_t character_length(const unsigned char *at)
{
	size_t n = at[0] < 0x80 ? 1 : (at[0] & 0xe0) == 0xc0 ? 2 : (at[0] & 0xf0) == 0xe0 ? 3 : 4;
	uint32_t code = n == 1 ? at[0] : at[0] & (0x7f >> n);
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

	if (n == 4 && (at[0] & 0xf8) != 0xf0)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	if (code < smallest[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return n;
}

void text_clean(char *text)
{
	while (*text) {
		size_t n = character_length((const unsigned char *)text);

		/* C1 controls (two bytes, 0xc2 and below 0xa0) drive terminals too */
		if (n == 0 || (n == 1 && ((unsigned char)*text < ' ' || *text == 0x7f))) {
			*text++ = '?';
			continue;
		}
		if (n == 2 && (unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0)
			text[0] = text[1] = '?';
		text += n;
	}
}

int text_copy(char *to, size_t size, const char *from)
{
	size_t length = strlen(from);

	if (length >= size)
		return -ENAMETOOLONG;
	memcpy(to, from, length);
	memset(to + length, 0, size - length);
	return 0;
}

/* Digits up to the first other character; *ret_end points to it. */
static int parse_digits(const char *text, uint64_t *ret, const char **ret_end)
{
	const char *at = text;
	uint64_t value = 0;

	for (; *at >= '0' && *at <= '9'; at++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
			return -ERANGE;
	}
	if (at == text || (text[0] == '0' && at != text + 1))
		return -EINVAL;
	*ret = value;
	*ret_end = at;
	return 0;
}

int text_parse_uint(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ret)
{
	const char *end = text;
	uint64_t value;
	int r;

	r = parse_digits(text, &value, &end);
	if (r == -ERANGE && text[strspn(text, "0123456789")])
		return -EINVAL;
	if (r < 0)
		return r;
	if (*end)
		return -EINVAL;
	if (value < minimum || value > maximum)
		return -ERANGE;
	*ret = value;
	return 0;
}

static uint64_t seconds_of_unit(const char *unit)
{
	static const struct {
		const char *name;
		uint64_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strcmp(unit, units[i].name))
			return units[i].seconds;
	}
	return 0;
}

int text_parse_seconds(const char *text, uint32_t *ret)
{
	const char *unit = text + strspn(text, "0123456789");
	uint64_t factor = seconds_of_unit(unit);
	uint64_t value;
	int r;

	if (!factor)
		return -EINVAL;
	r = parse_digits(text, &value, &unit);
	if (r < 0)
		return r;
	if (value > UINT32_MAX / factor)
		return -ERANGE;
	*ret = (uint32_t)(value * factor);
	return 0;
}

#define WORD_MAX 32 /* longer words are not guessed at */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, replacements and exchanges of neighbours that lead from a to b. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1];
	size_t n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		rows[0][j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			row[j] = least(above[j] + 1, row[j - 1] + 1);
			row[j] = least(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], second[j - 2] + 1);
		}
	}
	return rows[strlen(a) % 3][n];
}

const char *text_nearest(const char *word, const char *const *list)
{
	size_t length = strlen(word), best = 2 + length / 3; /* one above what is still near */
	const char *nearest = NULL;

	if (!length || length > WORD_MAX)
		return NULL;
	for (; *list; list++) {
		size_t other = strlen(*list), d;

		if (!other || other > WORD_MAX)
			continue;
		/* a beginning is a good guess, whatever is missing */
		d = length >= 3 && !strncmp(word, *list, length) ? 1 : distance(word, *list);
		if (d < best && d < length) {
			best = d;
			nearest = *list;
		}
	}
	return nearest;
}
