/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which complaints has the log heard of already?
 */
#include "control/finding_log.h"

#include "base/log.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct finding_entry {
	struct finding finding;
	unsigned int round; /* the last one in which it was true */
	UT_hash_handle hh;
};

void finding_log_begin(struct finding_log *log)
{
	log->round++;
}

/* Zeroes behind the texts, so that the whole struct is the key. */
static void make_key(const struct finding *finding, struct finding *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->level = finding->level;
	(void)text_copy(ret->field, sizeof(ret->field), finding->field);
	(void)text_copy(ret->message, sizeof(ret->message), finding->message);
}

static enum log_level level_of(const struct finding *finding)
{
	return finding->level == FINDING_ERROR	 ? LOG_LEVEL_ERROR :
	       finding->level == FINDING_WARNING ? LOG_LEVEL_WARNING :
						   LOG_LEVEL_INFO;
}

int finding_log_note(void *arg, const struct finding *finding)
{
	struct finding_log *log = arg;
	struct finding_entry *entry;
	struct finding key;

	make_key(finding, &key);
	HASH_FIND(hh, log->entries, &key, sizeof(key), entry);
	if (!entry) {
		log_write(level_of(finding), "%s: %s", finding->field, finding->message);
		entry = calloc(1, sizeof(*entry));
		if (!entry)
			return 0;
		entry->finding = key;
		HASH_ADD(hh, log->entries, finding, sizeof(entry->finding), entry);
	}
	entry->round = log->round;
	return 0;
}

void finding_log_end(struct finding_log *log)
{
	struct finding_entry *entry, *next;

	HASH_ITER(hh, log->entries, entry, next) {
		if (entry->round == log->round)
			continue;
		log_info("no longer: %s: %s", entry->finding.field, entry->finding.message);
		HASH_DEL(log->entries, entry);
		free(entry);
	}
}

void finding_log_clear(struct finding_log *log)
{
	struct finding_entry *entry, *next;

	HASH_ITER(hh, log->entries, entry, next) {
		HASH_DEL(log->entries, entry);
		free(entry);
	}
}
