/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why was a request refused?  Filled by whoever refuses, printed once by
 * whoever asked.  A function that takes a problem returns 0, or -errno with
 * the problem filled; it never logs.
 */
#ifndef OVERLAID_BASE_PROBLEM_H
#define OVERLAID_BASE_PROBLEM_H

#include <stdbool.h>

/* The API's "code" and the HTTP status that goes with it. */
#define PROBLEM_CODES(X)                                                                           \
	X(NONE, "none", 200)                                                                       \
	X(INVALID, "invalid", 400)	   /* the value is wrong, whatever the state */            \
	X(UNKNOWN, "unknown", 404)	   /* names something that does not exist */               \
	X(NOT_ALLOWED, "not-allowed", 405) /* exists, but cannot be done to this */                \
	X(CONFLICT, "conflict", 409)	   /* clashes with something that exists */                \
	X(TOO_LARGE, "too-large", 413)	   /* beyond a limit */                                    \
	X(SYSTEM, "system", 500)	   /* the kernel or the disk refused */                    \
	X(BUSY, "busy", 503) /* too much is under way; the same request may work later */

enum problem_code {
#define X(symbol, name, status) PROBLEM_##symbol,
	PROBLEM_CODES(X)
#undef X
};

struct problem {
	enum problem_code code;
	char file[256];	   /* empty when the request did not come from a file */
	unsigned int line; /* 1 is the first; 0: not known */
	char field[128];   /* as the user writes it: "segments[2].vni" or "vni" */
	char message[384]; /* a sentence without a full stop: what is wrong, then what to do */
};

/*
 * Fills *problem unless it is filled already (the first cause wins) and
 * returns -error, so that `return problem_set(...)` reads well.  problem may
 * be NULL.  field may be NULL.
 */
int problem_set(struct problem *problem, enum problem_code code, int error, const char *field,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

static inline bool problem_is_set(const struct problem *problem)
{
	return problem->code != PROBLEM_NONE;
}

const char *problem_code_name(enum problem_code code);
int problem_http_status(enum problem_code code);

/* "FILE:LINE: FIELD: MESSAGE" with the parts that are known; always terminated. */
void problem_format(const struct problem *problem, char *buffer, unsigned long size);

#endif
