/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does the log put on stderr?  It is exchanged for a file for a moment.
 */
#include "../cases.h"

#include "base/log.h"
#include "base/text.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is written to stderr between the two calls. */
struct capture {
	int saved, file;
};

static struct capture capture_begin(void)
{
	char path[] = "/tmp/overlaid-log-XXXXXX";
	struct capture capture = {.saved = dup(STDERR_FILENO), .file = mkstemp(path)};

	assert_true(capture.saved >= 0 && capture.file >= 0);
	unlink(path);
	assert_true(dup2(capture.file, STDERR_FILENO) >= 0);
	return capture;
}

static const char *capture_end(struct capture *capture)
{
	static char text[8192];
	ssize_t n;

	assert_true(dup2(capture->saved, STDERR_FILENO) >= 0);
	n = pread(capture->file, text, sizeof(text) - 1, 0);
	close(capture->saved);
	close(capture->file);
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static int restore(void **state)
{
	unsetenv("JOURNAL_STREAM");
	log_set_level(LOG_LEVEL_INFO);
	return 0;
}

static void a_person_reads_the_level_as_a_word(void **state)
{
	struct capture capture = capture_begin();

	log_error("port %s is gone", "tap0");
	log_warning("b");
	log_info("c");
	assert_string_equal(capture_end(&capture), "error: port tap0 is gone\nwarning: b\nc\n");
}

static void the_journal_reads_the_level_as_a_prefix(void **state)
{
	struct capture capture = capture_begin();
	char stream[64];
	struct text text = text_into(stream, sizeof(stream));
	struct stat st;

	fstat(STDERR_FILENO, &st);
	text_append(&text, "%llu:%llu", (unsigned long long)st.st_dev,
		    (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_error("a");
	log_info("b");
	assert_string_equal(capture_end(&capture), "<3>a\n<6>b\n");
}

static void a_journal_of_another_stream_is_not_ours(void **state)
{
	struct capture capture = capture_begin();

	setenv("JOURNAL_STREAM", "1:1", 1);
	log_error("a");
	assert_string_equal(capture_end(&capture), "error: a\n");
}

static void lines_above_the_level_are_not_written(void **state)
{
	struct capture capture = capture_begin();

	log_debug("a");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("b");
	log_set_level(LOG_LEVEL_ERROR);
	log_warning("c");
	assert_string_equal(capture_end(&capture), "debug: b\n");
}

static void a_name_cannot_forge_a_line(void **state)
{
	struct capture capture = capture_begin();

	log_info("port %s", "x\n<3>all is lost\x1b[0m");
	assert_string_equal(capture_end(&capture), "port x?<3>all is lost?[0m\n");
}

static void a_long_line_is_cut_and_still_ends(void **state)
{
	struct capture capture = capture_begin();
	const char *text;

	log_info("%5000d", 7);
	text = capture_end(&capture);
	assert_int_equal(strlen(text), 2047);
	assert_int_equal(text[2046], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_person_reads_the_level_as_a_word, restore),
		cmocka_unit_test_teardown(the_journal_reads_the_level_as_a_prefix, restore),
		cmocka_unit_test_teardown(a_journal_of_another_stream_is_not_ours, restore),
		cmocka_unit_test_teardown(lines_above_the_level_are_not_written, restore),
		cmocka_unit_test_teardown(a_name_cannot_forge_a_line, restore),
		cmocka_unit_test_teardown(a_long_line_is_cut_and_still_ends, restore),
	};

	unsetenv("JOURNAL_STREAM");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
