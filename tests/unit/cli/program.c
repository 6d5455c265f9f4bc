/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overlayctl as a test's child.
 */
#include "program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char errors_path[128];

struct server *program_start(void)
{
	struct server *server = server_start();

	snprintf(errors_path, sizeof(errors_path), "%s/errors", server->folder);
	setenv("OVERLAID_SOCKET", server->path, 1);
	setenv("NO_COLOR", "1", 1);
	return server;
}

const char *program_path(void)
{
	const char *path = getenv("OVERLAYCTL");

	return path ? path : "build/overlayctl";
}

static void read_all(FILE *file, char *buffer)
{
	buffer[fread(buffer, 1, PROGRAM_OUTPUT_MAX - 1, file)] = '\0';
}

static void read_errors(char *buffer)
{
	FILE *file = fopen(errors_path, "r");

	assert_non_null(file);
	read_all(file, buffer);
	fclose(file);
	unlink(errors_path);
}

void program_run(struct result *ret, const char *format, ...)
{
	char line[4096], words[2048];
	va_list arguments;
	FILE *pipe;
	int status;

	va_start(arguments, format);
	assert_in_range(vsnprintf(words, sizeof(words), format, arguments), 0, sizeof(words) - 1);
	va_end(arguments);
	snprintf(line, sizeof(line), "overlayctl() { %s \"$@\"; }; { %s; } 2>%s", program_path(),
		 words, errors_path);
	pipe = popen(line, "r");
	assert_non_null(pipe);
	read_all(pipe, ret->output);
	status = pclose(pipe);
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	read_errors(ret->errors);
}

void program_expect(const char *line, int status, const char *output, const char *errors)
{
	struct result result;

	program_run(&result, "%s", line);
	assert_string_equal(result.errors, errors);
	assert_string_equal(result.output, output);
	assert_int_equal(result.status, status);
}

void program_run_silently(const char *words)
{
	struct result result;

	program_run(&result, "overlayctl %s", words);
	if (result.status || *result.output || *result.errors)
		fail_msg("%s: %d: %s%s", words, result.status, result.output, result.errors);
}
