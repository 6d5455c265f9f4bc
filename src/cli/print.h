/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do answers look to people?  Tables in colour on a terminal and plain in
 * a pipe; what a column shows is a path into the JSON.
 */
#ifndef OVERLAID_CLI_PRINT_H
#define OVERLAID_CLI_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define PRINT_RIGHT  0x1 /* numbers */
#define PRINT_HEALTH 0x2 /* a boolean that should be true: green or red */
#define PRINT_NAME   0x4 /* stands out */

#define PRINT_TEXT_MAX 512

struct column {
	const char *title;
	const char *path; /* "state.traffic.rx-frames" */
	int flags;
	/* NULL: the value as it is; else writes PRINT_TEXT_MAX bytes at most */
	void (*format)(const json_t *value, char *buffer);
};

struct invocation;

/* Prints a whole answer. */
typedef void (*print_answer)(const json_t *answer, const struct invocation *invocation);
/* Prints one line of a stream; line is NULL at the end. */
typedef void (*print_line)(const json_t *line, const struct invocation *invocation);

/* Whether to colour; set once, from the terminal and NO_COLOR. */
void print_set_colour(bool colour);

/* One row for each object of the array; columns end with a NULL title. */
void print_table(const struct column *columns, const json_t *rows);
/* A further part of a long table: widths and headers as in the part before it. */
void print_table_part(const struct column *columns, const json_t *rows, bool first);
/* "Title  value" for one object. */
void print_record(const struct column *columns, const json_t *object);
void print_heading(const char *title);

/* What "a.b" leads to; NULL when it leads nowhere. */
const json_t *print_find(const json_t *object, const char *path);
/* The value as a person reads it: yes and no, lists with commas, "-" for nothing. */
void print_value(const json_t *value, char *buffer);

/* "1.25k", "37"; buffer has 16 bytes. */
void print_scaled(double number, char *buffer);
/* For columns: seconds as "1h 2m 3s", bytes as "9.0 MiB". */
void print_duration(const json_t *value, char *buffer);
void print_bytes(const json_t *value, char *buffer);

#endif
