/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which command do these words mean, with which name and values?  Called by
 * main.c.  Refuses what it does not understand with a line that lists what it
 * would; whether a value is right is the daemon's to say.
 */
#include "base/text.h"
#include "cli/command.h"
#include "cli/words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAMES_MAX 32
#define LIST_MAX  512

struct complaint {
	char *message;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static int refuse(const struct complaint *complaint,
							const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(complaint->message, complaint->size, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

static int refuse_word(const struct complaint *complaint, int why, const char *kind,
		       const char *word, const char *candidates)
{
	if (why == -EEXIST)
		return refuse(complaint, "%s could mean %s", word, candidates);
	return refuse(complaint, "%s is not a %s; there are %s", word, kind, candidates);
}

/* The first command of the object that the word means. */
static int find_object(const char *word, const struct command **ret,
		       const struct complaint *complaint)
{
	const struct command *first[NAMES_MAX];
	const char *names[NAMES_MAX + 1];
	char candidates[LIST_MAX];
	size_t n = 0;
	int i;

	for (const struct command *command = commands; command->object && n < NAMES_MAX; command++)
		if (!n || strcmp(names[n - 1], command->object)) {
			first[n] = command;
			names[n++] = command->object;
		}
	names[n] = NULL;
	i = words_match(names, word, candidates, sizeof(candidates));
	if (i < 0)
		return refuse_word(complaint, i, "command", word, candidates);
	*ret = first[i];
	return 0;
}

/* Whether the object's name alone is a command, with words of its own. */
static bool has_bare_command(const struct command *first)
{
	return !*first->verb;
}

/* 1 when the word is a verb, 0 when it belongs to the object's default command. */
static int find_verb(const struct command *first, const char *word, const struct command **ret,
		     const struct complaint *complaint)
{
	const struct command *end = first;
	const char *names[NAMES_MAX + 1];
	char candidates[LIST_MAX] = "";
	size_t n = 0;
	int i;

	for (; end->object && !strcmp(end->object, first->object) && n < NAMES_MAX; end++)
		names[n++] = *end->verb ? end->verb : " ";
	names[n] = NULL;
	*ret = first;
	i = words_match(names, word, candidates, sizeof(candidates));
	if (i >= 0) {
		*ret = first + i;
		return 1;
	}
	if (has_bare_command(first))
		return 0;
	return refuse_word(complaint, i, "verb here", word, candidates);
}

/* The key that the word means; a word of no key stays as it is, for the daemon to refuse. */
static int find_key(const struct command *command, const char *word, const struct key **ret,
		    const struct complaint *complaint)
{
	const char *names[COMMAND_KEYS_MAX + 1];
	char candidates[LIST_MAX];
	size_t n = 0;
	int i;

	for (; command->keys[n].name; n++)
		names[n] = command->keys[n].name;
	names[n] = NULL;
	i = words_match(names, word, candidates, sizeof(candidates));
	if (i >= 0) {
		*ret = &command->keys[i];
		return 0;
	}
	*ret = NULL;
	if (i == -ENOENT && command->use == KEYS_BODY)
		return 0;
	return refuse_word(complaint, i, "word here", word, candidates);
}

static int refuse_usage(const struct complaint *complaint, const struct command *command,
			const char *what)
{
	char usage[LIST_MAX];

	command_usage(command, usage, sizeof(usage));
	return refuse(complaint, "%s; write `overlayctl %s`", what, usage);
}

static int add_pair(struct invocation *invocation, const char *word, const char *value,
		    const struct complaint *complaint)
{
	const struct key *key;
	int r = find_key(invocation->command, word, &key, complaint);

	if (r < 0)
		return r;
	if (key)
		word = key->name;
	if (!value)
		return refuse(complaint, "%s needs a value%s%s", word, key ? ": " : "",
			      key ? key->value : "");
	if (invocation_value(invocation, word))
		return refuse(complaint, "%s is given twice", word);
	if (invocation->n_pairs == COMMAND_KEYS_MAX)
		return refuse(complaint, "too many words");
	invocation->keys[invocation->n_pairs] = key;
	invocation->words[invocation->n_pairs] = word;
	invocation->values[invocation->n_pairs++] = value;
	return 0;
}

static int parse_pairs(int n_words, char *const *words, struct invocation *invocation,
		       const struct complaint *complaint)
{
	for (int i = 0; i < n_words; i += 2) {
		int r = add_pair(invocation, words[i], i + 1 < n_words ? words[i + 1] : NULL,
				 complaint);

		if (r < 0)
			return r;
	}
	return 0;
}

static int check_complete(const struct invocation *invocation, const struct complaint *complaint)
{
	const struct command *command = invocation->command;
	const struct key *key = command->keys;
	char what[128];

	for (; key && key->name; key++) {
		if (!command_requires(command, key) || invocation_value(invocation, key->name))
			continue;
		snprintf(what, sizeof(what), "%s is missing", key->name);
		return refuse_usage(complaint, command, what);
	}
	if (command->use == KEYS_BODY && !strcmp(command->verb, "set") && !invocation->n_pairs)
		return refuse_usage(complaint, command, "nothing to change");
	if (invocation->dry_run && !command->dry_run)
		return refuse(complaint, "--dry-run belongs to `apply`");
	return 0;
}

/* The words behind object and verb. */
static int parse_rest(int n_words, char *const *words, struct invocation *invocation,
		      const struct complaint *complaint)
{
	const struct command *command = invocation->command;
	int r;

	if (command->name && n_words) {
		invocation->name = words[0];
		words++;
		n_words--;
	} else if (command->name && command->name[0] != '[') {
		return refuse_usage(complaint, command, "a name is missing");
	}
	if (n_words && !command->keys)
		return refuse_usage(complaint, command, "too many words");
	r = parse_pairs(n_words, words, invocation, complaint);
	return r < 0 ? r : check_complete(invocation, complaint);
}

int invocation_parse(int n_words, char *const *words, bool dry_run, struct invocation *ret,
		     char *message, size_t size)
{
	const struct complaint complaint = {message, size};
	const struct command *first;
	int r, used = 1;

	*ret = (struct invocation){.dry_run = dry_run};
	if (!n_words)
		return refuse(&complaint, "what? `overlayctl help` lists the commands");
	r = find_object(words[0], &first, &complaint);
	if (r < 0)
		return r;
	ret->command = first;
	if (n_words > 1) {
		r = find_verb(first, words[1], &ret->command, &complaint);
		if (r < 0)
			return r;
		used += r;
	}
	return parse_rest(n_words - used, words + used, ret, &complaint);
}

const char *invocation_value(const struct invocation *invocation, const char *key)
{
	for (size_t i = 0; i < invocation->n_pairs; i++)
		if (!strcmp(invocation->words[i], key))
			return invocation->values[i];
	return NULL;
}
