/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which rights does the daemon have, and which does it keep?
 */
#ifndef OVERLAID_DAEMON_PRIVILEGE_H
#define OVERLAID_DAEMON_PRIVILEGE_H

struct problem;

/* A clear message when the rights that are needed are missing. */
int privilege_check(struct problem *problem);
/*
 * After everything that needs more is done: keeps CAP_NET_ADMIN, CAP_NET_RAW,
 * CAP_BPF and CAP_PERFMON, for this process and whatever it may execute.
 */
int privilege_drop(struct problem *problem);
/* As many descriptors as allowed: one for each map, hook and client. */
void privilege_raise_files(void);

#endif
