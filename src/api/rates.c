/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much moved since the last look?  Called by hub.c once a second while
 * somebody watches.  Counters that went backwards were reset and count from 0.
 */
#include "api/rates.h"

#include "api/view.h"
#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* uthash ends the process when memory is out unless it is told otherwise */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define KEY_MAX 192 /* "drop 4294967295 " and a segment's, a port's and a peer's name */

enum { RX_FRAMES, RX_BYTES, TX_FRAMES, TX_BYTES, FLOODED, N_VALUES };

struct sample {
	UT_hash_handle hh;
	char key[KEY_MAX];
	uint64_t values[N_VALUES]; /* a drop uses RX_FRAMES and RX_BYTES */
	uint64_t round;		   /* in which it was last seen */
};

struct rates {
	struct sample *samples;
	uint64_t round, usec;
	/* of the round that is under way */
	uint64_t passed_usec;
	json_t *list;
};

/* The sample with key, new and zero when there was none; NULL: no memory. */
static struct sample *sample_get(struct rates *rates, const char *key)
{
	struct sample *sample;

	HASH_FIND_STR(rates->samples, key, sample);
	if (sample)
		return sample;
	sample = calloc(1, sizeof(*sample));
	if (!sample)
		return NULL;
	request_copy_name(sample->key, sizeof(sample->key), key);
	HASH_ADD_STR(rates->samples, key, sample);
	if (sample->hh.tbl)
		return sample;
	free(sample);
	return NULL;
}

/* What was added to each value since the last round; false when nothing was. */
static bool sample_step(struct rates *rates, struct sample *sample, const uint64_t *now,
			uint64_t *grown)
{
	bool moved = false;

	for (int i = 0; i < N_VALUES; i++) {
		bool reset = now[i] < sample->values[i];

		grown[i] = reset ? now[i] : now[i] - sample->values[i];
		sample->values[i] = now[i];
		moved = moved || grown[i];
	}
	sample->round = rates->round;
	return moved;
}

static json_t *per_second(const struct rates *rates, uint64_t grown)
{
	return json_integer((json_int_t)(((__uint128_t)grown * 1000000 + rates->passed_usec / 2) /
					 rates->passed_usec));
}

static int add_traffic(struct rates *rates, const char *kind, const char *member, const char *name,
		       const struct table_traffic *traffic)
{
	const uint64_t now[N_VALUES] = {traffic->rx_frames, traffic->rx_bytes, traffic->tx_frames,
					traffic->tx_bytes, traffic->flooded};
	uint64_t grown[N_VALUES];
	struct sample *sample;
	char key[KEY_MAX];

	snprintf(key, sizeof(key), "%s %s", kind, name);
	sample = sample_get(rates, key);
	if (!sample)
		return -ENOMEM;
	if (!sample_step(rates, sample, now, grown) || !rates->list)
		return 0;
	return json_array_append_new(
		rates->list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", member, reply_text(name),
				       "rx-frames", per_second(rates, grown[RX_FRAMES]), "rx-bits",
				       per_second(rates, grown[RX_BYTES] * 8), "tx-frames",
				       per_second(rates, grown[TX_FRAMES]), "tx-bits",
				       per_second(rates, grown[TX_BYTES] * 8), "flooded",
				       per_second(rates, grown[FLOODED])));
}

static int step_ports(struct rates *rates, const struct service *service)
{
	const struct model *model = service->ops->running(service->self);
	int r = 0;

	for (size_t i = 0; i < model->n_ports && !r; i++) {
		const char *device = model->ports[i].device;
		struct port_view view = {};

		if (!service->ops->port(service->self, device, &view))
			r = add_traffic(rates, "port", "device", device, &view.traffic);
	}
	return r;
}

static int step_segments(struct rates *rates, const struct service *service)
{
	const struct model *model = service->ops->running(service->self);
	int r = 0;

	for (size_t i = 0; i < model->n_segments && !r; i++) {
		const char *name = model->segments[i].name;
		struct segment_view view = {};

		if (!service->ops->segment(service->self, name, &view))
			r = add_traffic(rates, "segment", "name", name, &view.traffic);
	}
	return r;
}

static int step_peers(struct rates *rates, const struct service *service)
{
	const struct model *model = service->ops->running(service->self);
	int r = 0;

	for (size_t i = 0; i < model->n_peers && !r; i++) {
		const struct address *address = &model->peers[i].address;
		struct peer_view view = {};
		char name[ADDRESS_TEXT_MAX];

		if (!service->ops->peer(service->self, address, &view))
			r = add_traffic(rates, "peer", "address", address_format(address, name),
					&view.traffic);
	}
	return r;
}

static int add_drop(void *arg, const struct drop_view *drop)
{
	const uint64_t now[N_VALUES] = {drop->frames, drop->bytes};
	uint64_t grown[N_VALUES];
	struct rates *rates = arg;
	struct sample *sample;
	char key[KEY_MAX], peer[ADDRESS_TEXT_MAX];
	json_t *json;

	snprintf(key, sizeof(key), "drop %u %s %s %s", drop->reason, drop->segment, drop->port,
		 address_format(&drop->peer, peer));
	sample = sample_get(rates, key);
	if (!sample)
		return -ENOMEM;
	if (!sample_step(rates, sample, now, grown) || !rates->list)
		return 0;
	json = view_drop(drop);
	json_object_set_new(json, "frames", per_second(rates, grown[RX_FRAMES]));
	json_object_set_new(json, "bits", per_second(rates, grown[RX_BYTES] * 8));
	return json_array_append_new(rates->list, json) < 0 ? -ENOMEM : 0;
}

static int step_drops(struct rates *rates, const struct service *service)
{
	return service->ops->drops_each(service->self, add_drop, rates);
}

/* Objects that are gone. */
static void forget_old(struct rates *rates)
{
	struct sample *sample, *next;

	HASH_ITER(hh, rates->samples, sample, next) {
		if (sample->round == rates->round)
			continue;
		HASH_DEL(rates->samples, sample);
		free(sample);
	}
}

static const struct {
	const char *plural;
	int (*step)(struct rates *rates, const struct service *service);
} steps[] = {
	{"ports", step_ports},
	{"segments", step_segments},
	{"peers", step_peers},
	{"drops", step_drops},
};

/* line is NULL in the first round. */
static int step_all(struct rates *rates, const struct service *service, json_t *line)
{
	int r = 0;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !r; i++) {
		rates->list = line ? json_array() : NULL;
		r = steps[i].step(rates, service);
		if (line && json_object_set_new(line, steps[i].plural, rates->list) < 0)
			r = -ENOMEM;
	}
	rates->list = NULL;
	return r;
}

int rates_step(struct rates **rates, const struct service *service, uint64_t now_usec, json_t **ret)
{
	_cleanup_json_ json_t *line = NULL;
	int r;

	if (!*rates) {
		*rates = calloc(1, sizeof(**rates));
		if (!*rates)
			return -ENOMEM;
	} else {
		(*rates)->passed_usec = now_usec > (*rates)->usec ? now_usec - (*rates)->usec : 1;
		line = json_pack("{s:f}", "seconds", (double)(*rates)->passed_usec / 1e6);
		if (!line)
			return -ENOMEM;
	}
	(*rates)->usec = now_usec;
	(*rates)->round++;
	r = step_all(*rates, service, line);
	if (r < 0)
		return r;
	forget_old(*rates);
	*ret = TAKE_PTR(line);
	return 0;
}

void rates_free(struct rates *rates)
{
	struct sample *sample, *next;

	if (!rates)
		return;
	HASH_ITER(hh, rates->samples, sample, next) {
		HASH_DEL(rates->samples, sample);
		free(sample);
	}
	free(rates);
}
