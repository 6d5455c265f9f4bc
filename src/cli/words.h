/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which word of a list was meant?  Words may be shortened as long as only one
 * fits, as in ip(8).
 */
#ifndef OVERLAID_CLI_WORDS_H
#define OVERLAID_CLI_WORDS_H

#include <stddef.h>

/*
 * The place of `word` in the NULL-terminated list.  -ENOENT: nothing fits,
 * -EEXIST: several do; candidates then has them (all, or those that fit),
 * separated by ", ".
 */
int words_match(const char *const *list, const char *word, char *candidates, size_t size);

#endif
