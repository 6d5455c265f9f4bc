/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where does the daemon say what it does?  To stderr with sd-daemon's <N>
 * level prefix when the journal reads it, in plain lines otherwise.  Repeated
 * causes are the caller's to limit.
 */
#ifndef OVERLAID_BASE_LOG_H
#define OVERLAID_BASE_LOG_H

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/* Lines above max are not written.  The default is LOG_LEVEL_INFO. */
void log_set_level(enum log_level max);
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)	 log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)	 log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	 log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
