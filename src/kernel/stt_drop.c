/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What STT's threads dropped, in a map of its own beside the datapath's, so
 * that it outlives the daemon as those do.
 */
#include "kernel/stt_state.h"

#include <bpf/bpf.h>

void stt_drop(struct stt *stt, const struct table_drop_key *key, uint64_t bytes)
{
	struct table_drop_key total = {.reason = key->reason,
				       .segment = TABLE_NO_SLOT,
				       .port = TABLE_NO_SLOT,
				       .peer = TABLE_NO_SLOT};
	struct table_drop drop = {0};

	pthread_mutex_lock(&stt->drops_lock);
	(void)bpf_map_lookup_elem(stt->drops, key, &drop);
	drop.frames++;
	drop.bytes += bytes;
	if (bpf_map_update_elem(stt->drops, key, &drop, BPF_ANY)) {
		/* the table is full: then by reason alone */
		drop = (struct table_drop){0};
		(void)bpf_map_lookup_elem(stt->drops, &total, &drop);
		drop.frames++;
		drop.bytes += bytes;
		(void)bpf_map_update_elem(stt->drops, &total, &drop, BPF_ANY);
	}
	pthread_mutex_unlock(&stt->drops_lock);
}
