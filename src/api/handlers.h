/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handlers that route.c's table points to; one file per noun.
 */
#ifndef OVERLAID_API_HANDLERS_H
#define OVERLAID_API_HANDLERS_H

#include "api/request.h"

#define HANDLERS(X)                                                                                \
	X(status_show)                                                                             \
	X(check_show)                                                                              \
	X(segment_list)                                                                            \
	X(segment_show)                                                                            \
	X(segment_add)                                                                             \
	X(segment_set)                                                                             \
	X(segment_delete)                                                                          \
	X(port_list)                                                                               \
	X(port_show)                                                                               \
	X(port_add)                                                                                \
	X(port_set)                                                                                \
	X(port_delete)                                                                             \
	X(peer_list)                                                                               \
	X(peer_show)                                                                               \
	X(peer_add)                                                                                \
	X(peer_set)                                                                                \
	X(peer_delete)                                                                             \
	X(fdb_list)                                                                                \
	X(fdb_add)                                                                                 \
	X(fdb_remove)                                                                              \
	X(fdb_flush)                                                                               \
	X(neighbor_list)                                                                           \
	X(neighbor_add)                                                                            \
	X(neighbor_delete)                                                                         \
	X(counters_show)                                                                           \
	X(counters_clear)                                                                          \
	X(drops_show)                                                                              \
	X(config_apply)                                                                            \
	X(config_diff)                                                                             \
	X(config_write)                                                                            \
	X(datapath_show)                                                                           \
	X(datapath_remove)                                                                         \
	X(watch_open)

#define X(name) int name(struct request *request, struct reply *reply, struct problem *problem);
HANDLERS(X)
#undef X

#endif
