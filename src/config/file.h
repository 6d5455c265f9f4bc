/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole file into memory, and memory into a file so that a crash or a full
 * disk leaves the old one.  Called by config.c; knows no YAML.
 */
#ifndef OVERLAID_CONFIG_FILE_H
#define OVERLAID_CONFIG_FILE_H

#include <stddef.h>

struct problem;

/* Regular files up to `most` bytes.  *ret is the caller's to free, terminated by a NUL. */
int file_read(const char *path, size_t most, char **ret, size_t *ret_length,
	      struct problem *problem);
/*
 * A file that exists keeps its mode and owner; a new one gets 0644.  What a
 * symbolic link points to is replaced, not the link.
 */
int file_replace(const char *path, const char *text, size_t length, struct problem *problem);

#endif
