/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounded text: does it stay in its bounds, and are numbers, durations and
 * misspellings read as a person means them?
 */
#include "../cases.h"

#include "base/text.h"

#include <errno.h>

static void appended_text_is_cut_where_the_buffer_ends(void **state)
{
	char buffer[10] = "xxxxxxxxx";
	struct text text = text_into(buffer, 8);

	assert_string_equal(buffer, "");
	text_append(&text, "%s", "abc");
	text_append(&text, "%d", 12);
	assert_string_equal(buffer, "abc12");
	assert_int_equal(text.length, 5);
	assert_false(text.cut);
	text_append(&text, "%s", "de");
	assert_string_equal(buffer, "abc12de");
	assert_false(text.cut);
	text_append(&text, "%s", "f");
	text_append(&text, "%s", "g");
	assert_string_equal(buffer, "abc12de");
	assert_true(text.cut);
	assert_int_equal(text.length, 7);
	assert_int_equal(buffer[8], 'x');
}

static void a_buffer_of_one_byte_stays_empty(void **state)
{
	char buffer[2] = "x";
	struct text text = text_into(buffer, 1);

	text_append(&text, "abc");
	assert_string_equal(buffer, "");
	assert_true(text.cut);
}

static void a_copy_fills_the_array_with_zeros(void **state)
{
	static const char wanted[8] = "abc";
	char to[8];

	memset(to, 'x', sizeof(to));
	assert_int_equal(text_copy(to, sizeof(to), "abc"), 0);
	assert_memory_equal(to, wanted, sizeof(to));
	assert_int_equal(text_copy(to, sizeof(to), "abcdefg"), 0);
	assert_string_equal(to, "abcdefg");
	assert_int_equal(text_copy(to, sizeof(to), "abcdefgh"), -ENAMETOOLONG);
	assert_string_equal(to, "abcdefg");
}

struct number_row {
	const char *sentence;
	const char *text;
	uint64_t minimum, maximum;
	int r;
	uint64_t value;
};

static const struct number_row number_rows[] = {
	{"a number is read", "4789", 1, 65535, 0, 4789},
	{"zero is read", "0", 0, 1, 0, 0},
	{"the smallest is read", "7", 7, 9, 0, 7},
	{"the largest is read", "9", 7, 9, 0, 9},
	{"one below is out of range", "6", 7, 9, -ERANGE},
	{"one above is out of range", "10", 7, 9, -ERANGE},
	{"64 bits are read", "18446744073709551615", 0, UINT64_MAX, 0, UINT64_MAX},
	{"65 bits are out of range", "18446744073709551616", 0, UINT64_MAX, -ERANGE},
	{"a hundred digits are out of range",
	 "1111111111111111111111111111111111111111111111111111111111111111111111111111111111111111",
	 0, UINT64_MAX, -ERANGE},
	{"a leading zero is refused", "010", 0, 100, -EINVAL},
	{"two zeros are refused", "00", 0, 100, -EINVAL},
	{"nothing is refused", "", 0, 100, -EINVAL},
	{"a sign is refused", "-1", 0, 100, -EINVAL},
	{"a plus is refused", "+1", 0, 100, -EINVAL},
	{"a space is refused", " 1", 0, 100, -EINVAL},
	{"a letter behind is refused", "1a", 0, 100, -EINVAL},
	{"hexadecimal is refused", "0x10", 0, 100, -EINVAL},
	{"a letter behind many digits is refused", "99999999999999999999999x", 0, 100, -EINVAL},
};

static void run_number(void **state)
{
	const struct number_row *row = *state;
	uint64_t value = 0xaa;

	assert_int_equal(text_parse_uint(row->text, row->minimum, row->maximum, &value), row->r);
	assert_int_equal(value, row->r ? 0xaa : row->value);
}

struct seconds_row {
	const char *sentence;
	const char *text;
	int r;
	uint32_t seconds;
};

static const struct seconds_row seconds_rows[] = {
	{"bare seconds are read", "300", 0, 300},
	{"seconds are read", "300s", 0, 300},
	{"minutes are read", "5m", 0, 300},
	{"hours are read", "2h", 0, 7200},
	{"days are read", "1d", 0, 86400},
	{"no time is read", "0", 0, 0},
	{"the longest time is read", "4294967295s", 0, UINT32_MAX},
	{"a second more is out of range", "4294967296", -ERANGE},
	{"a product beyond 32 bits is out of range", "71582789m", -ERANGE},
	{"a number beyond 64 bits is out of range", "99999999999999999999d", -ERANGE},
	{"an unknown unit is refused", "5w", -EINVAL},
	{"two units are refused", "1h30m", -EINVAL},
	{"a unit alone is refused", "s", -EINVAL},
	{"a space is refused", "5 m", -EINVAL},
	{"a fraction is refused", "1.5h", -EINVAL},
	{"a sign is refused", "-5s", -EINVAL},
	{"a leading zero is refused", "05s", -EINVAL},
	{"nothing is refused", "", -EINVAL},
};

static void run_seconds(void **state)
{
	const struct seconds_row *row = *state;
	uint32_t seconds = 0xaa;

	assert_int_equal(text_parse_seconds(row->text, &seconds), row->r);
	assert_int_equal(seconds, row->r ? 0xaa : row->seconds);
}

struct nearest_row {
	const char *sentence;
	const char *word;
	const char *nearest;
};

static const struct nearest_row nearest_rows[] = {
	{"a letter too many is found", "ageing", "aging"},
	{"two letters too many are found", "mtuuu", "mtu"},
	{"a letter that is missing at the end of a short word is found", "vn", "vni"},
	{"a letter too few is found", "agin", "aging"},
	{"a wrong letter is found", "flooo", "flood"},
	{"exchanged letters are found", "nmae", "name"},
	{"an underscore is found", "max_learned", "max-learned"},
	{"a beginning of three letters is found", "enc", "encapsulation"},
	{"a beginning of two letters says too little", "en", NULL},
	{"a beginning is found", "encap", "encapsulation"},
	{"exchanged letters are nearer than two wrong ones", "vin", "vni"},
	{"the nearest of two is found", "nam", "name"},
	{"the word itself is found", "vni", "vni"},
	{"a short stranger is near nothing", "x", NULL},
	{"a long stranger is near nothing", "colour-of-the-cable", NULL},
	{"nothing is near nothing", "", NULL},
	{"a word of unbounded length is not guessed at",
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
};

static void run_nearest(void **state)
{
	static const char *const list[] = {"name",	  "vni",	   "van",   "mtu", "flood",
					   "max-learned", "encapsulation", "aging", "",	   NULL};
	const struct nearest_row *row = *state;
	const char *nearest = text_nearest(row->word, list);

	if (row->nearest)
		assert_string_equal(nearest, row->nearest);
	else
		assert_null(nearest);
}

struct clean_row {
	const char *sentence;
	const char *text;
	const char *clean;
};

static const struct clean_row clean_rows[] = {
	{"plain text stays", "tap0: blue", "tap0: blue"},
	{"UTF-8 stays", "gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x90\x9d",
	 "gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x90\x9d"},
	{"the ends of Unicode's ranges stay",
	 "\xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
	 "\xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
	{"an overlong form of three bytes goes", "\xe0\x9f\xbf", "???"},
	{"an overlong form of four bytes goes", "\xf0\x8f\xbf\xbf", "????"},
	{"the last surrogate goes", "\xed\xbf\xbf", "???"},
	{"a line break goes", "a\nb", "a?b"},
	{"an escape sequence goes", "\x1b[31m", "?[31m"},
	{"delete goes", "a\x7f", "a?"},
	{"a control character of two bytes goes",
	 "a\xc2\x9b"
	 "b",
	 "a??b"},
	{"a character that was cut goes", "gr\xc3", "gr?"},
	{"a character of three bytes that was cut goes", "\xe2\x82", "??"},
	{"a stray continuation goes", "\x82x", "?x"},
	{"an overlong form goes", "\xc0\xaf", "??"},
	{"a surrogate goes", "\xed\xa0\x80", "???"},
	{"what is above Unicode goes", "\xf4\x90\x80\x80", "????"},
	{"bytes that are never UTF-8 go", "\xff\xfe", "??"},
};

static void run_clean(void **state)
{
	const struct clean_row *row = *state;
	char text[64];

	strcpy(text, row->text);
	text_clean(text);
	assert_string_equal(text, row->clean);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appended_text_is_cut_where_the_buffer_ends),
		cmocka_unit_test(a_buffer_of_one_byte_stays_empty),
		cmocka_unit_test(a_copy_fills_the_array_with_zeros),
	};

	return run_cases(number_rows, run_number) + run_cases(seconds_rows, run_seconds) +
	       run_cases(nearest_rows, run_nearest) + run_cases(clean_rows, run_clean) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
