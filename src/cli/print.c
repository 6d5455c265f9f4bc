/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do answers look to people?  libsmartcols does the tables, value.c what
 * stands in the cells.  Called by the printers of the nouns.
 */
#include "cli/print.h"

#include <libsmartcols.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS_MAX 16

static bool coloured;

void print_set_colour(bool colour)
{
	coloured = colour;
}

static const char *colour_of(const struct column *column, const json_t *value)
{
	if (column->flags & PRINT_HEALTH && json_is_boolean(value))
		return json_is_true(value) ? "green" : "red";
	return column->flags & PRINT_NAME ? "bold" : NULL;
}

/* libsmartcols copies text and ends the program's patience, not the program, without memory. */
static void fill_cell(struct libscols_line *line, size_t number, const struct column *column,
		      const json_t *object)
{
	const json_t *value = print_find(object, column->path);
	struct libscols_cell *cell = scols_line_get_cell(line, number);
	const char *colour = colour_of(column, value);
	char text[PRINT_TEXT_MAX];

	if (column->format)
		column->format(value, text);
	else
		print_value(value, text);
	scols_line_set_data(line, number, text);
	if (cell && colour && coloured)
		scols_cell_set_color(cell, colour);
}

static struct libscols_table *new_table(void)
{
	struct libscols_table *table = scols_new_table();

	if (table)
		scols_table_enable_colors(table, coloured);
	return table;
}

static void add_columns(struct libscols_table *table, const struct column *columns)
{
	for (; columns->title; columns++) {
		int flags = columns->flags & PRINT_RIGHT ? SCOLS_FL_RIGHT : 0;
		struct libscols_column *column =
			scols_table_new_column(table, columns->title, 0, flags);

		if (column && coloured)
			scols_cell_set_color(scols_column_get_header(column), "bold");
	}
}

static void add_rows(struct libscols_table *table, const struct column *columns, const json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		struct libscols_line *line = scols_table_new_line(table, /* parent= */ NULL);

		for (size_t n = 0; line && columns[n].title; n++)
			fill_cell(line, n, &columns[n], row);
	}
}

static size_t widest(struct libscols_table *table, size_t number)
{
	struct libscols_column *column = scols_table_get_column(table, number);
	size_t width = strlen(scols_cell_get_data(scols_column_get_header(column)));
	struct libscols_iter *iter = scols_new_iter(SCOLS_ITER_FORWARD);
	struct libscols_line *line;

	while (iter && !scols_table_next_line(table, iter, &line)) {
		const char *text = scols_cell_get_data(scols_line_get_cell(line, number));

		if (text && strlen(text) > width)
			width = strlen(text);
	}
	scols_free_iter(iter);
	return width;
}

/* Makes the part's columns as wide as they were before: its first line gets spaces. */
static void keep_widths(struct libscols_table *table, const struct column *columns, bool first)
{
	static int widths[COLUMNS_MAX];
	struct libscols_line *line = scols_table_get_line(table, 0);

	for (size_t n = 0; line && columns[n].title && n < COLUMNS_MAX; n++) {
		int width = (int)widest(table, n);
		char text[PRINT_TEXT_MAX];

		if (first || width > widths[n])
			widths[n] = width;
		if (first || !columns[n + 1].title)
			continue;
		snprintf(text, sizeof(text), columns[n].flags & PRINT_RIGHT ? "%*s" : "%-*s",
			 widths[n], scols_cell_get_data(scols_line_get_cell(line, n)));
		scols_line_set_data(line, n, text);
	}
}

void print_table_part(const struct column *columns, const json_t *rows, bool first)
{
	struct libscols_table *table = new_table();

	if (!table)
		return;
	add_columns(table, columns);
	add_rows(table, columns, rows);
	keep_widths(table, columns, first);
	scols_table_enable_noheadings(table, !first);
	scols_print_table(table);
	scols_unref_table(table);
}

void print_table(const struct column *columns, const json_t *rows)
{
	struct libscols_table *table = new_table();

	if (!table)
		return;
	add_columns(table, columns);
	add_rows(table, columns, rows);
	scols_print_table(table);
	scols_unref_table(table);
}

void print_record(const struct column *columns, const json_t *object)
{
	static const struct column pair[] = {{"NAME", "", 0}, {"VALUE", "", 0}, {}};
	struct libscols_table *table = new_table();

	if (!table)
		return;
	add_columns(table, pair);
	scols_table_enable_noheadings(table, 1);
	for (; columns->title; columns++) {
		struct libscols_line *line = scols_table_new_line(table, /* parent= */ NULL);

		if (!line)
			break;
		fill_cell(line, 1, columns, object);
		scols_line_set_data(line, 0, columns->title);
	}
	scols_print_table(table);
	scols_unref_table(table);
}

void print_heading(const char *title)
{
	printf(coloured ? "\n\033[1m%s\033[0m\n" : "\n%s\n", title);
}
