/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overlayctl: the switch's command line.  Options, then one command of the
 * table in command.c, run against one daemon.  Exit status 0: done, 1: refused
 * or failed, 2: not understood.
 */
#include "cli/command.h"
#include "cli/document.h"
#include "cli/run.h"
#include "cli/tunnel.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_SOCKET "/run/overlaid/overlaid.sock"
#define EXIT_USAGE     2
#define MESSAGE_MAX    1024

struct options {
	const char *socket, *host, *names;
	bool json, dry_run;
	void (*document)(FILE *file); /* print this instead */
};

enum { OPTION_DRY_RUN = 256, OPTION_NAMES, OPTION_MAN, OPTION_COMPLETION };

static const struct option long_options[] = {
	{"socket", required_argument, NULL, 's'},
	{"host", required_argument, NULL, 'H'},
	{"json", no_argument, NULL, 'j'},
	{"dry-run", no_argument, NULL, OPTION_DRY_RUN},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	/* for the build and for the shell's completion */
	{"names", required_argument, NULL, OPTION_NAMES},
	{"generate-man", no_argument, NULL, OPTION_MAN},
	{"generate-completion", no_argument, NULL, OPTION_COMPLETION},
	{},
};

static void print_version(FILE *file)
{
	fprintf(file, "overlayctl %s\n", OVERLAID_VERSION);
}

static void print_help(FILE *file)
{
	document_help(file, /* object= */ NULL);
}

static int take_option(int option, struct options *options)
{
	switch (option) {
	case 's':
		options->socket = optarg;
		return 0;
	case 'H':
		options->host = optarg;
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case OPTION_DRY_RUN:
		options->dry_run = true;
		return 0;
	case OPTION_NAMES:
		options->names = optarg;
		return 0;
	case 'V':
		options->document = print_version;
		return 0;
	case 'h':
		options->document = print_help;
		return 0;
	case OPTION_MAN:
		options->document = document_man;
		return 0;
	case OPTION_COMPLETION:
		options->document = document_completion;
		return 0;
	default:
		return -1;
	}
}

static int take_options(int argc, char **argv, struct options *options)
{
	const char *socket = getenv("OVERLAID_SOCKET");
	int option;

	*options = (struct options){.socket = socket && *socket ? socket : DEFAULT_SOCKET};
	while ((option = getopt_long(argc, argv, "s:H:jVh", long_options, NULL)) != -1)
		if (take_option(option, options) < 0)
			return -1;
	return 0;
}

static int refuse(const char *message)
{
	fprintf(stderr, "overlayctl: %s\n", message);
	return EXIT_USAGE;
}

/* The command itself, or the names for the completion. */
static int ask(const struct options *options, const struct invocation *invocation,
	       const struct place *place)
{
	if (options->names)
		return run_names(options->names, place);
	return run_command(invocation, place, options->json);
}

static int ask_there(const struct options *options, const struct invocation *invocation)
{
	struct place place = {.is_remote = true};
	char message[MESSAGE_MAX], name[MESSAGE_MAX];
	struct tunnel tunnel;
	int status;

	if (tunnel_open(options->host, options->socket, &tunnel, message, sizeof(message)) < 0) {
		refuse(message);
		return EXIT_FAILURE;
	}
	snprintf(name, sizeof(name), "%s on %s", options->socket, options->host);
	place.socket = tunnel.socket;
	place.name = name;
	status = ask(options, invocation, &place);
	tunnel_close(&tunnel);
	return status;
}

static int run(const struct options *options, int n_words, char *const *words)
{
	const struct place here = {.socket = options->socket, .name = options->socket};
	struct invocation invocation = {};
	char message[MESSAGE_MAX];

	if (!options->names && invocation_parse(n_words, words, options->dry_run, &invocation,
						message, sizeof(message)) < 0)
		return refuse(message);
	if (invocation.command && !invocation.command->method) {
		if (!document_help(stdout, invocation.name))
			return EXIT_SUCCESS;
		return refuse("there is no such command; `overlayctl help` lists them");
	}
	if (options->host)
		return ask_there(options, &invocation);
	return ask(options, &invocation, &here);
}

int main(int argc, char **argv)
{
	struct options options;

	/* a reader that leaves (`| head`) is an error of writing, told by the exit status */
	signal(SIGPIPE, SIG_IGN);
	if (take_options(argc, argv, &options) < 0)
		return EXIT_USAGE;
	print_set_colour(isatty(STDOUT_FILENO) && !getenv("NO_COLOR"));
	if (!options.document)
		return run(&options, argc - optind, argv + optind);
	options.document(stdout);
	return fflush(stdout) == EOF ? EXIT_FAILURE : EXIT_SUCCESS;
}
