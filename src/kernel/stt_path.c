/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which pairs of segment and peer speak STT?  Each has an ID in the maps while
 * it exists.  An ID that has become free is given again as late as possible,
 * so that no frame on its way through the tap meets another's.
 */
#include "kernel/stt_state.h"

#include "kernel/batch.h"
#include "kernel/maps_state.h"

#include <errno.h>
#include <string.h>

static bool speaks(const struct host_peer *peer)
{
	return peer && (peer->record.kind == ENCAP_STT || peer->record.accepts & 1u << ENCAP_STT);
}

bool stt_is_wanted(const struct host *host)
{
	struct host_peer *peer, *next;

	HASH_ITER(hh, host->peers, peer, next)
		if (speaks(peer))
			return true;
	return false;
}

static int write_id(const struct host *host, const struct stt_id *id)
{
	int error = map_write(host->datapath, MAP_STT_PATHS, &id->id, &id->pair);

	return error ? error : map_write(host->datapath, MAP_STT_PATH_IDS, &id->pair, &id->id);
}

static int erase_id(const struct host *host, const struct table_stt_path *pair, uint32_t id)
{
	static const struct table_stt_path nobody = {TABLE_NO_SLOT, TABLE_NO_SLOT};
	int error = map_delete(host->datapath, MAP_STT_PATH_IDS, pair);

	return error ? error : map_write(host->datapath, MAP_STT_PATHS, &id, &nobody);
}

/* What an earlier daemon left: nobody reads the tap, so no frame is on its way through it. */
int stt_paths_clear(struct host *host)
{
	for (;;) {
		_cleanup_batch_ struct batch batch = {0};
		int error = batch_open(&batch, datapath_fd(host->datapath, MAP_STT_PATH_IDS));

		if (!error)
			error = batch_next(&batch);
		if (error <= 0)
			return error;
		error = 0;
		for (uint32_t i = 0; !error && i < batch.n; i++)
			error = erase_id(host, batch_key(&batch, i),
					 *(const uint32_t *)batch_value(&batch, i));
		if (error)
			return error;
	}
}

static struct stt_id *make_id(struct stt_ids *ids, const struct table_stt_path *pair)
{
	struct stt_id *id;

	for (uint32_t tries = 0; tries < TABLE_MAX_STT_PATHS; tries++) {
		uint32_t number = ids->next++ % TABLE_MAX_STT_PATHS;

		if (number == 0 || ids->by_id[number])
			continue;
		id = calloc(1, sizeof(*id));
		if (!id)
			return NULL;
		id->pair = *pair;
		id->id = number;
		ids->by_id[number] = id;
		HASH_ADD(hh, ids->by_pair, pair, sizeof(id->pair), id);
		return id;
	}
	return NULL;
}

static void free_id(struct stt_ids *ids, struct stt_id *id)
{
	HASH_DEL(ids->by_pair, id);
	ids->by_id[id->id] = NULL;
	free(id);
}

void stt_ids_free(struct stt_ids *ids)
{
	struct stt_id *id, *next;

	HASH_ITER(hh, ids->by_pair, id, next)
		free_id(ids, id);
}

static int want_pair(struct host *host, uint32_t segment, uint32_t peer)
{
	struct table_stt_path pair = {.segment = segment, .peer = peer};
	struct stt_ids *ids = &host->stt->ids;
	struct stt_id *id;
	int error = 0;

	HASH_FIND(hh, ids->by_pair, &pair, sizeof(pair), id);
	if (!id) {
		id = make_id(ids, &pair);
		error = id ? write_id(host, id) : -ENOSPC;
	}
	if (id)
		id->wanted = true;
	return error;
}

static int want_pairs(struct host *host)
{
	struct host_segment *segment, *next;
	int error = 0;

	HASH_ITER(hh, host->segments, segment, next)
		for (size_t i = 0; i < segment->members.n; i++) {
			uint32_t slot = segment->members.slots[i];
			int result = speaks(host_peer_by_slot(host, slot)) ?
					     want_pair(host, segment->slot, slot) :
					     0;

			error = error ? error : result;
		}
	return error;
}

static int settle_ids(struct host *host)
{
	struct stt_ids *ids = &host->stt->ids;
	struct stt_id *id, *next;
	int error;

	HASH_ITER(hh, ids->by_pair, id, next)
		id->wanted = false;
	error = want_pairs(host);
	HASH_ITER(hh, ids->by_pair, id, next) {
		if (id->wanted)
			continue;
		if (erase_id(host, &id->pair, id->id) == 0)
			free_id(ids, id);
	}
	return error;
}

static void describe(const struct host *host, const struct host_segment *segment,
		     const struct host_peer *peer, struct stt_path *ret)
{
	*ret = (struct stt_path){
		.in_use = true,
		.segment = segment->slot,
		.peer = peer->slot,
		.to =
			{
				.local = peer->record.local,
				.remote = peer->record.remote,
				.path_mtu =
					(uint16_t)(peer->path_mtu > UINT16_MAX ? UINT16_MAX :
										 peer->path_mtu),
				.port = host->underlay.stt_port,
				.vni = segment->vni,
				.family = peer->record.family,
				.ttl = host->underlay.ttl,
				.dscp = segment->record.dscp,
				.copy_dscp = segment->record.flags & SEGMENT_COPY_DSCP,
			},
	};
}

/* Under each address that the peer may send from. */
static void add_sender(struct stt_book *book, const struct host_peer *peer, uint32_t vni,
		       uint16_t path)
{
	stt_book_add_sender(book, &peer->record.remote, vni, peer->slot, path);
	for (size_t i = 0; i < peer->wanted.n_other_addresses; i++) {
		struct table_address other;

		memcpy(&other, &peer->wanted.other_addresses[i], sizeof(other));
		stt_book_add_sender(book, &other, vni, peer->slot, path);
	}
}

static void write_book(const struct host *host, struct stt_book *book)
{
	struct stt_id *id, *next;
	struct host_peer *peer, *next_peer;

	book->port = host->underlay.stt_port;
	HASH_ITER(hh, host->peers, peer, next_peer)
		if (speaks(peer))
			add_sender(book, peer, STT_ANY_VNI, 0);
	HASH_ITER(hh, host->stt->ids.by_pair, id, next) {
		const union slot_name *name =
			slots_name(datapath_slots(host->datapath), SLOT_SEGMENT, id->pair.segment);
		const struct host_segment *segment = name ? host_segment(host, name->vni) : NULL;

		peer = host_peer_by_slot(host, id->pair.peer);
		if (!segment || !peer)
			continue;
		describe(host, segment, peer, &book->paths[id->id]);
		if (peer->record.accepts & 1u << ENCAP_STT)
			add_sender(book, peer, segment->vni, (uint16_t)id->id);
	}
}

int stt_paths_settle(struct host *host, struct stt_book **ret)
{
	struct stt_ids *ids = &host->stt->ids;
	int error = settle_ids(host);
	struct stt_id *id, *next;
	uint32_t n_paths = 0;
	size_t n_senders = (HASH_COUNT(ids->by_pair) + HASH_COUNT(host->peers)) *
			   (1 + MODEL_OTHER_ADDRESSES_MAX);

	HASH_ITER(hh, ids->by_pair, id, next)
		n_paths = id->id >= n_paths ? id->id + 1 : n_paths;
	*ret = stt_book_new(n_paths, n_senders);
	if (!*ret)
		return -ENOMEM;
	write_book(host, *ret);
	return error;
}
