/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is a list of a million FDB entries sent?  As a snapshot of 24 bytes an
 * entry, taken in one walk and written as JSON piece by piece, as fast as the
 * client reads.
 */
#ifndef OVERLAID_API_FDB_STREAM_H
#define OVERLAID_API_FDB_STREAM_H

#include "api/request.h"

/* PROBLEM_BUSY when the snapshot would exceed the service's budget. */
int fdb_stream_open(struct service *service, const struct fdb_filter *filter, struct stream **ret,
		    struct problem *problem);

#endif
