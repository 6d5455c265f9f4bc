/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A switch that is nothing but a model in memory, for tests and the fuzzer of
 * the API.  Its numbers are made up from names, so that tests can foresee them.
 */
#ifndef OVERLAID_TESTS_API_FAKE_SWITCH_H
#define OVERLAID_TESTS_API_FAKE_SWITCH_H

#include "model/switch.h"

#include <stdint.h>

#define FAKE_CONFIG_FILE "/etc/overlaid/overlaid.yaml"
#define FAKE_LEARNED_MAX 16

struct fake_switch {
	struct model running, declared;
	struct fdb_view learned[FAKE_LEARNED_MAX];
	size_t n_learned;
	uint32_t n_generated; /* further learned entries, made up while they are listed */
	uint64_t frames;      /* of every counter */
	uint64_t drops;	      /* of every drop */
	int changes, saves, resets, unloads;
	bool refuse_change;    /* the kernel says no */
	bool finding_is_error; /* and not a warning */
	bool finding_is_note;
	event_listener listener;
	void *listener_arg;
	void (*on_unload)(void *arg);
	void *on_unload_arg;
};

extern const struct switch_ops fake_switch_ops;

/* Segments blue (5001) and red (5002), three peers, two ports, one static FDB entry. */
struct fake_switch *fake_switch_new(void);
void fake_switch_free(struct fake_switch *fake);
/* What the datapath would report; ignored while nobody listens. */
void fake_switch_emit(struct fake_switch *fake, enum event_kind kind);

#endif
