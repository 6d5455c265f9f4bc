/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does overlayctl print, and with which status does it end?  The program
 * itself against the real API server over a switch in memory; what it prints
 * is in golden/.  UPDATE_GOLDEN=1 writes those files anew.
 */
#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define OUTPUT_MAX 65536
#define GOLDEN	   "tests/unit/cli/golden"

static struct server *server;

static int start(void **state)
{
	server = server_start();
	setenv("OVERLAID_SOCKET", server->path, 1);
	setenv("NO_COLOR", "1", 1);
	return 0;
}

static int stop(void **state)
{
	server_stop(server);
	return 0;
}

struct result {
	int status;
	char output[OUTPUT_MAX], errors[OUTPUT_MAX];
};

static void read_all(FILE *file, char *buffer)
{
	buffer[fread(buffer, 1, OUTPUT_MAX - 1, file)] = '\0';
}

static void read_errors(const char *path, struct result *ret)
{
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	read_all(file, ret->errors);
	fclose(file);
	unlink(path);
}

static const char *program(void)
{
	const char *path = getenv("OVERLAYCTL");

	return path ? path : "build/overlayctl";
}

/* A shell's line in which `overlayctl` is the program under test. */
__attribute__((format(printf, 2, 3))) static void run(struct result *ret, const char *format, ...)
{
	char line[2048], words[1024], errors[128];
	va_list arguments;
	FILE *pipe;
	int status;

	va_start(arguments, format);
	vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	snprintf(errors, sizeof(errors), "%s/errors", server->folder);
	snprintf(line, sizeof(line), "overlayctl() { %s \"$@\"; }; { %s; } 2>%s", program(), words,
		 errors);
	pipe = popen(line, "r");
	assert_non_null(pipe);
	read_all(pipe, ret->output);
	status = pclose(pipe);
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	read_errors(errors, ret);
}

/* A command that changes and says nothing. */
static void run_silently(const char *words)
{
	struct result result;

	run(&result, "overlayctl %s", words);
	if (result.status || *result.output || *result.errors)
		fail_msg("%s: %d: %s%s", words, result.status, result.output, result.errors);
}

static void expect(const char *words, int status, const char *output, const char *errors)
{
	struct result result;

	run(&result, "%s", words);
	assert_string_equal(result.errors, errors);
	assert_string_equal(result.output, output);
	assert_int_equal(result.status, status);
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
	static char golden[OUTPUT_MAX];
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
	read_all(file, golden);
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

		run(&result, "overlayctl %s", printed[i]);
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
	run(&result, "overlayctl segment show blue --json");
	assert_string_equal(result.output, answer.body);
	answer_clear(&answer);
}

static void objects_are_added_changed_and_deleted(void **state)
{
	run_silently("segment add green vni 7 aging 10m learning no");
	run_silently("segment set green mtu 1400 dscp copy");
	run_silently("port add tap5 segment green macs 52:54:00:00:00:05,52:54:00:00:00:06");
	run_silently("peer add 2001:db8::7 segments green,blue");
	run_silently("fdb add segment green mac 52:54:00:00:00:07 peer 2001:db8::7");
	run_silently("neighbor add segment green address 10.0.0.7 mac 52:54:00:00:00:07");
	expect("overlayctl diff", 0,
	       "+ segment green vni=7 mtu=1400 learning=false aging=600s dscp=copy\n"
	       "+ peer 2001:db8::7 segments=blue,green\n"
	       "+ port tap5 segment=green macs=52:54:00:00:00:05,52:54:00:00:00:06\n"
	       "+ fdb green 52:54:00:00:00:07 peer=2001:db8::7\n"
	       "+ neighbor green 10.0.0.7 mac=52:54:00:00:00:07\n",
	       "");
	run_silently("neighbor del segment green address 10.0.0.7");
	run_silently("fdb del segment green mac 52:54:00:00:00:07");
	run_silently("peer del 2001:db8::7");
	run_silently("port del tap5");
	run_silently("segment del green");
	expect("overlayctl diff", 0, "no difference\n", "");
}

static void what_the_daemon_refuses_is_said_in_a_line_with_status_1(void **state)
{
	expect("overlayctl segment add green vni 0", 1, "",
	       "overlayctl: vni: is 0, but must be a number from 1 to 16777215\n");
	expect("overlayctl segment show nosuch", 1, "",
	       "overlayctl: there is no segment nosuch; `overlayctl segment list` shows what "
	       "there is\n");
	expect("overlayctl segment set blue colour red", 1, "",
	       "overlayctl: colour: is not known here; known are name, vni, mtu, flood, group, "
	       "unknown-unicast, suppress-neighbors, learning, aging, max-learned, vlan-tags, "
	       "too-big, dscp\n");
	expect("overlayctl segment del blue", 1, "",
	       "overlayctl: segment blue is used by port tap0; delete that first\n");
	expect("overlayctl fdb list segment nosuch", 1, "",
	       "overlayctl: segment: there is no segment nosuch\n");
	expect("overlayctl peer show '../segments/blue'", 1, "",
	       "overlayctl: there is no /v1/peers/../segments/blue; docs/api/openapi.yaml lists "
	       "what there is\n");
	assert_int_equal(server->fake->changes, 0);
}

static void with_json_the_error_is_json_too(void **state)
{
	expect("overlayctl --json segment show nosuch", 1,
	       "{\"error\":{\"code\":\"unknown\",\"field\":\"\",\"message\":\"there is no segment "
	       "nosuch; `overlayctl segment list` shows what there is\"}}\n",
	       "overlayctl: there is no segment nosuch; `overlayctl segment list` shows what there "
	       "is\n");
}

static void words_that_mean_nothing_end_with_status_2(void **state)
{
	expect("overlayctl s", 2, "", "overlayctl: s could mean status, segment, save\n");
	expect("overlayctl", 2, "", "overlayctl: what? `overlayctl help` lists the commands\n");
	expect("overlayctl help nosuch", 2, "",
	       "overlayctl: there is no such command; `overlayctl help` lists them\n");
	expect("overlayctl --dry-run save", 2, "", "overlayctl: --dry-run belongs to `apply`\n");
	expect("overlayctl --nosuch 2>&1 | tail -n 1 | cut -d: -f 2-", 0,
	       " unrecognized option '--nosuch'\n", "");
}

static void a_daemon_that_does_not_run_is_named_with_what_to_do(void **state)
{
	struct result result;

	expect("overlayctl -s /tmp/nosuch.sock status", 1, "",
	       "overlayctl: no daemon answers at /tmp/nosuch.sock; start it with `systemctl start "
	       "overlaid`, or name its socket with --socket or OVERLAID_SOCKET\n");
	/* the option wins over the environment, and the environment over the default */
	expect("OVERLAID_SOCKET=/tmp/nosuch.sock overlayctl --socket $OVERLAID_SOCKET diff", 0,
	       "no difference\n", "");
	run(&result, "OVERLAID_SOCKET= overlayctl status");
	assert_non_null(strstr(result.errors, "/run/overlaid/overlaid.sock"));
}

static void files_are_applied_and_compared(void **state)
{
	struct result result;

	run(&result,
	    "echo '{\"underlay\": {\"device\": \"eth1\"},"
	    " \"segments\": [{\"name\": \"blue\", \"vni\": 5001, \"mtu\": 1400}]}' "
	    "> %s/new.yaml; overlayctl apply %s/new.yaml --dry-run",
	    server->folder, server->folder);
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.output, "segment blue: mtu 1500 -> 1400\n"));
	assert_int_equal(server->fake->changes, 0);

	run(&result, "overlayctl apply - < %s/new.yaml", server->folder);
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.output, "segment blue: mtu 1500 -> 1400\n"));
	assert_int_equal(server->fake->running.segments[0].mtu, 1400);

	run(&result, "overlayctl diff %s/new.yaml; rm %s/new.yaml", server->folder, server->folder);
	assert_string_equal(result.output, "no difference\n");
	expect("overlayctl save", 0, "saved to " FAKE_CONFIG_FILE "\n", "");
}

static void a_file_that_is_wrong_is_named_with_line_and_field(void **state)
{
	expect("echo '{\"segments\": [{\"name\": \"blue\", \"vni\": 0}]}' | overlayctl apply -", 1,
	       "",
	       "overlayctl: stdin: segments[0].vni: is 0, but must be a number from 1 to "
	       "16777215\n");
	expect("echo '{' | overlayctl apply - 2>&1 | cut -c 1-20", 0, "overlayctl: stdin:2:\n", "");
	expect("overlayctl apply /nosuch.yaml", 1, "",
	       "overlayctl: /nosuch.yaml: No such file or directory\n");
	expect("overlayctl apply /", 1, "", "overlayctl: /: Is a directory\n");
	/* beyond what the API takes: told by the daemon, not by a broken pipe */
	expect("head -c 17000000 /dev/zero | overlayctl apply -", 1, "",
	       "overlayctl: the body is larger than 16 MB\n");
}

static void counting_and_forgetting_is_said(void **state)
{
	expect("overlayctl fdb flush port tap0", 0, "1 entries forgotten\n", "");
	run_silently("counters reset");
	assert_int_equal(server->fake->resets, 1);
	run_silently("datapath unload");
	assert_int_equal(server->fake->unloads, 1);
}

static void set_errors(struct server *at_server, void *arg)
{
	at_server->fake->finding_is_error = true;
}

static void check_fails_when_something_is_wrong(void **state)
{
	server_run(server, set_errors, NULL);
	expect("overlayctl check", 1,
	       "error: segment blue: wants an underlay MTU of 1570, eth1 has 1500\n", "");
	expect("overlayctl --json check | tail -c 28", 0, "}],\"errors\":1,\"warnings\":0}\n", "");
	expect("overlayctl --json check > /dev/null", 1, "", "");
}

static void a_long_list_is_printed_in_parts_that_line_up(void **state)
{
	server->fake->n_generated = 10000;
	expect("overlayctl fdb list | awk 'NR > 1 {print index($0, $2)}' | sort -u", 0, "9\n", "");
	expect("overlayctl fdb list | wc -l", 0, "10004\n", "");
	expect("overlayctl fdb list | grep -c SEGMENT", 0, "1\n", "");
}

static void a_reader_that_leaves_ends_it(void **state)
{
	server->fake->n_generated = 100000;
	expect("overlayctl fdb list | head -n 1", 0,
	       "SEGMENT MAC               PATH             SOURCE     AGE MOVES\n", "");
	expect("overlayctl --json fdb list | head -n 1", 0, "{\"fdb\":[\n", "");
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

	snprintf(line, sizeof(line), "exec %s watch", program());
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

	snprintf(line, sizeof(line), "exec %s watch port tap1", program());
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

static void another_hypervisor_is_asked_through_ssh(void **state)
{
	struct result result;

	/* an ssh that forwards as the real one does, and leaves what it was called with */
	run(&result,
	    "mkdir %1$s/bin; cat > %1$s/bin/ssh <<'END'\n"
	    "#!/bin/sh\n"
	    "echo \"$@\" > %1$s/called\n"
	    "while [ \"$1\" != -L ]; do shift; done\n"
	    "ln -s \"${2#*:}\" \"${2%%%%:*}\"\n"
	    "exec sleep 60\n"
	    "END\n"
	    "chmod +x %1$s/bin/ssh; export PATH=%1$s/bin:$PATH\n"
	    "overlayctl --host ssh://root@h2:2222 --socket %2$s diff; echo $?\n"
	    "cat %1$s/called | sed 's/-L [^:]*/-L LOCAL/'\n"
	    "rm -r %1$s/bin %1$s/called; ls -d /tmp/overlayctl-* 2>/dev/null | wc -l",
	    server->folder, server->path);
	assert_non_null(strstr(result.output, "no difference\n0\n"));
	assert_non_null(strstr(result.output, "-N -T -o ExitOnForwardFailure=yes"));
	assert_non_null(strstr(result.output, "-L LOCAL:/tmp/overlaid-test-"));
	assert_non_null(strstr(result.output, "-- ssh://root@h2:2222\n0\n"));
	expect("overlayctl --host h2 status", 1, "",
	       "overlayctl: h2 is not a host to reach; write ssh://[USER@]HOST[:PORT]\n");
	expect("overlayctl --host ssh://-oProxyCommand=x status", 1, "",
	       "overlayctl: ssh://-oProxyCommand=x is not a host to reach; write "
	       "ssh://[USER@]HOST[:PORT]\n");
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

	run(&result, script, program());
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

	run(&result, "env -u NO_COLOR script -qec '%s segment list' /dev/null", program());
	assert_non_null(strstr(result.output, "\033["));
	run(&result, "script -qec '%s segment list' /dev/null", program());
	assert_non_null(strstr(result.output, "blue"));
	assert_null(strstr(result.output, "\033["));
	run(&result, "env -u NO_COLOR %s segment list", program());
	assert_null(strstr(result.output, "\033["));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(what_is_printed_in_a_pipe_is_the_golden_text),
		TEST(json_is_the_api_s_answer_byte_for_byte),
		TEST(objects_are_added_changed_and_deleted),
		TEST(what_the_daemon_refuses_is_said_in_a_line_with_status_1),
		TEST(with_json_the_error_is_json_too),
		TEST(words_that_mean_nothing_end_with_status_2),
		TEST(a_daemon_that_does_not_run_is_named_with_what_to_do),
		TEST(files_are_applied_and_compared),
		TEST(a_file_that_is_wrong_is_named_with_line_and_field),
		TEST(counting_and_forgetting_is_said),
		TEST(check_fails_when_something_is_wrong),
		TEST(a_long_list_is_printed_in_parts_that_line_up),
		TEST(a_reader_that_leaves_ends_it),
		TEST(watch_prints_rates_and_events),
		TEST(watch_can_be_narrowed_to_one_object),
		TEST(another_hypervisor_is_asked_through_ssh),
		TEST(bash_completes_words_and_names),
		TEST(a_terminal_gets_colours_unless_no_color_is_set),
	};

	return cmocka_run_group_tests_name("overlayctl", tests, NULL, NULL);
}
