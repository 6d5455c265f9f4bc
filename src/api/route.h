/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which handler answers which method and path?  Called by connection.c, by
 * tests and by the fuzzer; never touches a socket.
 */
#ifndef OVERLAID_API_ROUTE_H
#define OVERLAID_API_ROUTE_H

#include "api/request.h"

enum route_body { BODY_NONE, BODY_JSON, BODY_YAML };

struct route {
	const char *method;
	const char *path;      /* "/v1/segments/{name}": {name} stands for one part */
	const char *arguments; /* the query's, separated by spaces */
	enum route_body body;
	request_handler handle;
};

/* Ends with a NULL method. */
extern const struct route routes[];

/* Whether the request can be answered as far as its first line tells; else fills *reply. */
const struct route *route_find(struct request *request, struct reply *reply);
/* Answers the request, whatever it is: *reply is filled on return. */
void route_run(struct request *request, struct reply *reply);

#endif
