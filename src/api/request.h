/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does a handler see of HTTP?  A request that is read whole, and a reply
 * that is one JSON value or a stream.  Nothing here knows sockets or
 * libmicrohttpd: connection.c fills requests, and so do tests and the fuzzer.
 */
#ifndef OVERLAID_API_REQUEST_H
#define OVERLAID_API_REQUEST_H

#include "base/problem.h"
#include "model/switch.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define REQUEST_BODY_MAX      (16u << 20) /* bytes: a configuration of a hundred thousand records */
#define REQUEST_ARGUMENTS_MAX 8
/* Bytes of bodies and of streamed lists that all requests may hold together. */
#define REQUEST_BUDGET (256u << 20)

/* Memory that clients can make the daemon hold, counted. */
struct budget {
	size_t held, maximum;
};

/* False, and nothing taken, when it would be too much. */
bool budget_take(struct budget *budget, size_t bytes);
void budget_return(struct budget *budget, size_t bytes);

struct hub;

/* What all requests of one server share. */
struct service {
	const struct switch_ops *ops;
	void *self;
	struct budget budget;
	struct hub *hub; /* NULL: nobody can watch */
	/* The server has something to do although no descriptor says so; NULL: there is none. */
	void (*run_soon)(struct service *service);
};

struct argument {
	const char *name, *value; /* decoded; value is "" in "?name" */
};

struct request {
	struct service *service;
	const char *method;
	const char *path; /* decoded, without the query */
	struct argument arguments[REQUEST_ARGUMENTS_MAX];
	size_t n_arguments;
	const char *body; /* NULL: none */
	size_t length;
	/* found by route.c */
	char name[128]; /* what stands for {name} in the route's path; may be empty */
	json_t *json;	/* the body of a route that takes JSON; borrowed from route_run */
	bool text;	/* ?text=1: members are words of a command line, see text.h */
};

/* NULL when the argument is not given. */
const char *request_argument(const struct request *request, const char *name);

/* Copies a name; one that does not fit names nothing and becomes empty. */
void request_copy_name(char *to, size_t size, const char *name);

/*
 * A body that is not known in advance.  read fills up to size bytes and
 * returns how many, 0 at the end, -EAGAIN when there is nothing now (the owner
 * calls wake later), any other negative number to cut the connection.
 */
struct stream {
	ssize_t (*read)(struct stream *stream, char *buffer, size_t size);
	void (*close)(struct stream *stream); /* frees it */
	/* set by the server; drop ends the connection without waiting for the client */
	void (*wake)(struct stream *stream);
	void (*drop)(struct stream *stream);
	void *server;
};

static inline void stream_wake(struct stream *stream)
{
	if (stream->wake)
		stream->wake(stream);
}

static inline void stream_drop(struct stream *stream)
{
	if (stream->drop)
		stream->drop(stream);
}

struct reply {
	int status;   /* HTTP */
	json_t *json; /* owned; NULL with stream, and with 204 */
	struct stream *stream;
	char allow[48]; /* with 405: the methods that the path knows, "GET, POST" */
};

void reply_clear(struct reply *reply);
/* A JSON string; bytes that are not UTF-8 (of a file's or a device's name) become '?'. */
json_t *reply_text(const char *text);
/* Takes over json; NULL json is "no memory".  Returns what a handler returns. */
int reply_json(struct reply *reply, int status, json_t *json, struct problem *problem);
/* {"error": {...}} with the problem's HTTP status. */
void reply_problem(struct reply *reply, const struct problem *problem);

/* 0 with *reply filled, or -errno with *problem filled. */
typedef int (*request_handler)(struct request *request, struct reply *reply,
			       struct problem *problem);

/* "no memory" as a problem; -ENOMEM. */
int request_no_memory(struct problem *problem);

static inline void cleanup_json(json_t **json)
{
	json_decref(*json);
}

#define _cleanup_json_ __attribute__((cleanup(cleanup_json)))

#endif
