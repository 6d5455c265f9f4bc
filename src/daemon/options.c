/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does the command line ask for?  Documented in overlaid(8).
 */
#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_CONFIG = 1, OPTION_RUNTIME, OPTION_LOG, OPTION_CHECK, OPTION_VERSION, OPTION_HELP };

static const struct option long_options[] = {
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"runtime-dir", required_argument, NULL, OPTION_RUNTIME},
	{"log-level", required_argument, NULL, OPTION_LOG},
	{"check", no_argument, NULL, OPTION_CHECK},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

static const char usage[] =
	"Usage: overlaid [OPTION]...\n"
	"An overlay virtual switch; controlled with overlayctl(8).\n"
	"\n"
	"  --config FILE        what is wanted (/etc/overlaid/overlaid.yaml)\n"
	"  --runtime-dir DIR    socket, state and datapath (/run/overlaid); one daemon each\n"
	"  --check              say whether FILE is valid, and exit\n"
	"  --log-level LEVEL    error, warning, info or debug (info)\n"
	"  --version            print the version, and exit\n"
	"  --help               print this, and exit\n";

static int set_log_level(const char *word, struct options *ret)
{
	static const struct {
		const char *word;
		enum log_level level;
	} levels[] = {
		{"error", LOG_LEVEL_ERROR},
		{"warning", LOG_LEVEL_WARNING},
		{"info", LOG_LEVEL_INFO},
		{"debug", LOG_LEVEL_DEBUG},
	};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(word, levels[i].word) == 0) {
			ret->log_level = levels[i].level;
			return -1;
		}
	}
	fprintf(stderr, "overlaid: --log-level is error, warning, info or debug, not \"%s\"\n",
		word);
	return OPTIONS_EXIT_USAGE;
}

static int take_option(int option, struct options *ret)
{
	switch (option) {
	case OPTION_CONFIG:
		ret->config_file = optarg;
		return -1;
	case OPTION_RUNTIME:
		ret->runtime_directory = optarg;
		return -1;
	case OPTION_LOG:
		return set_log_level(optarg, ret);
	case OPTION_CHECK:
		ret->check_only = true;
		return -1;
	case OPTION_VERSION:
		puts("overlaid " OVERLAID_VERSION);
		return EXIT_SUCCESS;
	case OPTION_HELP:
		fputs(usage, stdout);
		return EXIT_SUCCESS;
	default: /* getopt has said what is wrong */
		fputs("overlaid: --help lists the options\n", stderr);
		return OPTIONS_EXIT_USAGE;
	}
}

int options_parse(int argc, char **argv, struct options *ret)
{
	int option, result = -1;

	*ret = (struct options){
		.config_file = "/etc/overlaid/overlaid.yaml",
		.runtime_directory = "/run/overlaid",
		.log_level = LOG_LEVEL_INFO,
	};
	while (result < 0 && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		result = take_option(option, ret);
	if (result >= 0 || optind == argc)
		return result;
	fprintf(stderr, "overlaid: unexpected word \"%s\"; --help lists the options\n",
		argv[optind]);
	return OPTIONS_EXIT_USAGE;
}
