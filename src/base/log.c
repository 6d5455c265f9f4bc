/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where does the daemon say what it does?  On stderr, one line a call, each
 * line in one write so that lines of several processes do not mix.  Called by
 * the layer that handles an error, never by the one that returns it.
 */
#include "base/log.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048 /* longer lines are cut */

static enum log_level level_max = LOG_LEVEL_INFO;

void log_set_level(enum log_level max)
{
	level_max = max;
}

/* JOURNAL_STREAM is DEVICE:INODE of the stream that systemd connected (systemd.exec(5)). */
static bool journal_reads_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	if (!stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2)
		return false;
	return !fstat(STDERR_FILENO, &st) && st.st_dev == device && st.st_ino == inode;
}

static const char *level_word(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error: ";
	case LOG_LEVEL_WARNING:
		return "warning: ";
	case LOG_LEVEL_DEBUG:
		return "debug: ";
	case LOG_LEVEL_INFO:
		break;
	}
	return "";
}

void log_write(enum log_level level, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	struct text text = text_into(line, sizeof(line) - 1);
	size_t start;
	va_list arguments;
	int n;

	if (level > level_max)
		return;
	if (journal_reads_stderr())
		text_append(&text, "<%d>", level);
	else
		text_append(&text, "%s", level_word(level));

	start = text.length;
	va_start(arguments, format);
	n = vsnprintf(line + start, text.size - start, format, arguments);
	va_end(arguments);
	if (n < 0)
		return;
	text.length = start + (size_t)n < text.size ? start + (size_t)n : text.size - 1;

	/* a name from outside must not be able to forge a second line */
	text_clean(line + start);
	line[text.length] = '\n';
	if (write(STDERR_FILENO, line, text.length + 1) < 0)
		return; /* nobody is left to tell */
}
