/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of our programs runs on which device?  TCX links, pinned, first in the
 * chain: no filter of the host may see, drop or rewrite a frame of an overlay
 * before the switch has; what is not ours goes on to them.  Kernels before 6.6
 * have no TCX: clsact and a filter with a fixed priority and handle.
 *
 * Devices are of the network namespace that the caller is in.
 */
#ifndef OVERLAID_KERNEL_ATTACH_H
#define OVERLAID_KERNEL_ATTACH_H

#include "kernel/datapath.h"

/*
 * 0 also when it runs there already (before datapath_take_over perhaps an older
 * program, which that call replaces).  A pin that a vanished device left behind
 * under this ifindex is replaced.  -ENODEV: no such device.
 */
int attach_program(struct datapath *dp, enum datapath_program program, uint32_t ifindex);

/* 0 also when it was not there or the device is gone. */
int attach_remove(struct datapath *dp, enum datapath_program program, uint32_t ifindex);

bool attach_is_present(const struct datapath *dp, enum datapath_program program, uint32_t ifindex);

/*
 * Every hook that carries a program of ours, also of an earlier daemon.  The
 * visitor may remove the hook it is shown.  Returns what the visitor did when
 * that is not 0.
 */
typedef int (*attach_visit)(void *arg, enum datapath_program program, uint32_t ifindex);
int attach_each(struct datapath *dp, attach_visit visit, void *arg);

/*
 * Removes what devices left behind that vanished without a daemon to see it;
 * returns how many pins, or -errno.
 */
int attach_clean(struct datapath *dp);

#endif
