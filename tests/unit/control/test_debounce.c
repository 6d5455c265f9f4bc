/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a burst answered once, and a steady stream all the same?
 */
#include "control/debounce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#define DELAY_US 5000u

struct bench {
	sd_event *event;
	struct debounce *debounce;
	unsigned int n_works;
	uint64_t work_takes_us;
	uint64_t worked_at_us[8];
};

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void work(void *arg)
{
	struct bench *bench = arg;
	uint64_t start = now_us();

	if (bench->n_works < 8)
		bench->worked_at_us[bench->n_works] = start;
	bench->n_works++;
	while (now_us() - start < bench->work_takes_us)
		;
}

static int set_up(void **state)
{
	static struct bench bench;

	bench = (struct bench){0};
	*state = &bench;
	return sd_event_new(&bench.event) < 0 ||
	       debounce_open(bench.event, DELAY_US, work, &bench, &bench.debounce) < 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	debounce_close(bench->debounce);
	sd_event_unref(bench->event);
	return 0;
}

/* Lets the loop run until the work was done n times, or half a second has passed. */
static void run_until(struct bench *bench, unsigned int n)
{
	uint64_t deadline = now_us() + 500000u;

	while (bench->n_works < n && now_us() < deadline)
		assert_true(sd_event_run(bench->event, 10000) >= 0);
}

static void a_burst_is_answered_once_and_after_the_delay(void **state)
{
	struct bench *bench = *state;
	uint64_t start = now_us();

	for (int i = 0; i < 1000; i++)
		debounce_poke(bench->debounce);
	run_until(bench, 1);
	assert_int_equal(bench->n_works, 1);
	assert_true(bench->worked_at_us[0] - start >= DELAY_US);
	while (now_us() - start < 6 * DELAY_US)
		assert_true(sd_event_run(bench->event, 1000) >= 0);
	assert_int_equal(bench->n_works, 1);
}

static void later_pokes_do_not_put_the_answer_off(void **state)
{
	struct bench *bench = *state;
	uint64_t deadline = now_us() + 500000u;

	while (bench->n_works == 0 && now_us() < deadline) {
		debounce_poke(bench->debounce);
		assert_true(sd_event_run(bench->event, 1000) >= 0);
	}
	assert_int_equal(bench->n_works, 1);
}

static void a_poke_after_the_answer_is_answered_again(void **state)
{
	struct bench *bench = *state;

	debounce_poke(bench->debounce);
	run_until(bench, 1);
	debounce_poke(bench->debounce);
	run_until(bench, 2);
	assert_int_equal(bench->n_works, 2);
}

static void long_work_rests_four_times_as_long(void **state)
{
	struct bench *bench = *state;

	bench->work_takes_us = 10000;
	debounce_poke(bench->debounce);
	run_until(bench, 1);
	debounce_poke(bench->debounce);
	run_until(bench, 2);
	assert_int_equal(bench->n_works, 2);
	assert_true(bench->worked_at_us[1] - bench->worked_at_us[0] >= 5 * bench->work_takes_us);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_burst_is_answered_once_and_after_the_delay,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(later_pokes_do_not_put_the_answer_off, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_poke_after_the_answer_is_answered_again, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(long_work_rests_four_times_as_long, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
