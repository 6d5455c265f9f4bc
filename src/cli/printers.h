/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The printers that command.c's table points to; a noun or a few in a file.
 */
#ifndef OVERLAID_CLI_PRINTERS_H
#define OVERLAID_CLI_PRINTERS_H

#include "cli/print.h"

void print_status(const json_t *answer, const struct invocation *invocation);
void print_check(const json_t *answer, const struct invocation *invocation);
void print_segment_list(const json_t *answer, const struct invocation *invocation);
void print_segment_show(const json_t *answer, const struct invocation *invocation);
void print_port_list(const json_t *answer, const struct invocation *invocation);
void print_port_show(const json_t *answer, const struct invocation *invocation);
void print_peer_list(const json_t *answer, const struct invocation *invocation);
void print_peer_show(const json_t *answer, const struct invocation *invocation);
void print_fdb_line(const json_t *line, const struct invocation *invocation);
void print_flushed(const json_t *answer, const struct invocation *invocation);
void print_neighbor_list(const json_t *answer, const struct invocation *invocation);
void print_counters(const json_t *answer, const struct invocation *invocation);
void print_drops(const json_t *answer, const struct invocation *invocation);
void print_watch_line(const json_t *line, const struct invocation *invocation);
void print_changes(const json_t *answer, const struct invocation *invocation);
void print_saved(const json_t *answer, const struct invocation *invocation);
void print_datapath(const json_t *answer, const struct invocation *invocation);

/* Traffic as columns (`counters`) and as lines of one object. */
#define PRINT_TRAFFIC                                                                              \
	{"RX FRAMES", "traffic.rx-frames", PRINT_RIGHT},                                           \
		{"RX BYTES", "traffic.rx-bytes", PRINT_RIGHT},                                     \
		{"TX FRAMES", "traffic.tx-frames", PRINT_RIGHT},                                   \
		{"TX BYTES", "traffic.tx-bytes", PRINT_RIGHT},                                     \
		{"FLOODED", "traffic.flooded", PRINT_RIGHT},                                       \
		{"NOT LEARNED", "traffic.learn-refused", PRINT_RIGHT},                             \
		{"VIA ANCHOR", "traffic.via-anchor", PRINT_RIGHT},                                 \
	{                                                                                          \
		"SHRUNK", "traffic.shrunk", PRINT_RIGHT                                            \
	}
#define PRINT_TRAFFIC_RECORD                                                                       \
	{"rx frames", "state.traffic.rx-frames"}, {"rx bytes", "state.traffic.rx-bytes"},          \
		{"tx frames", "state.traffic.tx-frames"}, {"tx bytes", "state.traffic.tx-bytes"},  \
		{"flooded", "state.traffic.flooded"},                                              \
		{"not learned", "state.traffic.learn-refused"},                                    \
		{"via anchor", "state.traffic.via-anchor"},                                        \
	{                                                                                          \
		"shrunk", "state.traffic.shrunk"                                                   \
	}

#endif
