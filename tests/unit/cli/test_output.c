/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does overlayctl print?  In pipes it is in golden/ (UPDATE_GOLDEN=1
 * writes those files anew); and on terminals, live, in parts, and into bash.
 */
#include "program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN "tests/unit/cli/golden"

static struct server *server;

static int start(void **state)
{
	server = program_start();
	return 0;
}

static int stop(void **state)
{
	server_stop(server);
	return 0;
}

/* "--json segment list" is golden/json-segment-list.txt */
static void golden_path(const char *words, char *path, size_t size)
{
	snprintf(path, size, "%s/%s.txt", GOLDEN, words + strspn(words, "-"));
	for (char *at = path + strlen(GOLDEN) + 1; *at; at++)
		if (strchr(" /:", *at))
			*at = '-';
}

static void expect_golden(const char *words, const char *output)
{
	static char golden[PROGRAM_OUTPUT_MAX];
	char path[256];
	FILE *file;

	golden_path(words, path, sizeof(path));
	if (getenv("UPDATE_GOLDEN")) {
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(output, file);
		fclose(file);
	}
	file = fopen(path, "r");
	if (!file)
		fail_msg("%s is missing", path);
	golden[fread(golden, 1, sizeof(golden) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(output, golden);
}

static const char *const printed[] = {
	"status",
	"segment list",
	"segment show blue",
	"port list",
	"port show tap0",
	"peer list",
	"peer show 2001:db8::2",
	"fdb list",
	"fdb list port tap0",
	"neighbor list",
	"counters",
	"counters peer 192.0.2.2",
	"drops",
	"check",
	"diff",
	"datapath show",
	"help",
	"help segment",
	"--json segment list",
	"--json segment show blue",
	"--json port show tap0",
	"--json peer show 192.0.2.2",
	"--json fdb list",
	"--json neighbor list",
	"--json status",
	"--json counters port tap0",
	"--json drops",
	"--json check",
	"--json datapath show",
};

static void what_is_printed_in_a_pipe_is_the_golden_text(void **state)
{
	for (size_t i = 0; i < sizeof(printed) / sizeof(printed[0]); i++) {
		struct result result;

		program_run(&result, "overlayctl %s", printed[i]);
		assert_string_equal(result.errors, "");
		assert_int_equal(result.status, 0);
		expect_golden(printed[i], result.output);
	}
}

static void json_is_the_api_s_answer_byte_for_byte(void **state)
{
	struct answer answer;
	struct result result;

	ask(server, "GET", "/v1/segments/blue", NULL, &answer);
	program_run(&result, "overlayctl segment show blue --json");
	assert_string_equal(result.output, answer.body);
	answer_clear(&answer);
}

static void a_long_list_is_printed_in_parts_that_line_up(void **state)
{
	server->fake->n_generated = 10000;
	program_expect("overlayctl fdb list | awk 'NR > 1 {print index($0, $2)}' | sort -u", 0,
		       "9\n", "");
	program_expect("overlayctl fdb list | wc -l", 0, "10004\n", "");
	program_expect("overlayctl fdb list | grep -c SEGMENT", 0, "1\n", "");
}

static void a_reader_that_leaves_ends_it(void **state)
{
	server->fake->n_generated = 100000;
	program_expect("overlayctl fdb list | head -n 1", 0,
		       "SEGMENT MAC               PATH             SOURCE     AGE MOVES\n", "");
	program_expect("overlayctl --json fdb list | head -n 1", 0, "{\"fdb\":[\n", "");
}

static void emit(struct server *at_server, void *arg)
{
	fake_switch_emit(at_server->fake, EVENT_MOVED);
}

/* What the pipe's next line ends with; the time before it is now's. */
static void expect_line(FILE *pipe, const char *end)
{
	char line[256];

	assert_non_null(fgets(line, sizeof(line), pipe));
	assert_in_range(strlen(line), strlen(end), sizeof(line));
	assert_string_equal(line + strlen(line) - strlen(end), end);
}

static void watch_prints_rates_and_events(void **state)
{
	char line[256];
	FILE *pipe;

	snprintf(line, sizeof(line), "exec %s watch", program_path());
	pipe = popen(line, "r");
	assert_non_null(pipe);
	/* it has begun, and goes on until its reader leaves */
	expect_line(pipe, "FROM PORTS           TO PORTS         FROM PEERS           TO PEERS   "
			  "DROPPED\n");
	expect_line(pipe, "frames/s    bit/s  frames/s    bit/s  frames/s    bit/s\n");
	expect_line(pipe, "  0        0         0        0         0        0         0        0"
			  "         0\n");
	server_run(server, emit, NULL);
	expect_line(pipe, "  moved segment blue mac 52:54:00:00:00:0a port tap0 from peer "
			  "192.0.2.2\n");
	pclose(pipe);
}

static void watch_can_be_narrowed_to_one_object(void **state)
{
	char line[256];
	FILE *pipe;

	snprintf(line, sizeof(line), "exec %s watch port tap1", program_path());
	pipe = popen(line, "r");
	assert_non_null(pipe);
	expect_line(pipe, "             IN                OUT   DROPPED\n");
	expect_line(pipe, "frames/s    bit/s  frames/s    bit/s\n");
	expect_line(pipe, "  0        0         0        0         0\n");
	/* of another port */
	server_run(server, emit, NULL);
	expect_line(pipe, "  0        0         0        0         0\n");
	pclose(pipe);
}

static void bash_completes_words_and_names(void **state)
{
	static const char script[] =
		"bash -c 'shopt -s expand_aliases; . packaging/completion/overlayctl\n"
		"overlayctl() { %s \"$@\"; }\n"
		"try() { COMP_LINE=$1 COMP_POINT=${#1} COMPREPLY=(); _overlayctl; "
		"echo \"${COMPREPLY[*]}\"; }\n"
		"try \"overlayctl seg\"\n"
		"try \"overlayctl segment s\"\n"
		"try \"overlayctl segment show \"\n"
		"try \"overlayctl --json segment set blue f\"\n"
		"try \"overlayctl segment set blue flood \"\n"
		"try \"overlayctl segment add new v\"\n"
		"try \"overlayctl peer show 2001:d\"\n"
		"try \"overlayctl counters \"\n"
		"try \"overlayctl fdb list port \"\n"
		"try \"overlayctl apply packaging/compl\"\n"
		"try \"overlayctl --h\"'";
	struct result result;

	program_run(&result, script, program_path());
	assert_string_equal(result.output, "segment\n"
					   "show set\n"
					   "blue red\n"
					   "flood\n"
					   "head-end multicast replicator none\n"
					   "vni vlan-tags\n"
					   "db8::2\n"
					   "reset port segment peer\n"
					   "tap0 tap1\n"
					   "packaging/completion\n"
					   "--host --help\n");
	assert_string_equal(result.errors, "");
}

static void a_terminal_gets_colours_unless_no_color_is_set(void **state)
{
	struct result result;

	program_run(&result, "env -u NO_COLOR script -qec '%s segment list' /dev/null",
		    program_path());
	assert_non_null(strstr(result.output, "\033["));
	program_run(&result, "script -qec '%s segment list' /dev/null", program_path());
	assert_non_null(strstr(result.output, "blue"));
	assert_null(strstr(result.output, "\033["));
	program_run(&result, "env -u NO_COLOR %s segment list", program_path());
	assert_null(strstr(result.output, "\033["));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(what_is_printed_in_a_pipe_is_the_golden_text),
		TEST(json_is_the_api_s_answer_byte_for_byte),
		TEST(a_long_list_is_printed_in_parts_that_line_up),
		TEST(a_reader_that_leaves_ends_it),
		TEST(watch_prints_rates_and_events),
		TEST(watch_can_be_narrowed_to_one_object),
		TEST(bash_completes_words_and_names),
		TEST(a_terminal_gets_colours_unless_no_color_is_set),
	};

	return cmocka_run_group_tests_name("what overlayctl prints", tests, NULL, NULL);
}
