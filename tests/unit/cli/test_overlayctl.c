/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does overlayctl do, and with which status does it end?  The program
 * itself against the real API server over a switch in memory.
 */
#include "program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

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

static void objects_are_added_changed_and_deleted(void **state)
{
	program_run_silently("segment add green vni 7 aging 10m learning no");
	program_run_silently("segment set green mtu 1400 dscp copy");
	program_run_silently(
		"port add tap5 segment green macs 52:54:00:00:00:05,52:54:00:00:00:06");
	program_run_silently("peer add 2001:db8::7 segments green,blue");
	program_run_silently("fdb add segment green mac 52:54:00:00:00:07 peer 2001:db8::7");
	program_run_silently("neighbor add segment green address 10.0.0.7 mac 52:54:00:00:00:07");
	program_expect("overlayctl diff", 0,
		       "+ segment green vni=7 mtu=1400 learning=false aging=600s dscp=copy\n"
		       "+ peer 2001:db8::7 segments=blue,green\n"
		       "+ port tap5 segment=green macs=52:54:00:00:00:05,52:54:00:00:00:06\n"
		       "+ fdb green 52:54:00:00:00:07 peer=2001:db8::7\n"
		       "+ neighbor green 10.0.0.7 mac=52:54:00:00:00:07\n",
		       "");
	program_run_silently("neighbor del segment green address 10.0.0.7");
	program_run_silently("fdb del segment green mac 52:54:00:00:00:07");
	program_run_silently("peer del 2001:db8::7");
	program_run_silently("port del tap5");
	program_run_silently("segment del green");
	program_expect("overlayctl diff", 0, "no difference\n", "");
}

static void what_the_daemon_refuses_is_said_in_a_line_with_status_1(void **state)
{
	program_expect("overlayctl segment add green vni 0", 1, "",
		       "overlayctl: vni: is 0, but must be a number from 1 to 16777215\n");
	program_expect(
		"overlayctl segment show nosuch", 1, "",
		"overlayctl: there is no segment nosuch; `overlayctl segment list` shows what "
		"there is\n");
	program_expect(
		"overlayctl segment set blue colour red", 1, "",
		"overlayctl: colour: is not known here; known are name, vni, mtu, flood, group, "
		"unknown-unicast, suppress-neighbors, learning, aging, max-learned, vlan-tags, "
		"too-big, dscp\n");
	program_expect("overlayctl segment del blue", 1, "",
		       "overlayctl: segment blue is used by port tap0; delete that first\n");
	program_expect("overlayctl fdb list segment nosuch", 1, "",
		       "overlayctl: segment: there is no segment nosuch\n");
	program_expect(
		"overlayctl peer show '../segments/blue'", 1, "",
		"overlayctl: there is no /v1/peers/../segments/blue; docs/api/openapi.yaml lists "
		"what there is\n");
	assert_int_equal(server->fake->changes, 0);
}

static void with_json_the_error_is_json_too(void **state)
{
	program_expect(
		"overlayctl --json segment show nosuch", 1,
		"{\"error\":{\"code\":\"unknown\",\"field\":\"\",\"message\":\"there is no segment "
		"nosuch; `overlayctl segment list` shows what there is\"}}\n",
		"overlayctl: there is no segment nosuch; `overlayctl segment list` shows what there "
		"is\n");
}

static void words_that_mean_nothing_end_with_status_2(void **state)
{
	program_expect("overlayctl s", 2, "", "overlayctl: s could mean status, segment, save\n");
	program_expect("overlayctl", 2, "",
		       "overlayctl: what? `overlayctl help` lists the commands\n");
	program_expect("overlayctl help nosuch", 2, "",
		       "overlayctl: there is no such command; `overlayctl help` lists them\n");
	program_expect("overlayctl --dry-run save", 2, "",
		       "overlayctl: --dry-run belongs to `apply`\n");
	program_expect("overlayctl --nosuch 2>&1 | tail -n 1 | cut -d: -f 2-", 0,
		       " unrecognized option '--nosuch'\n", "");
}

static void a_daemon_that_does_not_run_is_named_with_what_to_do(void **state)
{
	struct result result;

	program_expect(
		"overlayctl -s /tmp/nosuch.sock status", 1, "",
		"overlayctl: no daemon answers at /tmp/nosuch.sock; start it with `systemctl start "
		"overlaid`, or name its socket with --socket or OVERLAID_SOCKET\n");
	/* the option wins over the environment, and the environment over the default */
	program_expect("OVERLAID_SOCKET=/tmp/nosuch.sock overlayctl --socket $OVERLAID_SOCKET diff",
		       0, "no difference\n", "");
	program_run(&result, "OVERLAID_SOCKET= overlayctl status");
	assert_non_null(strstr(result.errors, "/run/overlaid/overlaid.sock"));
}

static void files_are_applied_and_compared(void **state)
{
	struct result result;

	program_run(&result,
		    "echo '{\"underlay\": {\"device\": \"eth1\"},"
		    " \"segments\": [{\"name\": \"blue\", \"vni\": 5001, \"mtu\": 1400}]}' "
		    "> %s/new.yaml; overlayctl apply %s/new.yaml --dry-run",
		    server->folder, server->folder);
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.output, "segment blue: mtu 1500 -> 1400\n"));
	assert_int_equal(server->fake->changes, 0);

	program_run(&result, "overlayctl apply - < %s/new.yaml", server->folder);
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.output, "segment blue: mtu 1500 -> 1400\n"));
	assert_int_equal(server->fake->running.segments[0].mtu, 1400);

	program_run(&result, "overlayctl diff %s/new.yaml; rm %s/new.yaml", server->folder,
		    server->folder);
	assert_string_equal(result.output, "no difference\n");
	program_expect("overlayctl save", 0, "saved to " FAKE_CONFIG_FILE "\n", "");
}

static void a_file_that_is_wrong_is_named_with_line_and_field(void **state)
{
	program_expect(
		"echo '{\"segments\": [{\"name\": \"blue\", \"vni\": 0}]}' | overlayctl apply -", 1,
		"",
		"overlayctl: stdin: segments[0].vni: is 0, but must be a number from 1 to "
		"16777215\n");
	program_expect("echo '{' | overlayctl apply - 2>&1 | cut -c 1-20", 0,
		       "overlayctl: stdin:2:\n", "");
	program_expect("overlayctl apply /nosuch.yaml", 1, "",
		       "overlayctl: /nosuch.yaml: No such file or directory\n");
	program_expect("overlayctl apply /", 1, "", "overlayctl: /: Is a directory\n");
	/* beyond what the API takes: told by the daemon, not by a broken pipe */
	program_expect("head -c 17000000 /dev/zero | overlayctl apply -", 1, "",
		       "overlayctl: the body is larger than 16 MB\n");
}

static void counting_and_forgetting_is_said(void **state)
{
	program_expect("overlayctl fdb flush port tap0", 0, "1 entries forgotten\n", "");
	program_run_silently("counters reset");
	assert_int_equal(server->fake->resets, 1);
	program_run_silently("datapath unload");
	assert_int_equal(server->fake->unloads, 1);
}

static void set_errors(struct server *at_server, void *arg)
{
	at_server->fake->finding_is_error = true;
}

static void check_fails_when_something_is_wrong(void **state)
{
	server_run(server, set_errors, NULL);
	program_expect("overlayctl check", 1,
		       "error: segment blue: wants an underlay MTU of 1570, eth1 has 1500\n", "");
	program_expect("overlayctl --json check | tail -c 28", 0,
		       "}],\"errors\":1,\"warnings\":0}\n", "");
	program_expect("overlayctl --json check > /dev/null", 1, "", "");
}

static void set_note(struct server *at_server, void *arg)
{
	at_server->fake->finding_is_note = true;
}

static void a_note_is_nothing_wrong(void **state)
{
	server_run(server, set_note, NULL);
	program_expect("overlayctl check", 0,
		       "note: segment blue: wants an underlay MTU of 1570, eth1 has 1500\n", "");
	program_expect("overlayctl --json check | tail -c 28", 0,
		       "}],\"errors\":0,\"warnings\":0}\n", "");
}

/*
 * The shell's line that runs a command with an ssh that does what the script
 * says with $here and $there, the two ends of the tunnel; then what ssh was
 * called with, and whether the tunnel's end is still there.  %1$s: a folder.
 */
#define WITH_SSH(script, command)                                                                  \
	"mkdir %1$s/bin; cat > %1$s/bin/ssh <<'END'\n"                                             \
	"#!/bin/sh\n"                                                                              \
	"echo \"$@\" > %1$s/called\n"                                                              \
	"while [ \"$1\" != -L ]; do shift; done\n"                                                 \
	"here=${2%%%%:*} there=${2#*:}\n" script "\nEND\n"                                         \
	"chmod +x %1$s/bin/ssh; export PATH=%1$s/bin:$PATH\n" command "; echo $?\n"                \
	"cat %1$s/called | sed 's/-L [^:]*/-L LOCAL/'\n"                                           \
	"[ -e \"$(sed 's/.*-L \\([^:]*\\):.*/\\1/' %1$s/called)\" ] && echo left\n"                \
	"rm -r %1$s/bin %1$s/called"

static void another_hypervisor_is_asked_through_ssh(void **state)
{
	struct result result;

	program_run(&result,
		    WITH_SSH("ln -s $there $here; exec sleep 60",
			     "overlayctl --host ssh://root@h2:2222 -s $OVERLAID_SOCKET diff"),
		    server->folder);
	assert_string_equal(result.errors, "");
	assert_memory_equal(result.output, "no difference\n0\n-N -T ", 22);
	assert_non_null(strstr(result.output, " -L LOCAL:/tmp/overlaid-test-"));
	assert_non_null(strstr(result.output, "-- ssh://root@h2:2222\n"));
	assert_null(strstr(result.output, "left"));
}

static void a_hypervisor_that_is_not_reached_is_named(void **state)
{
	struct result result;

	program_run(&result, WITH_SSH("exit 255", "overlayctl --host ssh://h2 status"),
		    server->folder);
	assert_string_equal(result.errors, "overlayctl: ssh://h2: no connection\n");
	assert_memory_equal(result.output, "1\n-N -T ", 8);
	assert_null(strstr(result.output, "left"));

	/* the tunnel stands, but there is nobody behind it */
	program_run(&result,
		    WITH_SSH("exec /usr/bin/python3 -c 'import socket, sys\n"
			     "s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()\n"
			     "while True: s.accept()[0].close()' $here",
			     "overlayctl --host ssh://h2 -s /far.sock status"),
		    server->folder);
	assert_string_equal(result.errors,
			    "overlayctl: no daemon answers at /far.sock on ssh://h2; start it with "
			    "`systemctl start overlaid`, or name its socket with --socket or "
			    "OVERLAID_SOCKET\n");
}

static void what_is_no_host_is_not_given_to_ssh(void **state)
{
	program_expect("overlayctl --host h2 status", 1, "",
		       "overlayctl: h2 is not a host to reach; write ssh://[USER@]HOST[:PORT]\n");
	program_expect("overlayctl --host ssh://-oProxyCommand=x status", 1, "",
		       "overlayctl: ssh://-oProxyCommand=x is not a host to reach; write "
		       "ssh://[USER@]HOST[:PORT]\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(objects_are_added_changed_and_deleted),
		TEST(what_the_daemon_refuses_is_said_in_a_line_with_status_1),
		TEST(with_json_the_error_is_json_too),
		TEST(words_that_mean_nothing_end_with_status_2),
		TEST(a_daemon_that_does_not_run_is_named_with_what_to_do),
		TEST(files_are_applied_and_compared),
		TEST(a_file_that_is_wrong_is_named_with_line_and_field),
		TEST(counting_and_forgetting_is_said),
		TEST(check_fails_when_something_is_wrong),
		TEST(a_note_is_nothing_wrong),
		TEST(another_hypervisor_is_asked_through_ssh),
		TEST(a_hypervisor_that_is_not_reached_is_named),
		TEST(what_is_no_host_is_not_given_to_ssh),
	};

	return cmocka_run_group_tests_name("overlayctl", tests, NULL, NULL);
}
