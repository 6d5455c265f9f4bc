/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What do words mean?  Shortening, names, pairs, and what is said about words
 * that mean nothing.
 */
#include "cli/command.h"
#include "cli/words.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define WORDS_MAX 24

static char copy[512];

/* Parses words that are separated by spaces. */
static int parse(const char *line, struct invocation *ret, char *message, size_t size)
{
	char *words[WORDS_MAX], *rest = copy, *word;
	int n = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&rest, " ")))
		if (*word && n < WORDS_MAX)
			words[n++] = word;
	return invocation_parse(n, words, /* dry_run= */ false, ret, message, size);
}

static const struct {
	const char *line, *object, *verb, *name;
} understood[] = {
	{"status", "status", "", NULL},
	{"st", "status", "", NULL},
	{"segment list", "segment", "list", NULL},
	{"segment", "segment", "list", NULL},
	{"seg sh blue", "segment", "show", "blue"},
	{"se l", "segment", "list", NULL},
	/* a name is a name, also when it is a verb */
	{"segment show list", "segment", "show", "list"},
	{"po set tap0 segment red", "port", "set", "tap0"},
	{"pe d 192.0.2.2", "peer", "del", "192.0.2.2"},
	{"fdb", "fdb", "list", NULL},
	{"f fl", "fdb", "flush", NULL},
	{"counters", "counters", "", NULL},
	{"counters reset", "counters", "reset", NULL},
	{"c", NULL, NULL, NULL},
	{"co r", "counters", "reset", NULL},
	{"counters port tap0", "counters", "", NULL},
	{"apply a.yaml", "apply", "", "a.yaml"},
	{"diff", "diff", "", NULL},
	{"diff a.yaml", "diff", "", "a.yaml"},
	{"dat", "datapath", "show", NULL},
	{"datapath unl", "datapath", "unload", NULL},
};

static void words_may_be_shortened_while_only_one_fits(void **state)
{
	for (size_t i = 0; i < sizeof(understood) / sizeof(understood[0]); i++) {
		struct invocation invocation;
		char message[256] = "";
		int r = parse(understood[i].line, &invocation, message, sizeof(message));

		if (!understood[i].object) {
			assert_int_equal(r, -EINVAL);
			continue;
		}
		if (r)
			fail_msg("%s: %s", understood[i].line, message);
		assert_string_equal(invocation.command->object, understood[i].object);
		assert_string_equal(invocation.command->verb, understood[i].verb);
		if (understood[i].name)
			assert_string_equal(invocation.name, understood[i].name);
		else
			assert_null(invocation.name);
	}
}

static const struct {
	const char *line, *message;
} refused[] = {
	{"", "what? `overlayctl help` lists the commands"},
	{"s", "s could mean status, segment, save"},
	{"port s tap0", "s could mean show, set"},
	{"segmnt", "segmnt is not a command; there are status, segment, port, peer, fdb, neighbor, "
		   "counters, drops, watch, apply, diff, save, check, datapath, help"},
	{"neighbor show", "show is not a verb here; there are list, add, del"},
	{"segment show", "a name is missing; write `overlayctl segment show NAME`"},
	{"segment show blue red", "too many words; write `overlayctl segment show NAME`"},
	{"segment add blue",
	 "vni is missing; write `overlayctl segment add NAME vni NUMBER [KEY VALUE ...]`"},
	{"segment set blue",
	 "nothing to change; write `overlayctl segment set NAME [KEY VALUE ...]`"},
	{"segment set blue mtu", "mtu needs a value: BYTES"},
	{"segment set blue mtu 1400 mtu 1500", "mtu is given twice"},
	{"segment set blue m 1400", "m could mean mtu, max-learned"},
	{"fdb list vlan 5", "vlan is not a word here; there are segment, port, peer, mac"},
	{"fdb list p tap0", "p could mean port, peer"},
	{"fdb add segment blue peer 192.0.2.2",
	 "mac is missing; write `overlayctl fdb add segment SEGMENT mac MAC [KEY VALUE ...]`"},
	{"status now", "too many words; write `overlayctl status`"},
	{"apply", "a name is missing; write `overlayctl apply FILE [--dry-run]`"},
};

static void what_is_not_understood_is_answered_with_what_to_write(void **state)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct invocation invocation;
		char message[512] = "";

		assert_int_equal(parse(refused[i].line, &invocation, message, sizeof(message)),
				 -EINVAL);
		assert_string_equal(message, refused[i].message);
	}
}

static void keys_are_completed_and_unknown_ones_are_left_to_the_daemon(void **state)
{
	struct invocation invocation;
	char message[256];

	assert_int_equal(parse("segment add blue vn 7 fl none colour red", &invocation, message,
			       sizeof(message)),
			 0);
	assert_int_equal(invocation.n_pairs, 3);
	assert_string_equal(invocation_value(&invocation, "vni"), "7");
	assert_string_equal(invocation_value(&invocation, "flood"), "none");
	assert_string_equal(invocation_value(&invocation, "colour"), "red");
	assert_null(invocation.keys[2]);
	assert_null(invocation_value(&invocation, "mtu"));
}

static void a_dry_run_belongs_to_apply(void **state)
{
	char word_apply[] = "apply", word_file[] = "a.yaml", word_save[] = "save";
	char *apply[] = {word_apply, word_file}, *save[] = {word_save};
	struct invocation invocation;
	char message[256];

	assert_int_equal(invocation_parse(2, apply, true, &invocation, message, sizeof(message)),
			 0);
	assert_true(invocation.dry_run);
	assert_int_equal(invocation_parse(1, save, true, &invocation, message, sizeof(message)),
			 -EINVAL);
	assert_string_equal(message, "--dry-run belongs to `apply`");
}

static void too_many_pairs_are_refused(void **state)
{
	char line[512] = "segment set blue", *end = line + strlen(line), *rest = line, *word;
	char *words[3 + 2 * (COMMAND_KEYS_MAX + 1)];
	struct invocation invocation;
	char message[256];
	int n = 0;

	for (int i = 0; i <= COMMAND_KEYS_MAX; i++)
		end += sprintf(end, " k%d v", i);
	while ((word = strsep(&rest, " ")))
		words[n++] = word;
	assert_int_equal(
		invocation_parse(n - 2, words, false, &invocation, message, sizeof(message)), 0);
	assert_int_equal(invocation_parse(n, words, false, &invocation, message, sizeof(message)),
			 -EINVAL);
	assert_string_equal(message, "too many words");
}

static void an_exact_word_wins_over_longer_ones(void **state)
{
	static const char *const list[] = {"port", "ports", "peer", NULL};
	char candidates[64];

	assert_int_equal(words_match(list, "port", candidates, sizeof(candidates)), 0);
	assert_int_equal(words_match(list, "ports", candidates, sizeof(candidates)), 1);
	assert_int_equal(words_match(list, "pe", candidates, sizeof(candidates)), 2);
	assert_int_equal(words_match(list, "p", candidates, sizeof(candidates)), -EEXIST);
	assert_string_equal(candidates, "port, ports, peer");
	assert_int_equal(words_match(list, "", candidates, sizeof(candidates)), -ENOENT);
	assert_int_equal(words_match(list, "portss", candidates, sizeof(candidates)), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_may_be_shortened_while_only_one_fits),
		cmocka_unit_test(what_is_not_understood_is_answered_with_what_to_write),
		cmocka_unit_test(keys_are_completed_and_unknown_ones_are_left_to_the_daemon),
		cmocka_unit_test(a_dry_run_belongs_to_apply),
		cmocka_unit_test(too_many_pairs_are_refused),
		cmocka_unit_test(an_exact_word_wins_over_longer_ones),
	};

	return cmocka_run_group_tests_name("words of overlayctl", tests, NULL, NULL);
}
