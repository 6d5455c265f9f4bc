/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real API server on a socket in a folder of its own, in a thread with an
 * event loop, over the fake switch; and a client that speaks bytes.
 */
#ifndef OVERLAID_TESTS_API_SERVER_H
#define OVERLAID_TESTS_API_SERVER_H

#include "fake_switch.h"

#include <jansson.h>
#include <pthread.h>
#include <systemd/sd-event.h>

#define SERVER_DEADLINE_SECONDS 30

struct api;

struct server {
	struct fake_switch *fake; /* the loop's thread's: touch it in server_run only */
	sd_event *event;
	struct api *api;
	char folder[64], path[96];
	pthread_t thread;
	int orders[2], replies[2]; /* pipes */
	bool ends_itself;	   /* a request makes the loop end, as `unload` does */
};

/* Fail the test when something is wrong. */
struct server *server_start(void);
void server_stop(struct server *server);
/* Runs in the loop's thread, between events, and returns when it has run. */
void server_run(struct server *server, void (*function)(struct server *server, void *arg),
		void *arg);

/* A connection whose reads and writes fail after SERVER_DEADLINE_SECONDS. */
int client_connect(const struct server *server);
void client_send(int fd, const char *text);

struct answer {
	int status;
	char head[4096]; /* status line and headers */
	char *body;	 /* without chunk sizes, NUL behind it */
	size_t length;
	json_t *json; /* NULL: the body is none, or longer than a megabyte */
};

/* Reads the status line and the headers only; nothing to free. */
void client_receive_head(int fd, struct answer *ret);
/* Reads one answer up to the end of the connection; answer_clear frees it. */
void client_receive(int fd, struct answer *ret);
/* One request on a connection of its own; body may be NULL. */
void ask(const struct server *server, const char *method, const char *target, const char *body,
	 struct answer *ret);
void ask_bytes(const struct server *server, const char *method, const char *target,
	       const char *body, size_t length, struct answer *ret);
void answer_clear(struct answer *answer);

/* "a.b.0.c" in the answer's JSON; NULL when there is none. */
json_t *at(const struct answer *answer, const char *path);
const char *text_at(const struct answer *answer, const char *path);
json_int_t number_at(const struct answer *answer, const char *path);

/* Asks, and wants an error with this status, code and field, and part in its message. */
void expect_error(const struct server *server, const char *method, const char *target,
		  const char *body, int status, const char *code, const char *field,
		  const char *part);

#endif
