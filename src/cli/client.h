/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a request reach the daemon?
 */
#ifndef OVERLAID_CLI_CLIENT_H
#define OVERLAID_CLI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#define CLIENT_MESSAGE_MAX 1024

struct client;

/* Where the daemon is asked, and how it is called in messages. */
struct place {
	const char *socket;
	const char *name; /* "/run/overlaid/overlaid.sock", "/run/... on ssh://h2" */
	bool is_remote; /* behind a tunnel, which takes connections for a daemon that is not there */
};

struct call {
	const char *method;
	const char *target;	  /* path and query, encoded */
	const char *content_type; /* of the body */
	const char *body;	  /* NULL: none */
	size_t length;
	/* Called for each piece of the answer as it comes; false ends the call. */
	bool (*receive)(void *arg, long status, const char *bytes, size_t length);
	void *arg;
};

/* place must live as long as the client.  NULL: no memory. */
struct client *client_open(const struct place *place);
void client_close(struct client *client);
/* 0, or -errno with a line in message when there was no whole answer. */
int client_call(struct client *client, const struct call *call, char *message, size_t size);

/* Percent-encoded, to be freed with free(); NULL: no memory. */
char *client_escape(const char *text);

#endif
