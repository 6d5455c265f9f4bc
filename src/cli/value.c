/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How are single values written for people?  Called by print.c for cells and
 * by printers that need no table.
 */
#include "cli/print.h"

#include <stdio.h>
#include <string.h>

const json_t *print_find(const json_t *object, const char *path)
{
	char part[64];

	while (object && *path) {
		size_t length = strcspn(path, ".");

		if (length >= sizeof(part))
			return NULL;
		memcpy(part, path, length);
		part[length] = '\0';
		object = json_object_get(object, part);
		path += length + (path[length] == '.');
	}
	return object;
}

static void print_list(const json_t *list, char *buffer)
{
	size_t used = 0, i;
	json_t *value;

	buffer[0] = '\0';
	json_array_foreach(list, i, value) {
		char text[PRINT_TEXT_MAX];

		print_value(value, text);
		if (used + strlen(text) + 2 > PRINT_TEXT_MAX)
			break;
		used += (size_t)sprintf(buffer + used, "%s%s", i ? "," : "", text);
	}
	if (!used)
		strcpy(buffer, "-");
}

void print_value(const json_t *value, char *buffer)
{
	if (json_is_array(value))
		print_list(value, buffer);
	else if (json_is_string(value) && *json_string_value(value))
		snprintf(buffer, PRINT_TEXT_MAX, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(buffer, PRINT_TEXT_MAX, "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
	else if (json_is_boolean(value))
		strcpy(buffer, json_is_true(value) ? "yes" : "no");
	else
		strcpy(buffer, "-");
}

void print_scaled(double number, char *buffer)
{
	static const char units[] = " kMGT";
	size_t unit = 0;

	while (number >= 1000 && unit + 2 < sizeof(units)) {
		number /= 1000;
		unit++;
	}
	if (!unit)
		snprintf(buffer, 16, "%.0f", number);
	else
		snprintf(buffer, 16, "%.*f%c",
			 number < 10  ? 2 :
			 number < 100 ? 1 :
					0,
			 number, units[unit]);
}

void print_duration(const json_t *value, char *buffer)
{
	long long seconds = json_integer_value(value);

	if (!json_is_integer(value))
		print_value(value, buffer);
	else if (seconds >= 86400)
		sprintf(buffer, "%lldd %lldh", seconds / 86400, seconds % 86400 / 3600);
	else if (seconds >= 3600)
		sprintf(buffer, "%lldh %lldm", seconds / 3600, seconds % 3600 / 60);
	else if (seconds >= 60)
		sprintf(buffer, "%lldm %llds", seconds / 60, seconds % 60);
	else
		sprintf(buffer, "%llds", seconds);
}

void print_bytes(const json_t *value, char *buffer)
{
	double bytes = (double)json_integer_value(value);

	if (!json_is_integer(value))
		print_value(value, buffer);
	else if (bytes >= 1 << 20)
		sprintf(buffer, "%.1f MiB", bytes / (1 << 20));
	else
		sprintf(buffer, "%.1f KiB", bytes / 1024);
}
