/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where does the destination live?
 *
 * Ends in: the path of one receiver, FLOOD for everybody's and nobody's
 * frames, or a drop.
 */
#ifndef OVERLAID_DATAPATH_STEP_FIND_PATH_H
#define OVERLAID_DATAPATH_STEP_FIND_PATH_H

#include "datapath/step/parse.h"

#define FLOOD (-4) /* a verdict between find_path and flood */

__step verdict find_path(struct packet *packet)
{
	struct table_fdb_key key = {.vni = packet->segment->vni};
	const struct table_fdb *entry;

	if (is_group(packet->macs))
		return FLOOD;
	__builtin_memcpy(key.mac, packet->macs, ETH_ALEN);
	entry = bpf_map_lookup_elem(&fdb, &key);
	if (!entry)
		return packet->segment->flags & SEGMENT_FLOOD_UNKNOWN ? FLOOD :
									DROP_UNKNOWN_UNICAST;
	packet->path_kind = entry->path_kind;
	packet->path = entry->path;
	if (packet->path_kind == PATH_PEER && packet->peer_in != TABLE_NO_SLOT)
		return DROP_SPLIT_HORIZON;
	if (packet->path_kind == PATH_PORT && packet->path == packet->port_in)
		return DROP_SAME_PORT;
	return NEXT;
}

#endif
