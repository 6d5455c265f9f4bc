/* SPDX-License-Identifier: GPL-2.0-or-later */
/* While programs are replaced no frame passes beside them: each one is counted by old or new. */
#include "fixture.h"

#include "kernel/counters.h"

#include <inttypes.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#define N_REPLACED	  200
#define N_FRAMES_AT_LEAST 10000

static int setup_without_tcx(void **state)
{
	struct datapath_options options;
	int r = fixture_setup(state);

	if (r)
		return r;
	options = fixture_options(*state);
	options.force_clsact = true;
	fixture_open_with(*state, &options);
	fixture_take_over(*state);
	return 0;
}

/* Broadcasts into a device until it is killed; in a child, so no assertion may fail. */
static void send_frames(uint32_t ifindex)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)ifindex};
	uint8_t frame[64] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, [12] = 0x88, 0xb5};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	while (sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)) >= 0 ||
	       errno == ENOBUFS)
		;
	_exit(1);
}

static pid_t start_sender(const char *device)
{
	uint32_t ifindex = if_nametoindex(device);
	pid_t pid = fork();

	if (!pid)
		send_frames(ifindex);
	assert_true(pid > 0);
	return pid;
}

static void stop_sender(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* What the kernel says has arrived at a device. */
static uint64_t arrived_at(const char *device)
{
	FILE *file = fopen("/proc/self/net/dev", "re");
	uint64_t frames = UINT64_MAX;
	char line[512], name[32];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " %31[^:]: %*u %" SCNu64, name, &frames) == 2 &&
		    !strcmp(name, device))
			break;
	fclose(file);
	return frames;
}

static uint64_t counted_at(const struct fixture *fixture, uint32_t port)
{
	struct table_traffic traffic;

	assert_int_equal(counters_traffic(fixture->dp, SLOT_PORT, port, &traffic), 0);
	return traffic.rx_frames;
}

static void wait_for_frames(const struct fixture *fixture, uint32_t port, uint64_t n)
{
	time_t deadline = time(NULL) + 20;

	while (counted_at(fixture, port) < n)
		assert_true(time(NULL) < deadline);
}

static void exchange(struct generation *a, struct generation *b)
{
	struct generation c = *a;

	*a = *b;
	*b = c;
}

/* Two loads of one object that share every map. */
static void load_again(struct fixture *fixture, struct generation *ret)
{
	struct problem problem = {};

	if (generation_load(fixture->dp, &fixture->dp->now, true, fdb_capacity(fixture->dp), ret,
			    &problem))
		fail_msg("%s", problem.message);
}

static void every_frame_is_seen_by_the_old_or_the_new_program(void **state)
{
	struct fixture *fixture = *state;
	uint32_t tap = make_device("tap0"), segment = put_segment(fixture, BLUE);
	uint32_t port = put_port(fixture, "tap0", tap, segment);
	struct generation other;
	pid_t sender;

	load_again(fixture, &other);
	assert_int_equal(attach_program(fixture->dp, PROGRAM_PORT, tap), 0);
	run("ip link set tap0-far up");
	sender = start_sender("tap0-far");
	for (int i = 0; i < N_REPLACED; i++) {
		wait_for_frames(fixture, port, counted_at(fixture, port) + 1);
		exchange(&fixture->dp->now, &other);
		assert_int_equal(attach_update_all(fixture->dp), 0);
	}
	wait_for_frames(fixture, port, N_FRAMES_AT_LEAST);
	stop_sender(sender);
	run("ip link set tap0-far down");
	generation_clear(&other);
	assert_int_equal(counted_at(fixture, port), arrived_at("tap0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(every_frame_is_seen_by_the_old_or_the_new_program),
		{"without TCX: every_frame_is_seen_by_the_old_or_the_new_program",
		 every_frame_is_seen_by_the_old_or_the_new_program, setup_without_tcx,
		 fixture_teardown, NULL},
	};

	return fixture_rights() ?: cmocka_run_group_tests_name("kernel/replace", tests, NULL, NULL);
}
