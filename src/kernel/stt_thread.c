/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One thread per queue of the tap: reads what the datapath hands over, and
 * writes back what it has become.  Knows no more of the host than the book.
 */
#include "kernel/stt_state.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "kernel/fdb.h"
#include "stt/open.h"
#include "stt/path_tag.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/uio.h>

#define FRAMES_MAX	    1024u
#define FRAMES_PER_PEER_MAX 128u
#define TIMEOUT_NS	    1000000000ull
#define EXPIRE_MS	    250
#define BATCH		    64 /* packets, before the book may be exchanged */

static void count(struct stt_thread *thread, enum drop_reason reason, uint32_t segment,
		  uint32_t peer, size_t bytes)
{
	const struct table_drop_key key = {
		.reason = reason, .segment = segment, .port = TABLE_NO_SLOT, .peer = peer};

	stt_drop(thread->stt, &key, bytes);
}

static uint32_t peer_of(const struct stt_thread *thread, const struct table_address *source)
{
	const struct stt_sender_entry *entry = stt_book_sender(thread->book, source, STT_ANY_VNI);

	return entry ? entry->peer : TABLE_NO_SLOT;
}

static bool write_packet(const struct stt_thread *thread, const struct stt_span *span,
			 struct virtio_net_hdr *vnet)
{
	struct iovec parts[] = {{vnet, sizeof(*vnet)}, {span->at, span->n}};
	ssize_t n;

	do
		n = writev(thread->queue, parts, 2);
	while (n < 0 && errno == EINTR);
	return n >= 0;
}

/* A frame on its way to a peer. */
static void send_frame(struct stt_thread *thread, struct stt_span *frame,
		       struct virtio_net_hdr *vnet, uint16_t id)
{
	const struct stt_path *path = id < thread->book->n_paths ? &thread->book->paths[id] : NULL;
	enum drop_reason reason;
	size_t bytes = frame->n;

	if (!path || !path->in_use) {
		count(thread, DROP_PEER_UNREACHABLE, TABLE_NO_SLOT, TABLE_NO_SLOT, bytes);
		return;
	}
	reason = stt_build(&path->to, &thread->sender, frame, vnet);
	if (!reason && !write_packet(thread, frame, vnet))
		reason = DROP_SEND_FAILED;
	if (reason)
		count(thread, reason, path->segment, path->peer, bytes);
}

/* What a lost frame's sender is: the table is locked, the book read-locked. */
static void note_loss(void *arg, enum drop_reason reason, const struct table_address *source,
		      uint32_t bytes)
{
	const struct stt *stt = arg;
	const struct stt_sender_entry *entry = stt_book_sender(stt->book, source, STT_ANY_VNI);
	const struct table_drop_key key = {.reason = reason,
					   .segment = TABLE_NO_SLOT,
					   .port = TABLE_NO_SLOT,
					   .peer = entry ? entry->peer : TABLE_NO_SLOT};

	stt_drop(arg, &key, bytes);
}

static void deliver(struct stt_thread *thread, struct stt_span *frame, uint8_t ecn,
		    const struct table_address *source)
{
	const struct stt_sender_entry *entry;
	struct virtio_net_hdr vnet;
	enum drop_reason reason;
	size_t bytes = frame->n;
	uint32_t segment;
	uint64_t context;

	reason = stt_open(frame, ecn, &vnet, &context);
	/* none has the upper bits, and no VNI has more than 24 */
	entry = context < STT_ANY_VNI ? stt_book_sender(thread->book, source, (uint32_t)context) :
					NULL;
	segment = entry ? thread->book->paths[entry->path].segment : TABLE_NO_SLOT;
	if (!reason && !entry)
		reason = DROP_UNKNOWN_VNI;
	if (!reason) {
		stt_path_put(frame, &vnet, entry->path);
		if (!write_packet(thread, frame, &vnet))
			reason = DROP_SEND_FAILED;
	}
	if (reason)
		count(thread, reason, segment, peer_of(thread, source), bytes);
}

/* A packet from the underlay. */
static void receive_packet(struct stt_thread *thread, const struct stt_span *packet,
			   const struct virtio_net_hdr *vnet)
{
	struct stt *stt = thread->stt;
	struct stt_segment segment;
	struct stt_span frame = {0};
	enum drop_reason reason = stt_parse(packet, vnet, thread->book->port, &segment);
	uint8_t ecn = segment.ecn;

	if (!reason && peer_of(thread, &segment.source) == TABLE_NO_SLOT)
		reason = DROP_UNKNOWN_PEER;
	if (!reason && segment.payload.n == segment.length) {
		frame = segment.payload;
	} else if (!reason) {
		pthread_mutex_lock(&stt->reassembly_lock);
		reason = stt_reassembly_add(stt->reassembly, &segment, fdb_now_ns(),
					    &thread->buffer, &frame, &ecn);
		pthread_mutex_unlock(&stt->reassembly_lock);
	}
	if (reason)
		count(thread, reason, TABLE_NO_SLOT, peer_of(thread, &segment.source), packet->n);
	else if (frame.n)
		deliver(thread, &frame, ecn, &segment.source);
}

/* Returns whether there was something to read; -errno when the queue is gone. */
static int read_one(struct stt_thread *thread)
{
	struct virtio_net_hdr vnet;
	struct stt_span span = {.at = thread->buffer + STT_HEADROOM};
	struct iovec parts[] = {{&vnet, sizeof(vnet)}, {span.at, STT_BUFFER_BYTES - STT_HEADROOM}};
	ssize_t n = readv(thread->queue, parts, 2);
	uint16_t path;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if ((size_t)n < sizeof(vnet))
		return -EIO;
	span.n = (size_t)n - sizeof(vnet);
	path = stt_path_take(&span, &vnet);
	if (path)
		send_frame(thread, &span, &vnet, path);
	else
		receive_packet(thread, &span, &vnet);
	return 1;
}

static int read_batch(struct stt_thread *thread)
{
	int r = 1;

	pthread_rwlock_rdlock(&thread->stt->book_lock);
	thread->book = thread->stt->book;
	for (int i = 0; r > 0 && i < BATCH; i++)
		r = read_one(thread);
	thread->book = NULL;
	pthread_rwlock_unlock(&thread->stt->book_lock);
	return r;
}

/* Returns whether any frame still waits for its segments. */
static bool expire(struct stt *stt)
{
	bool any;

	pthread_rwlock_rdlock(&stt->book_lock);
	pthread_mutex_lock(&stt->reassembly_lock);
	stt_reassembly_expire(stt->reassembly, fdb_now_ns());
	any = stt_reassembly_count(stt->reassembly);
	pthread_mutex_unlock(&stt->reassembly_lock);
	pthread_rwlock_unlock(&stt->book_lock);
	return any;
}

static void *run(void *arg)
{
	struct stt_thread *thread = arg;
	struct pollfd wait[] = {{.fd = thread->stt->stop, .events = POLLIN},
				{.fd = thread->queue, .events = POLLIN}};
	int r = 0;

	for (;;) {
		int timeout = expire(thread->stt) ? EXPIRE_MS : -1;

		/* a device that somebody deleted: the event loop makes another one */
		if (poll(wait, r < 0 ? 1 : 2, timeout) < 0 && errno != EINTR)
			return NULL;
		if (wait[0].revents)
			return NULL;
		do
			r = r < 0 ? r : read_batch(thread);
		while (r > 0);
	}
}

/* Where the kernel has none to give, frames are put together all the same. */
static uint64_t random_word(void)
{
	uint64_t word = 0;

	if (getrandom(&word, sizeof(word), GRND_NONBLOCK) < 0)
		log_debug("no random numbers: %s", strerror(errno));
	return word;
}

static int make_reassembly(struct stt *stt, size_t n_threads)
{
	struct stt_limits limits = {
		.frames = FRAMES_MAX,
		.frames_per_peer = FRAMES_PER_PEER_MAX,
		.timeout_ns = TIMEOUT_NS,
		.buffers = (uint32_t)n_threads,
	};

	limits.seed = random_word();
	return stt_reassembly_new(&limits, note_loss, stt, &stt->reassembly);
}

/* Signals are the event loop's. */
static int create(struct stt_thread *thread)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread->thread, NULL, run, thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	thread->runs = !error;
	return -error;
}

int stt_threads_start(struct stt *stt, const int *queues, size_t n)
{
	int error = make_reassembly(stt, n);

	stt->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!error && stt->stop < 0)
		error = -errno;
	for (size_t i = 0; i < n; i++) {
		struct stt_thread *thread = &stt->threads[i];

		*thread = (struct stt_thread){.stt = stt, .queue = queues[i]};
		/* not those of before a restart, nor those of another thread */
		thread->sender = (struct stt_sender){
			.frame_id =
				((uint32_t)random_word() & ~(STT_QUEUES_MAX - 1u)) | (uint32_t)i,
			.frame_id_step = STT_QUEUES_MAX,
		};
		thread->buffer = error ? NULL : stt_buffer_take(stt->reassembly);
	}
	stt->n_threads = n;
	for (size_t i = 0; !error && i < n; i++)
		error = create(&stt->threads[i]);
	if (error)
		stt_threads_stop(stt);
	return error;
}

void stt_threads_stop(struct stt *stt)
{
	if (stt->stop >= 0)
		(void)eventfd_write(stt->stop, 1);
	for (size_t i = 0; i < stt->n_threads; i++) {
		struct stt_thread *thread = &stt->threads[i];

		if (thread->runs)
			pthread_join(thread->thread, NULL);
		cleanup_close(&thread->queue);
		*thread = (struct stt_thread){.queue = -1};
	}
	stt->n_threads = 0;
	cleanup_close(&stt->stop);
	stt->stop = -1;
	stt_reassembly_free(stt->reassembly);
	stt->reassembly = NULL;
}
