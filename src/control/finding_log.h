/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which complaints has the log heard of already?  Each is written once when it
 * becomes true and once when it ends.
 */
#ifndef OVERLAID_CONTROL_FINDING_LOG_H
#define OVERLAID_CONTROL_FINDING_LOG_H

#include "model/switch.h"

struct finding_entry;

/* Zeroed is empty. */
struct finding_log {
	struct finding_entry *entries;
	unsigned int round;
};

/* finding_log_begin, finding_log_note for all that are true now, finding_log_end. */
void finding_log_begin(struct finding_log *log);
/* A finding_visit; arg is the struct finding_log. */
int finding_log_note(void *arg, const struct finding *finding);
void finding_log_end(struct finding_log *log);
void finding_log_clear(struct finding_log *log);

#endif
