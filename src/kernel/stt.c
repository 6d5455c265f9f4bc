/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When is STT there?  While a peer speaks it.  Tap, IDs, book, threads, and
 * then the datapath is told of the tap; the other way round at the end.
 */
#include "kernel/stt_state.h"

#include "base/log.h"
#include "kernel/apply_object.h"
#include "kernel/attach.h"
#include "kernel/datapath_state.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static struct stt *make(void)
{
	struct stt *stt = calloc(1, sizeof(*stt));
	pthread_rwlockattr_t attributes;

	if (!stt)
		return NULL;
	stt->stop = -1;
	/* threads that are always busy must not keep the event loop from publishing */
	pthread_rwlockattr_init(&attributes);
	pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&stt->book_lock, &attributes);
	pthread_rwlockattr_destroy(&attributes);
	pthread_mutex_init(&stt->reassembly_lock, NULL);
	pthread_mutex_init(&stt->drops_lock, NULL);
	return stt;
}

static void stop(struct stt *stt)
{
	stt_threads_stop(stt);
	stt->device.ifindex = 0;
	stt->device.birth = 0;
}

void stt_close(struct host *host)
{
	struct stt *stt = host->stt;

	if (!stt)
		return;
	stop(stt);
	stt_ids_free(&stt->ids);
	stt_book_free(stt->book);
	pthread_rwlock_destroy(&stt->book_lock);
	pthread_mutex_destroy(&stt->reassembly_lock);
	pthread_mutex_destroy(&stt->drops_lock);
	free(stt);
	host->stt = NULL;
}

int stt_remove(struct host *host)
{
	stt_close(host);
	return stt_tap_delete(host);
}

/* Before the first stt_settle: of the tap that an earlier daemon left, which goes on. */
uint32_t stt_ifindex(const struct host *host)
{
	const struct link *link = link_by_name(&host->links, STT_DEVICE);

	if (host->stt)
		return host->stt->device.ifindex;
	return link && strcmp(link->kind, "tun") == 0 ? link->ifindex : 0;
}

const char *stt_complaint(const struct host *host)
{
	return host->stt ? host->stt->complaint : "";
}

static void publish(struct stt *stt, struct stt_book *book)
{
	struct stt_book *before;

	pthread_rwlock_wrlock(&stt->book_lock);
	before = stt->book;
	stt->book = book;
	pthread_rwlock_unlock(&stt->book_lock);
	stt_book_free(before);
}

static size_t wanted_threads(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > STT_QUEUES_MAX ? STT_QUEUES_MAX : (size_t)n;
}

static bool runs(const struct host *host)
{
	const struct link *link = link_by_name(&host->links, STT_DEVICE);

	return host->stt->n_threads && link && link->birth == host->stt->device.birth;
}

static int start(struct host *host)
{
	struct stt *stt = host->stt;
	size_t n = wanted_threads();
	int queues[STT_QUEUES_MAX], error;

	stop(stt);
	stt->complaint[0] = '\0';
	stt->drops = datapath_fd(host->datapath, MAP_STT_DROPS);
	error = stt_tap_open(host, queues, n);
	if (!error)
		error = stt_threads_start(stt, queues, n);
	if (error) {
		stop(stt);
		if (!stt->complaint[0])
			snprintf(stt->complaint, sizeof(stt->complaint),
				 "STT's threads cannot be started: %s", strerror(-error));
	}
	return error;
}

/* IDs and the book; what cannot be told is complained about, the rest goes on. */
static int settle_paths(struct host *host)
{
	struct stt *stt = host->stt;
	struct stt_book *book = NULL;
	int error = stt->maps_are_clean ? 0 : stt_paths_clear(host);

	stt->maps_are_clean = !error;
	if (!error)
		error = stt_paths_settle(host, &book);
	if (book)
		publish(stt, book);
	if (error)
		snprintf(stt->complaint, sizeof(stt->complaint),
			 "the datapath cannot be told of STT's peers: %s", strerror(-error));
	return book ? 0 : error ? error : -ENOMEM;
}

/* The datapath first: what it still sends there is counted, not lost. */
static void end(struct host *host)
{
	stop(host->stt);
	(void)apply_put_settings(host);
	(void)stt_paths_clear(host);
	stt_ids_free(&host->stt->ids);
	(void)stt_tap_delete(host);
}

void stt_settle(struct host *host)
{
	uint32_t before = stt_ifindex(host);

	if (!host->stt && (before || stt_is_wanted(host)))
		host->stt = make();
	if (!host->stt)
		return;
	if (!stt_is_wanted(host)) {
		if (before)
			end(host);
		return;
	}
	if (settle_paths(host) < 0)
		return;
	if (!runs(host) && start(host) < 0)
		log_debug("%s", host->stt->complaint);
	if (stt_ifindex(host) != before)
		(void)apply_put_settings(host);
}
