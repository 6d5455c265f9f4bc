/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be said to overlayctl?  One table, from which words are parsed and
 * `help`, the bash completion and the man page are made.
 */
#ifndef OVERLAID_CLI_COMMAND_H
#define OVERLAID_CLI_COMMAND_H

#include "cli/print.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define COMMAND_KEYS_MAX 16

/* A word that takes a value: "vni 5001". */
struct key {
	const char *name;
	const char *value; /* what follows it: "NUMBER", or the words "flood|drop" */
	bool required;
};

/* Where the words with values go. */
enum keys_use {
	KEYS_QUERY, /* into the URL */
	KEYS_BODY,  /* into a JSON object, as strings; the API knows the types */
	KEYS_LOCAL, /* nowhere: the printer looks at them */
};

struct command {
	const char *object, *verb; /* an empty verb: the object's name alone */
	const char *name;	   /* a word without a key: "NAME", "[FILE]" may be absent; NULL */
	const char *member; /* the member of the body that the name becomes; NULL: in the path */
	const struct key *keys; /* ends with a NULL name; NULL: none */
	enum keys_use use;
	bool reads_file;	   /* the name is a file; its text is the body */
	bool dry_run;		   /* takes --dry-run */
	const char *method, *path; /* "%s" stands for the name; NULL method: no request */
	print_answer print;	   /* NULL: success is silent */
	print_line line;	   /* instead: called for each line as it comes */
	const char *failures;	   /* the answer's member that counts what is wrong; or NULL */
	const char *help;	   /* one line */
};

/* Ends with a NULL object; the verbs of an object stand together, its default verb first. */
extern const struct command commands[];

/* A change may leave out what an addition must say. */
bool command_requires(const struct command *command, const struct key *key);

/* "segment add NAME vni NUMBER [KEY VALUE ...]" */
void command_usage(const struct command *command, char *buffer, size_t size);

/* The words of one invocation, understood. */
struct invocation {
	const struct command *command;
	const char *name;			  /* NULL: none */
	const struct key *keys[COMMAND_KEYS_MAX]; /* NULL: a word that the table does not know */
	const char *words[COMMAND_KEYS_MAX], *values[COMMAND_KEYS_MAX];
	size_t n_pairs;
	bool dry_run;
};

/* 0, or -EINVAL with a line in message that says what to write instead. */
int invocation_parse(int n_words, char *const *words, bool dry_run, struct invocation *ret,
		     char *message, size_t size);
/* NULL when the key was not given. */
const char *invocation_value(const struct invocation *invocation, const char *key);

#endif
