/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where do a test's frames live, and how are two of them compared?  See
 * frame.h; compose.c makes frames from layers, checksum.c checks their sums.
 */
#include "frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compose.h"

static void **arena;
static size_t n_arena;

struct frame *frame_allocate(size_t length)
{
	struct frame *frame = malloc(sizeof(*frame) + length);
	void **grown = reallocarray(arena, n_arena + 1, sizeof(*arena));

	if (length > FRAME_MAX)
		frame_give_up("a frame of %zu bytes", length);
	if (!frame || !grown)
		frame_give_up("out of memory");
	arena = grown;
	arena[n_arena++] = frame;
	frame->length = length;
	return frame;
}

void frames_forget(void)
{
	for (size_t i = 0; i < n_arena; i++)
		free(arena[i]);
	free(arena);
	arena = NULL;
	n_arena = 0;
}

void frame_give_up(const char *format, ...)
{
	va_list arguments;

	fputs("cannot make a frame: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

const struct frame *frame_copy(const void *data, size_t length)
{
	struct frame *frame = frame_allocate(length);

	if (length)
		memcpy(frame->bytes, data, length);
	return frame;
}

const struct frame *frame_from_hex(const char *hex)
{
	size_t length = strspn(hex, "0123456789abcdefABCDEF") / 2;
	struct frame *frame = frame_allocate(length);

	for (size_t i = 0; i < length; i++) {
		unsigned int byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			frame_give_up("\"%s\" is not hexadecimal", hex);
		frame->bytes[i] = (uint8_t)byte;
	}
	return frame;
}

const struct frame *frame_part(const struct frame *frame, size_t from, size_t to)
{
	if (to == FRAME_END)
		to = frame->length;
	if (from > to || to > frame->length)
		frame_give_up("bytes %zu to %zu of %zu", from, to, frame->length);
	return frame_copy(frame->bytes + from, to - from);
}

const struct frame *frame_patch(const struct frame *frame, size_t offset, const void *data,
				size_t n)
{
	struct frame *copy = frame_allocate(frame->length);

	if (offset + n > frame->length)
		frame_give_up("patch at %zu of %zu bytes", offset + n, frame->length);
	memcpy(copy->bytes, frame->bytes, frame->length);
	memcpy(copy->bytes + offset, data, n);
	return copy;
}

const struct frame *frame_join(const struct frame *head, const struct frame *tail)
{
	struct frame *both = frame_allocate(head->length + tail->length);

	memcpy(both->bytes, head->bytes, head->length);
	memcpy(both->bytes + head->length, tail->bytes, tail->length);
	return both;
}

bool frame_equal(const struct frame *a, const struct frame *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

void frame_print(const char *title, const struct frame *frame)
{
	print_error("%s, %zu bytes:", title, frame->length);
	for (size_t i = 0; i < frame->length && i < 2048; i++)
		print_error("%s%02x",
			    i % 32 == 0 ? "\n  " :
			    i % 2 == 0	? " " :
					  "",
			    frame->bytes[i]);
	print_error("\n");
}

void frame_assert(const struct frame *actual, const struct frame *expected, const char *file,
		  int line)
{
	size_t at = 0;

	if (!actual) {
		frame_print("expected", expected);
		print_error("there was no frame\n");
		_fail(file, line);
		return;
	}
	if (frame_equal(actual, expected))
		return;
	while (at < actual->length && at < expected->length &&
	       actual->bytes[at] == expected->bytes[at])
		at++;
	frame_print("expected", expected);
	frame_print("got", actual);
	print_error("they differ from offset %zu on\n", at);
	_fail(file, line);
}

uint16_t frame_u16(const struct frame *frame, size_t offset)
{
	if (offset + 2 > frame->length)
		frame_give_up("number at %zu of %zu bytes", offset, frame->length);
	return (uint16_t)(frame->bytes[offset] << 8 | frame->bytes[offset + 1]);
}

uint32_t frame_u32(const struct frame *frame, size_t offset)
{
	return (uint32_t)frame_u16(frame, offset) << 16 | frame_u16(frame, offset + 2);
}
