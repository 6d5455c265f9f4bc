/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * STT: a tap, and threads behind it that make packets of frames and frames of
 * packets (stt/ knows how).  While the daemon does not run nobody reads the tap
 * and STT pauses; the other envelopes do not notice.  The tap stays when the
 * daemon goes, and the next one takes it over.
 *
 *   stt.c        when the tap and the threads are there, and when not
 *   stt_tap.c    the device
 *   stt_path.c   which (segment, peer) pairs there are, and their IDs
 *   stt_book.c   what the threads know of peers: published by the event loop
 *   stt_thread.c the threads
 *   stt_drop.c   what they dropped
 */
#ifndef OVERLAID_KERNEL_STT_H
#define OVERLAID_KERNEL_STT_H

#include "kernel/counters.h"
#include "kernel/host.h"

#define STT_DEVICE "ovl-stt"

/*
 * Makes STT what the host's records want: called whenever members, peers,
 * their paths or devices may have changed; costs little when nothing has.
 * Never fails the caller: without STT the other envelopes work, and
 * stt_complaint says why it does not.
 */
void stt_settle(struct host *host);
/* The threads end; the tap stays.  Takes a host that has none. */
void stt_close(struct host *host);
/* Takes the tap away, for `datapath unload`.  0 also when there is none. */
int stt_remove(struct host *host);

/* Of the tap that has, or soon will have, threads behind it; 0: STT does not run. */
uint32_t stt_ifindex(const struct host *host);
/* Does any peer speak it? */
bool stt_is_wanted(const struct host *host);
/* Why it does not run although it is wanted; empty otherwise. */
const char *stt_complaint(const struct host *host);

#endif
