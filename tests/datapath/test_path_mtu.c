/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does the daemon hear of a router's "too big" about our own outer packets,
 * and of nobody else's?  The message itself is always the host's.
 */
#include "test.h"

#include <netinet/in.h>

#define MACS	 eth(.src = NEXT_HOP_MAC, .dst = UNDERLAY_MAC)
#define ROUTER_4 "203.0.113.1"
#define ROUTER_6 "2001:db8:ff::1"

/* What a router quotes: the outer packet's header and n bytes behind it. */
static const struct frame *quote4(const char *src, const char *dst, uint16_t port, size_t n)
{
	const struct frame *outer =
		frame(eth(), ip4(.src = src, .dst = dst, .length = 1500, .fragment = FRAGMENT_DF),
		      udp(.dport = port, .length = 1480), payload(n - 8));

	return frame_part(outer, 14, FRAME_END);
}

static const struct frame *quote6(const char *src, const char *dst, uint16_t port)
{
	const struct frame *outer = frame(eth(), ip6(.src = src, .dst = dst, .length = 1460),
					  udp(.dport = port, .length = 1460), payload(1100));

	return frame_part(outer, 14, FRAME_END);
}

static const struct frame *message4(const struct frame *quote, uint16_t mtu)
{
	return frame(MACS, ip4(.src = ROUTER_4, .dst = LOCAL_4),
		     icmp4(.icmp_type = 3, .icmp_code = 4, .icmp_rest = mtu),
		     bytes(quote->bytes, quote->length));
}

static const struct frame *message6(const struct frame *quote, uint32_t mtu)
{
	return frame(MACS, ip6(.src = ROUTER_6, .dst = LOCAL_6),
		     icmp6(.icmp_type = 2, .icmp_rest = mtu), bytes(quote->bytes, quote->length));
}

static const struct outcome *run(void **state, const struct frame *frame)
{
	struct harness *harness = *state;
	const struct outcome *outcome =
		harness_run(harness, FROM_UNDERLAY, &harness->underlay, frame);

	assert_int_equal(outcome->verdict, TC_ACT_UNSPEC);
	assert_int_equal(outcome->n_dropped, 0);
	assert_frame(outcome->out, frame);
	return outcome;
}

static void assert_heard(void **state, const struct frame *frame, uint32_t peer, uint32_t mtu)
{
	const struct outcome *outcome = run(state, frame);

	assert_int_equal(outcome->n_events, 1);
	assert_int_equal(outcome->events[0].kind, EVENT_PATH_MTU);
	assert_int_equal(outcome->events[0].path_kind, PATH_PEER);
	assert_int_equal(outcome->events[0].path, peer);
	assert_int_equal(outcome->events[0].mtu, mtu);
}

static void assert_unheard(void **state, const struct frame *frame)
{
	assert_host(run(state, frame), frame);
}

static void a_message_about_a_packet_to_a_peer_is_heard(void **state)
{
	assert_heard(state, message4(quote4(LOCAL_4, REMOTE_4, 4789, 100), 1400), PEER_4, 1400);
	assert_heard(state, message4(quote4(LOCAL_4, REMOTE_4B, 4789, 540), 68), PEER_4B, 68);
	assert_heard(state, message6(quote6(LOCAL_6, REMOTE_6, 4789), 1280), PEER_6, 1280);
}

/* RFC 792 promises 8 bytes behind the header, RFC 1191 says that old routers give no MTU. */
static void the_shortest_message_of_an_old_router_is_heard(void **state)
{
	assert_heard(state, message4(quote4(LOCAL_4, REMOTE_4, 4789, 8), 0), PEER_4, 0);
}

/* Flags and protocol type, the key: what RFC 792 promises of a quoted GRE packet. */
static const struct frame *gre_quote(const struct layer ip, struct layer gre, size_t n)
{
	const struct frame *outer = frame(eth(), ip, gre, payload(1400));

	return frame_part(frame_part(outer, 14, FRAME_END), 0, n);
}

static void messages_about_packets_of_every_kind_are_heard(void **state)
{
	const struct layer to4 = ip4(.src = LOCAL_4, .dst = REMOTE_4);
	const struct layer to6 = ip6(.src = LOCAL_6, .dst = REMOTE_6);
	const struct layer summed = gre(.gre_flags = GRE_CHECKSUM | GRE_KEY | GRE_SEQUENCE);

	assert_heard(state, message4(quote4(LOCAL_4, REMOTE_4, 6081, 8), 1300), PEER_4, 1300);
	assert_heard(state, message6(quote6(LOCAL_6, REMOTE_6, 6081), 1290), PEER_6, 1290);
	assert_heard(state, message4(gre_quote(to4, gre(), 28), 1301), PEER_4, 1301);
	assert_heard(state, message4(gre_quote(to4, nvgre(BLUE_VNI, 9), 28), 1302), PEER_4, 1302);
	assert_heard(state, message4(gre_quote(to4, summed, 28), 1303), PEER_4, 1303);
	assert_heard(state, message6(gre_quote(to6, gre(), 48), 1291), PEER_6, 1291);
	assert_heard(state, message4(gre_quote(to4, tcp(.dport = 7471), 28), 1304), PEER_4, 1304);
	assert_heard(state, message6(gre_quote(to6, tcp(.dport = 7471), 48), 1292), PEER_6, 1292);
}

static void messages_about_other_gre_and_tcp_are_the_host_s_alone(void **state)
{
	const struct layer to4 = ip4(.src = LOCAL_4, .dst = REMOTE_4);
	const struct layer stranger = ip4(.src = LOCAL_4, .dst = "192.0.2.77");
	const struct layer foreign = ip4(.src = "192.0.2.99", .dst = REMOTE_4);

	assert_unheard(state, message4(gre_quote(stranger, gre(), 28), 1300));
	assert_unheard(state, message4(gre_quote(foreign, gre(), 28), 1300));
	assert_unheard(state, message4(gre_quote(to4, gre(.type = 0x0800), 28), 1300));
	assert_unheard(state, message4(gre_quote(to4, gre(.gre_flags = 0), 28), 1300));
	assert_unheard(state, message4(gre_quote(to4, gre(), 27), 1300));
	assert_unheard(state, message4(gre_quote(to4, tcp(.dport = 22), 28), 1300));
	assert_unheard(state, message4(gre_quote(to4, tcp(.sport = 7471, .dport = 22), 28), 1300));
}

static void messages_about_other_packets_are_the_host_s_alone(void **state)
{
	assert_unheard(state, message4(quote4(LOCAL_4, REMOTE_4, 53, 100), 1400));
	assert_unheard(state, message4(quote4(LOCAL_4, "192.0.2.77", 4789, 100), 1400));
	assert_unheard(state, message4(quote4("192.0.2.99", REMOTE_4, 4789, 100), 1400));
	assert_unheard(state, message6(quote6(LOCAL_6, REMOTE_6, 53), 1280));
	assert_unheard(state, message6(quote6(LOCAL_6, "2001:db8::77", 4789), 1280));
	assert_unheard(state, message6(quote6("2001:db8::99", REMOTE_6, 4789), 1280));
}

static void other_icmp_messages_are_the_host_s_alone(void **state)
{
	const struct frame *quote = quote4(LOCAL_4, REMOTE_4, 4789, 100);

	for (uint8_t type = 0; type < 20; type++)
		for (uint8_t code = 0; code < 6; code++) {
			const struct frame *message = frame(
				MACS, ip4(.src = ROUTER_4, .dst = LOCAL_4),
				icmp4(.icmp_type = type, .icmp_code = code, .icmp_rest = 1400),
				bytes(quote->bytes, quote->length));

			if (type != 3 || code != 4)
				assert_unheard(state, message);
		}
}

static void a_message_cut_at_any_byte_passes_and_is_heard_only_when_it_is_whole(void **state)
{
	const struct frame *message4_ = message4(quote4(LOCAL_4, REMOTE_4, 4789, 8), 1400);
	const struct frame *message6_ = message6(quote6(LOCAL_6, REMOTE_6, 4789), 1280);

	for (size_t n = 34; n < message4_->length; n++)
		assert_unheard(state, frame_part(message4_, 0, n));
	for (size_t n = 54; n < 54 + 8 + 40 + 8; n++)
		assert_unheard(state, frame_part(message6_, 0, n));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_message_about_a_packet_to_a_peer_is_heard),
		harness_test(the_shortest_message_of_an_old_router_is_heard),
		harness_test(messages_about_packets_of_every_kind_are_heard),
		harness_test(messages_about_other_gre_and_tcp_are_the_host_s_alone),
		harness_test(messages_about_other_packets_are_the_host_s_alone),
		harness_test(other_icmp_messages_are_the_host_s_alone),
		harness_test(a_message_cut_at_any_byte_passes_and_is_heard_only_when_it_is_whole),
	};

	return harness_main(tests);
}
