/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which word of a list was meant?  Called for objects, verbs and keys.
 */
#include "cli/words.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

static void list_candidates(const char *const *list, const char *word, size_t length,
			    char *candidates, size_t size)
{
	struct text text = text_into(candidates, size);

	for (; *list; list++)
		if (!strncmp(*list, word, length))
			text_append(&text, "%s%s", text.length ? ", " : "", *list);
}

int words_match(const char *const *list, const char *word, char *candidates, size_t size)
{
	size_t length = strlen(word);
	int found = -ENOENT;

	for (int i = 0; list[i] && length; i++) {
		if (!strcmp(list[i], word))
			return i;
		if (strncmp(list[i], word, length))
			continue;
		found = found == -ENOENT ? i : -EEXIST;
	}
	if (found < 0)
		list_candidates(list, word, found == -EEXIST ? length : 0, candidates, size);
	return found;
}
