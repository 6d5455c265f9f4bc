/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The body of a request while it arrives.  Called by connection.c for each
 * piece; grows by doubling, so that a client pays at most twice what it sends.
 */
#include "api/body.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 4096u

static bool make_room(struct body *body, struct budget *budget, size_t length)
{
	size_t room = body->room ? body->room : ROOM_FIRST;
	char *bytes;

	while (room < length)
		room *= 2;
	if (room == body->room)
		return true;
	if (!budget_take(budget, room - body->room))
		return false;
	bytes = realloc(body->bytes, room);
	if (!bytes) {
		budget_return(budget, room - body->room);
		return false;
	}
	body->bytes = bytes;
	body->room = room;
	return true;
}

/* What a client will not get an answer from is not kept either. */
static void refuse(struct body *body, struct budget *budget, enum problem_code code)
{
	body_clear(body, budget);
	body->refused = code;
}

void body_append(struct body *body, struct budget *budget, const char *piece, size_t size)
{
	if (body->refused != PROBLEM_NONE)
		return;
	if (size > REQUEST_BODY_MAX - body->length) {
		refuse(body, budget, PROBLEM_TOO_LARGE);
	} else if (!make_room(body, budget, body->length + size)) {
		refuse(body, budget, PROBLEM_BUSY);
	} else {
		memcpy(body->bytes + body->length, piece, size);
		body->length += size;
	}
}

void body_clear(struct body *body, struct budget *budget)
{
	free(body->bytes);
	budget_return(budget, body->room);
	*body = (struct body){};
}

void body_refuse(enum problem_code code, struct reply *reply)
{
	struct problem problem = {};

	if (code == PROBLEM_TOO_LARGE)
		problem_set(&problem, code, EFBIG, /* field= */ NULL,
			    "the body is larger than %u MB", REQUEST_BODY_MAX >> 20);
	else
		problem_set(&problem, code, EBUSY, /* field= */ NULL,
			    "too many large requests are under way; try again");
	reply_problem(reply, &problem);
}
