/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket file: whose it is, and what is done about one that is there already.
 */
#include "server.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/api.h"

#include <cmocka.h>

static struct server *server;

static int start(void **state)
{
	server = server_start();
	return 0;
}

static int stop(void **state)
{
	server_stop(server);
	return 0;
}

static int open_at(const char *path, struct api **ret, struct problem *problem)
{
	sd_event *event = NULL;
	int r;

	assert_true(sd_event_new(&event) >= 0);
	*problem = (struct problem){};
	r = api_open(event, path, &fake_switch_ops, server->fake, ret, problem);
	sd_event_unref(event);
	return r;
}

static void only_root_and_the_group_may_use_it(void **state)
{
	struct stat status;

	assert_int_equal(stat(server->path, &status), 0);
	assert_true(S_ISSOCK(status.st_mode));
	assert_int_equal(status.st_mode & 07777, 0660);
}

static void a_socket_that_somebody_answers_is_refused(void **state)
{
	struct problem problem;
	struct answer answer;
	struct api *api;

	assert_int_equal(open_at(server->path, &api, &problem), -EADDRINUSE);
	assert_int_equal(problem.code, PROBLEM_CONFLICT);
	assert_non_null(strstr(problem.message, "another daemon answers"));
	/* which goes on answering */
	ask(server, "GET", "/v1/status", NULL, &answer);
	assert_int_equal(answer.status, 200);
	answer_clear(&answer);
}

static void a_stale_socket_file_is_replaced(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct problem problem;
	struct api *api;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/stale", server->folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(access(address.sun_path, F_OK), 0);
	assert_int_equal(open_at(address.sun_path, &api, &problem), 0);
	api_close(api);
	assert_int_equal(access(address.sun_path, F_OK), -1);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct problem problem;
	struct api *api;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/file", server->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(open_at(path, &api, &problem), -EADDRINUSE);
	assert_non_null(strstr(problem.message, "not a socket"));
	assert_int_equal(unlink(path), 0);
}

static void a_path_that_no_socket_can_have_is_refused(void **state)
{
	struct problem problem;
	struct api *api;
	char path[200];

	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(open_at(path, &api, &problem), -ENAMETOOLONG);
	assert_int_equal(open_at("", &api, &problem), -ENAMETOOLONG);
	assert_int_equal(open_at("/nonexistent/folder/overlaid.sock", &api, &problem), -ENOENT);
	assert_non_null(strstr(problem.message, "/nonexistent/folder/overlaid.sock"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(only_root_and_the_group_may_use_it),
		TEST(a_socket_that_somebody_answers_is_refused),
		TEST(a_stale_socket_file_is_replaced),
		TEST(a_file_that_is_no_socket_is_left_alone),
		TEST(a_path_that_no_socket_can_have_is_refused),
	};

	return cmocka_run_group_tests_name("the socket file", tests, NULL, NULL);
}
