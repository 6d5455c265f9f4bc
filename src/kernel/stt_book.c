/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the threads look up per packet.  Open addressing: the book is written
 * once, with room to spare.
 */
#include "kernel/stt_state.h"

#include <stdlib.h>
#include <string.h>

#define HASH_FACTOR 0x9e3779b97f4a7c15ull /* 2^64 by the golden ratio */

struct stt_book *stt_book_new(uint32_t n_paths, size_t n_senders)
{
	struct stt_book *book = calloc(1, sizeof(*book));
	uint32_t n = 4;

	if (!book)
		return NULL;
	while (n < 2 * n_senders)
		n *= 2;
	book->mask = n - 1;
	book->n_paths = n_paths;
	book->paths = calloc(n_paths ? n_paths : 1, sizeof(*book->paths));
	book->senders = calloc(n, sizeof(*book->senders));
	if (book->paths && book->senders)
		return book;
	stt_book_free(book);
	return NULL;
}

void stt_book_free(struct stt_book *book)
{
	if (!book)
		return;
	free(book->paths);
	free(book->senders);
	free(book);
}

/* The entry, or the empty one where it would be. */
static struct stt_sender_entry *find(const struct stt_book *book,
				     const struct table_address *address, uint32_t vni)
{
	uint64_t words[2], hash;

	memcpy(words, address, sizeof(words));
	hash = ((words[0] ^ words[1] * HASH_FACTOR) + vni) * HASH_FACTOR;
	for (uint32_t i = (uint32_t)(hash >> 32);; i++) {
		struct stt_sender_entry *entry = &book->senders[i & book->mask];

		if (!entry->in_use ||
		    (entry->vni == vni && memcmp(&entry->address, address, sizeof(*address)) == 0))
			return entry;
	}
}

void stt_book_add_sender(struct stt_book *book, const struct table_address *address, uint32_t vni,
			 uint32_t peer, uint16_t path)
{
	*find(book, address, vni) = (struct stt_sender_entry){
		.address = *address, .vni = vni, .peer = peer, .path = path, .in_use = true};
}

const struct stt_sender_entry *stt_book_sender(const struct stt_book *book,
					       const struct table_address *address, uint32_t vni)
{
	const struct stt_sender_entry *entry = find(book, address, vni);

	return entry->in_use ? entry : NULL;
}
