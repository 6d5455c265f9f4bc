/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does STT of peers reach its device as it came, and never the host?  What a
 * thread of the daemon makes of it is not the datapath's.
 */
#include "test.h"

#define MACS   eth(.src = NEXT_HOP_MAC, .dst = UNDERLAY_MAC)
#define FROM_4 ip4(.src = REMOTE_4, .dst = LOCAL_4, .fragment = FRAGMENT_DF)
#define FROM_6 ip6(.src = REMOTE_6, .dst = LOCAL_6)

static const struct outcome *run(void **state, const struct frame *frame)
{
	struct harness *harness = *state;

	return harness_run(harness, FROM_UNDERLAY, &harness->underlay, frame);
}

static const struct frame *segment(struct layer from, uint8_t flags)
{
	return frame(MACS, from, tcp(.sport = 99, .dport = 7471, .tcp_flags = flags), payload(60));
}

static void stt_goes_to_its_device_as_it_came_and_is_counted_there(void **state)
{
	struct harness *harness = *state;
	const struct device *tap = &harness->ports[PORT_GREEN];
	const struct layer ways[] = {FROM_4, FROM_6};

	tables_set_stt_device(harness, tap->ifindex);
	for (size_t i = 0; i < 2; i++)
		for (uint8_t flags = 0x08; flags <= 0x38; flags += 0x10) {
			const struct frame *frame = segment(ways[i], flags);
			const struct outcome *outcome = run(state, frame);

			assert_int_equal(outcome->verdict, TC_ACT_REDIRECT);
			assert_int_equal(outcome->n_dropped, 0);
			outcome = harness_deliver(harness, &harness->underlay, frame);
			assert_received(tap, frame);
			assert_no_drop(outcome);
			for (uint32_t peer = 0; peer < N_PEERS; peer++) {
				assert_int_equal(outcome->peers[peer].rx_frames, 0);
				assert_int_equal(outcome->peers[peer].tx_frames, 0);
			}
		}
}

/* A tag is the threads' mark for frames of the other direction. */
static void a_priority_tag_of_the_underlay_does_not_reach_stt_s_device(void **state)
{
	struct harness *harness = *state;
	const struct device *tap = &harness->ports[PORT_GREEN];
	const struct frame *frame = segment(FROM_4, 0x18);
	const struct frame *tagged = frame_join(
		frame_join(frame_part(frame, 0, 12), frame_copy((uint8_t[]){0x81, 0, 0xa0, 0}, 4)),
		frame_part(frame, 12, FRAME_END));

	tables_set_stt_device(harness, tap->ifindex);
	assert_no_drop(harness_deliver(harness, &harness->underlay, tagged));
	assert_received(tap, frame);
}

/* Never to the host, which would answer with RST. */
static void stt_that_nobody_reads_is_dropped_by_name(void **state)
{
	struct harness *harness = *state;
	struct layer bad = FROM_4;

	tables_set_stt_device(harness, 0);
	assert_dropped(run(state, segment(FROM_4, 0x18)), DROP_STT_PAUSED);
	assert_int_equal(harness->outcome.drop.peer, PEER_4);
	tables_set_stt_device(harness, harness->ports[PORT_GREEN].ifindex);
	tables_set_heartbeat(harness, 1);
	assert_dropped(run(state, segment(FROM_4, 0x18)), DROP_STT_PAUSED);
	tables_set_heartbeat(harness, UINT64_MAX);
	bad.checksum = CHECKSUM_WRONG;
	assert_dropped(run(state, segment(bad, 0x18)), DROP_BAD_IP_CHECKSUM);
	for (size_t n = 1; n < 20; n++) {
		struct layer from =
			ip4(.src = REMOTE_4, .dst = LOCAL_4, .length = (uint16_t)(20 + n));

		assert_dropped(run(state, segment(from, 0x18)), DROP_TRUNCATED_TUNNEL_HEADER);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(stt_goes_to_its_device_as_it_came_and_is_counted_there),
		harness_test(a_priority_tag_of_the_underlay_does_not_reach_stt_s_device),
		harness_test(stt_that_nobody_reads_is_dropped_by_name),
	};

	return harness_main(tests);
}
