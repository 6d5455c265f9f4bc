/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does the datapath learn, and when is it forgotten?  Passes its events
 * on to whoever watches, and ages the FDB in small steps.
 */
#ifndef OVERLAID_CONTROL_LEARNING_H
#define OVERLAID_CONTROL_LEARNING_H

struct control;
struct learning;

/* 0 or -errno.  Begins at once. */
int learning_open(struct control *control, struct learning **ret);
/* The aging times of segments have changed. */
void learning_reschedule(struct learning *learning);
/* Takes NULL. */
void learning_close(struct learning *learning);

#endif
