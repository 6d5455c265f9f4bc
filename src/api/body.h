/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The body of a request while it arrives: bounded by itself and together with
 * all others.
 */
#ifndef OVERLAID_API_BODY_H
#define OVERLAID_API_BODY_H

#include "api/request.h"

/* Zeroed is empty. */
struct body {
	char *bytes;
	size_t length, room;
	enum problem_code refused; /* PROBLEM_NONE: every piece was kept */
};

/* Once a piece is refused the rest is forgotten. */
void body_append(struct body *body, struct budget *budget, const char *piece, size_t size);
void body_clear(struct body *body, struct budget *budget);
/* The answer to PROBLEM_TOO_LARGE or PROBLEM_BUSY. */
void body_refuse(enum problem_code code, struct reply *reply);

#endif
