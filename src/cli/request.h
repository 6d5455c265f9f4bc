/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which HTTP request does an invocation mean?
 */
#ifndef OVERLAID_CLI_REQUEST_H
#define OVERLAID_CLI_REQUEST_H

#include "cli/command.h"

struct request {
	char *target; /* path and query, encoded; owned */
	char *body;   /* NULL: none; owned */
	size_t length;
	const char *content_type;
};

/* 0, or -errno with a line in message.  Reads the file that the invocation names. */
int request_make(const struct invocation *invocation, struct request *ret, char *message,
		 size_t size);
void request_clear(struct request *request);

#endif
