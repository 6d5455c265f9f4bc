/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of STT share; nobody else includes it.
 */
#ifndef OVERLAID_KERNEL_STT_STATE_H
#define OVERLAID_KERNEL_STT_STATE_H

#include "kernel/stt.h"
#include "stt/build.h"
#include "stt/reassembly.h"

#include <pthread.h>

#define STT_QUEUES_MAX 8

/* One pair of segment and peer, as the threads need it. */
struct stt_path {
	bool in_use;
	uint32_t segment, peer; /* slots */
	struct stt_target to;
};

/* For received packets: who is it, and by VNI, which path?  ANY_VNI: the peer alone. */
struct stt_sender_entry {
	struct table_address address;
	uint32_t vni;
	uint32_t peer;
	uint16_t path; /* 0: the entry is empty, or of a peer alone */
	bool in_use;
};
#define STT_ANY_VNI 0xffffffffu

/* Never changes once the threads have it. */
struct stt_book {
	uint16_t port;
	uint32_t n_paths; /* one above the largest ID */
	struct stt_path *paths;
	uint32_t mask;
	struct stt_sender_entry *senders;
};

struct stt_id {
	struct table_stt_path pair;
	uint32_t id;
	bool wanted;
	UT_hash_handle hh;
};

struct stt_ids {
	struct stt_id *by_pair;
	struct stt_id *by_id[TABLE_MAX_STT_PATHS];
	uint32_t next;
};

struct stt;

struct stt_thread {
	struct stt *stt;
	pthread_t thread;
	bool runs;
	int queue; /* of the tap */
	uint8_t *buffer;
	struct stt_sender sender;
	const struct stt_book *book; /* while it is read-locked */
};

struct stt {
	struct host_device device; /* birth: the link that is ready for use */
	char complaint[256];
	bool maps_are_clean;
	struct stt_ids ids;

	struct stt_thread threads[STT_QUEUES_MAX];
	size_t n_threads;
	int stop; /* eventfd */

	pthread_rwlock_t book_lock;
	struct stt_book *book;
	pthread_mutex_t reassembly_lock;
	struct stt_reassembly *reassembly;
	pthread_mutex_t drops_lock;
	int drops; /* descriptor of the map of this datapath; borrowed */
};

/* stt_tap.c: queues[n] are opened; 0 or -errno with stt->complaint. */
int stt_tap_open(struct host *host, int *queues, size_t n);
int stt_tap_delete(struct host *host);

/* stt_path.c: IDs of all pairs in the maps, and the book about them.  0 or -errno. */
int stt_paths_settle(struct host *host, struct stt_book **ret);
int stt_paths_clear(struct host *host);
void stt_ids_free(struct stt_ids *ids);

/* stt_book.c */
struct stt_book *stt_book_new(uint32_t n_paths, size_t n_senders);
void stt_book_free(struct stt_book *book);
void stt_book_add_sender(struct stt_book *book, const struct table_address *address, uint32_t vni,
			 uint32_t peer, uint16_t path);
/* NULL: nobody we know. */
const struct stt_sender_entry *stt_book_sender(const struct stt_book *book,
					       const struct table_address *address, uint32_t vni);

/* stt_thread.c */
int stt_threads_start(struct stt *stt, const int *queues, size_t n);
void stt_threads_stop(struct stt *stt);

/* stt_drop.c */
void stt_drop(struct stt *stt, const struct table_drop_key *key, uint64_t bytes);

#endif
