/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is written from the table of commands for people and shells to read?
 */
#ifndef OVERLAID_CLI_DOCUMENT_H
#define OVERLAID_CLI_DOCUMENT_H

#include <stdio.h>

/* object may be NULL: all.  0, or -ENOENT: there is no such object. */
int document_help(FILE *file, const char *object);
void document_man(FILE *file);
void document_completion(FILE *file);

#endif
