/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does each peer send what it may, and is each kind's header read as its RFC
 * says, beyond the vectors?  Geneve's options, GRE's optional fields and
 * checksum, and lengths without UDP's to go by.
 */
#include "test.h"

#include <netinet/in.h>

#define MACS	     eth(.src = NEXT_HOP_MAC, .dst = UNDERLAY_MAC)
#define FROM_4	     ip4(.src = REMOTE_4, .dst = LOCAL_4, .fragment = FRAGMENT_DF)
#define FROM_6	     ip6(.src = REMOTE_6, .dst = LOCAL_6)
#define TO_GENEVE    udp(.sport = 50000, .dport = 6081, .checksum = CHECKSUM_ZERO)
#define INNER(frame) bytes((frame)->bytes, (frame)->length)

static const enum encap_kind kinds[] = {ENCAP_VXLAN, ENCAP_GENEVE, ENCAP_NVGRE, ENCAP_GRE};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct outcome *run(void **state, const struct frame *frame)
{
	struct harness *harness = *state;

	tables_set_fdb(harness, BLUE_VNI, VM_B_MAC, PATH_PORT, PORT_A, FDB_STATIC);
	return harness_run(harness, FROM_UNDERLAY, &harness->underlay, frame);
}

static void assert_delivered(void **state, const struct frame *frame, const struct frame *inner)
{
	struct harness *harness = *state;
	const struct outcome *outcome = run(state, frame);

	assert_sent(outcome);
	assert_frame(outcome->out, inner);
	assert_int_equal(outcome->ports[PORT_A].tx_bytes, inner->length);
	assert_no_drop(harness_deliver(harness, &harness->underlay, frame));
	assert_received(&harness->ports[PORT_A], inner);
}

static const struct frame *inner_of(size_t length)
{
	return frame(eth(.type = 0x88b5), payload(length - 14));
}

static struct envelope envelope_of(enum encap_kind kind)
{
	return (struct envelope){.kind = kind};
}

/* Every pair of what is sent and what may be: NVGRE and GRE are one on the wire. */
static void a_peer_sends_what_it_may_and_nothing_else(void **state)
{
	for (size_t may = 0; may < N_KINDS; may++)
		for (size_t sent = 0; sent < N_KINDS; sent++)
			for (uint32_t peer = PEER_4; peer <= PEER_6; peer += PEER_6 - PEER_4) {
				const struct frame *frame =
					envelope_from(peer, inner_of(60), envelope_of(kinds[sent]));

				tables_accept_only(*state, kinds[may]);
				if (may == sent)
					assert_delivered(state, frame, inner_of(60));
				else if (kinds[may] == ENCAP_NVGRE && kinds[sent] == ENCAP_GRE)
					/* a key of 5001 is VSID 19 */
					assert_dropped(run(state, frame), DROP_RESERVED_VSID);
				else if (kinds[may] == ENCAP_GRE && kinds[sent] == ENCAP_NVGRE)
					assert_dropped(run(state, frame), DROP_UNKNOWN_VNI);
				else
					assert_dropped(run(state, frame), DROP_WRONG_ENCAPSULATION);
			}
}

static void a_peer_that_may_send_all_is_heard_in_all_at_once(void **state)
{
	struct harness *harness = *state;
	struct table_fdb entry;

	for (size_t i = 0; i < N_KINDS; i++) {
		if (kinds[i] == ENCAP_NVGRE)
			continue;
		assert_delivered(state, envelope_from(PEER_4, inner_of(60), envelope_of(kinds[i])),
				 inner_of(60));
		assert_true(tables_fdb(harness, BLUE_VNI, VM_A_MAC, &entry));
		assert_int_equal(entry.path, PEER_4);
		assert_int_equal(entry.moves, 0);
	}
}

static void inner_frames_of_every_size_are_delivered_and_padding_is_cut(void **state)
{
	for (size_t i = 0; i < N_KINDS; i++) {
		tables_accept_only(*state, kinds[i]);
		for (size_t n = 14; n < 90; n += 3)
			for (uint32_t peer = PEER_4; peer <= PEER_6; peer += PEER_6 - PEER_4) {
				const struct frame *whole =
					envelope_from(peer, inner_of(n), envelope_of(kinds[i]));

				assert_delivered(state, whole, inner_of(n));
				assert_delivered(state,
						 frame_join(whole, frame(trailer(n % 7 + 1))),
						 inner_of(n));
			}
		assert_delivered(state,
				 envelope_from(PEER_4, inner_of(1450), envelope_of(kinds[i])),
				 inner_of(1450));
	}
}

/* Bits that a receiver ignores, also where VXLAN's are judged strictly. */
static void reserved_bits_of_geneve_and_gre_are_ignored(void **state)
{
	const struct frame *inner = inner_of(60);

	for (int strict = 0; strict < 2; strict++) {
		tables_set_settings(*state, strict ? SETTING_STRICT_RESERVED : 0);
		for (uint8_t flags = 1; flags < 0x40; flags = (uint8_t)(flags << 1))
			assert_delivered(state,
					 frame(MACS, FROM_4, TO_GENEVE,
					       geneve(.geneve_flags = flags, .reserved8 = 0xff),
					       INNER(inner)),
					 inner);
		for (uint16_t flags = 0x0008; flags <= 0x0200; flags = (uint16_t)(flags << 1))
			assert_delivered(state,
					 frame(MACS, FROM_6, gre(.gre_flags = GRE_KEY | flags),
					       INNER(inner)),
					 inner);
	}
	tables_accept_only(*state, ENCAP_NVGRE);
	assert_delivered(state,
			 frame(MACS, FROM_4,
			       gre(.gre_flags = GRE_KEY | 0x03f8, .key = BLUE_VNI << 8 | 7),
			       INNER(inner)),
			 inner);
}

static const struct frame *with_options(const uint8_t *options, size_t n, uint8_t flags,
					const struct frame *inner)
{
	return frame(MACS, FROM_6, TO_GENEVE,
		     geneve(.options = options, .n_options = n, .geneve_flags = flags),
		     INNER(inner));
}

static void geneve_options_of_every_length_are_skipped(void **state)
{
	const struct frame *inner = frame(eth(), ip6(), tcp(), payload(60));
	uint8_t options[252];

	for (size_t n = 4; n <= sizeof(options); n += 4) {
		/* one option, as long as one can be, and short ones for the rest */
		memset(options, 0, sizeof(options));
		options[3] = (uint8_t)((n > 128 ? 128 : n) / 4 - 1);
		assert_delivered(state, with_options(options, n, 0, inner), inner);
		/* only short ones; the header's C bit alone says nothing to who parses */
		memset(options, 0, sizeof(options));
		assert_delivered(state, with_options(options, n, 0x40, inner), inner);
	}
}

static void a_critical_option_is_found_wherever_it_stands(void **state)
{
	const struct frame *inner = inner_of(60);
	uint8_t options[252] = {0};

	for (size_t at = 0; at < sizeof(options); at += 4) {
		options[at + 2] = 0x80;
		assert_dropped(run(state, with_options(options, sizeof(options), 0x40, inner)),
			       DROP_UNKNOWN_CRITICAL_OPTION);
		/* RFC 8926 section 3.5: the option decides, not the header's C bit */
		assert_dropped(run(state, with_options(options, at + 4, 0, inner)),
			       DROP_UNKNOWN_CRITICAL_OPTION);
		options[at + 2] = 0;
	}
}

/* What looks like a critical option inside another's data is none. */
static void data_of_options_is_not_read(void **state)
{
	const struct frame *inner = inner_of(60);
	uint8_t options[128];

	memset(options, 0xff, sizeof(options));
	memcpy(options, (uint8_t[]){1, 2, 3, 0x1f}, 4);
	assert_delivered(state, with_options(options, sizeof(options), 0, inner), inner);
	/* the same with the option's three reserved bits set */
	options[3] = 0xff;
	assert_delivered(state, with_options(options, sizeof(options), 0, inner), inner);
}

static void options_that_do_not_add_up_are_dropped(void **state)
{
	uint8_t options[252] = {0};

	for (size_t n = 4; n <= sizeof(options); n += 4)
		for (uint8_t beyond = 1; beyond < 32; beyond += 10) {
			memset(options, 0, sizeof(options));
			options[n - 1] = beyond; /* the last one reaches into the inner frame */
			assert_dropped(run(state, with_options(options, n, 0, inner_of(200))),
				       DROP_BAD_GENEVE_OPTIONS);
		}
}

static void geneve_checksums_are_verified_as_vxlan_s_are(void **state)
{
	static const uint8_t options[] = {1, 7, 1, 1, 9, 9, 9, 9};
	const struct envelope envelope = {
		.kind = ENCAP_GENEVE, .options = options, .n_options = sizeof(options)};
	const struct frame *inner = inner_of(61);

	for (uint32_t peer = PEER_4; peer <= PEER_6; peer += PEER_6 - PEER_4) {
		const struct frame *right = envelope_from_summed(peer, inner, envelope);

		assert_delivered(state, right, inner);
		/* the option's data, the VNI's reserved byte and the last byte of all */
		for (size_t back = 1; back <= 61 + 8; back += 17) {
			size_t at = right->length - back;
			uint8_t flipped = right->bytes[at] ^ 4;

			assert_dropped(run(state, frame_patch(right, at, &flipped, 1)),
				       DROP_BAD_UDP_CHECKSUM);
		}
	}
}

static void gre_s_optional_fields_are_read_in_every_combination(void **state)
{
	for (uint16_t flags = 0; flags < 4; flags++)
		for (uint32_t peer = PEER_4; peer <= PEER_6; peer += PEER_6 - PEER_4)
			for (size_t n = 14; n < 80; n += 7) {
				const struct envelope envelope = {
					.kind = ENCAP_GRE,
					.gre_flags = (uint16_t)(GRE_KEY |
								(flags & 1 ? GRE_CHECKSUM : 0) |
								(flags & 2 ? GRE_SEQUENCE : 0)),
					.sequence = 0xfffffff0 + (uint32_t)n,
				};

				assert_delivered(state, envelope_from(peer, inner_of(n), envelope),
						 inner_of(n));
			}
}

static const struct envelope summed_gre = {.kind = ENCAP_GRE, .gre_flags = GRE_CHECKSUM | GRE_KEY};

/* Odd ends, and more than the chunks that are added up at a time. */
static void every_flipped_byte_under_gre_s_checksum_is_noticed(void **state)
{
	static const size_t lengths[] = {47, 60, 511, 1401};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		for (uint32_t peer = PEER_4; peer <= PEER_6; peer += PEER_6 - PEER_4) {
			const struct frame *inner = inner_of(lengths[i]);
			const struct frame *right = envelope_from(peer, inner, summed_gre);
			size_t gre = peer == PEER_4 ? 34 : 54;

			assert_delivered(state, right, inner);
			/* from the checksum on: the flags and the type have names of their own */
			for (size_t at = gre + 4; at < right->length;
			     at += at < gre + 12 ? 1 : 13) {
				uint8_t flipped = right->bytes[at] ^ 0x20;
				const struct outcome *outcome =
					run(state, frame_patch(right, at, &flipped, 1));

				assert_dropped(outcome, at >= gre + 8 && at < gre + 12 ?
								DROP_UNKNOWN_VNI :
								DROP_BAD_GRE_CHECKSUM);
			}
		}
}

/* Local checksum offload: the kernel's GRE computes its sum as if the inner one were done. */
static void an_inner_checksum_left_to_a_device_does_not_spoil_gre_s(void **state)
{
	const struct frame *partial[] = {
		frame(eth(), ip4(), tcp(.checksum = CHECKSUM_PSEUDO), payload(33)),
		frame(eth(), ip4(), udp(.checksum = CHECKSUM_PSEUDO), payload(32)),
		frame(eth(), ip6(), tcp(.checksum = CHECKSUM_PSEUDO), payload(31)),
	};
	const struct frame *complete[] = {
		frame(eth(), ip4(), tcp(), payload(33)),
		frame(eth(), ip4(), udp(), payload(32)),
		frame(eth(), ip6(), tcp(), payload(31)),
	};

	for (size_t i = 0; i < 3; i++)
		for (uint32_t peer = PEER_4; peer <= PEER_6; peer += PEER_6 - PEER_4) {
			const struct frame *outer = envelope_from(peer, complete[i], summed_gre);
			size_t n = outer->length - complete[i]->length;
			const struct frame *frame = frame_join(frame_part(outer, 0, n), partial[i]);

			assert_delivered(state, frame, partial[i]);
			/* the part that is summed is still looked at: a MAC address */
			assert_dropped(run(state, frame_patch(frame, n + 11, "\x77", 1)),
				       DROP_BAD_GRE_CHECKSUM);
		}
}

/* What a gretap device on the same machine hands over: its whole sum is the device's to make. */
static void a_gre_checksum_that_is_left_to_a_device_is_right(void **state)
{
	for (uint32_t peer = PEER_4; peer <= PEER_6; peer += PEER_6 - PEER_4) {
		const struct frame *inner = inner_of(60);
		const struct frame *right = envelope_from(peer, inner, summed_gre);
		size_t field = peer == PEER_4 ? 38 : 58;

		assert_delivered(state, frame_patch(right, field, "\0\0", 2), inner);
		assert_dropped(run(state, frame_patch(right, field, "\0\1", 2)),
			       DROP_BAD_GRE_CHECKSUM);
	}
}

static void ipv6_extension_headers_in_front_of_gre_are_walked(void **state)
{
	static const uint8_t options[8] = {IPPROTO_GRE, 0, 1, 4, 0, 0, 0, 0};
	static const uint8_t atomic[8] = {IPPROTO_GRE, 0, 0, 0, 1, 2, 3, 4};
	const struct frame *inner = inner_of(60);

	assert_delivered(state,
			 frame(MACS, ip6(.src = REMOTE_6, .dst = LOCAL_6, .protocol = 60),
			       bytes(options, 8), gre(), INNER(inner)),
			 inner);
	assert_delivered(state,
			 frame(MACS, ip6(.src = REMOTE_6, .dst = LOCAL_6, .protocol = 44),
			       bytes(atomic, 8), gre(), INNER(inner)),
			 inner);
}

static void bad_ip_headers_in_front_of_gre_are_dropped_by_name(void **state)
{
	struct layer from = FROM_4;

	from.checksum = CHECKSUM_WRONG;
	assert_dropped(run(state, frame(MACS, from, gre(), eth(), arp())), DROP_BAD_IP_CHECKSUM);
	from = FROM_4;
	from.length = 999;
	assert_dropped(run(state, frame(MACS, from, gre(), eth(), arp())), DROP_BAD_IP_LENGTH);
	from = FROM_4;
	from.ihl = 4;
	assert_dropped(run(state, frame(MACS, from, gre(), eth(), arp())), DROP_BAD_IHL);
	from = FROM_6;
	from.length = 999;
	assert_dropped(run(state, frame(MACS, from, gre(), eth(), arp())), DROP_BAD_IP_LENGTH);
}

/* The VSID ends in the eighth bit: none but the usable range gets in. */
static void vsids_at_the_ends_of_their_range(void **state)
{
	static const struct {
		uint32_t vsid;
		enum drop_reason reason;
	} cases[] = {
		{0, DROP_RESERVED_VSID},	{0xfff, DROP_RESERVED_VSID},
		{0x1000, DROP_UNKNOWN_VNI},	{0xfffffe, DROP_UNKNOWN_VNI},
		{0xffffff, DROP_RESERVED_VSID},
	};

	tables_accept_only(*state, ENCAP_NVGRE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (unsigned int flow = 0; flow < 256; flow += 51)
			assert_dropped(run(state, frame(MACS, FROM_4, nvgre(cases[i].vsid, flow),
							eth(), arp())),
				       cases[i].reason);
}

static void fragments_end_here_where_nobody_could_put_them_together(void **state)
{
	struct harness *harness = *state;
	struct layer first = ip4(.src = REMOTE_4, .dst = LOCAL_4, .fragment = FRAGMENT_MF);
	struct layer later = ip4(.src = REMOTE_4, .dst = LOCAL_4, .fragment = 100);
	const struct frame *frames[] = {
		frame(MACS, first, gre(), payload(64)),
		frame(MACS, later, gre(), payload(64)),
		frame(MACS, first, udp(.dport = 6081, .length = 999), geneve(), payload(64)),
	};

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		tables_set_settings(harness, 0);
		assert_dropped(run(state, frames[i]), DROP_NO_ANCHOR);
		tables_set_anchor_of(harness, i < 2 ? ENCAP_GRE : ENCAP_GENEVE, TABLE_ANCHOR4,
				     harness->anchor.ifindex);
		assert_host(run(state, frames[i]), frames[i]);
		tables_set_settings(harness, SETTING_DROP_FRAGMENTS);
		assert_dropped(run(state, frames[i]), DROP_OUTER_FRAGMENT);
	}
	assert_dropped(run(state, frame(MACS, first, tcp(.dport = 7471), payload(64))),
		       DROP_OUTER_FRAGMENT);
	/* of anybody's TCP: it shows no port */
	later.protocol = IPPROTO_TCP;
	frames[0] = frame(MACS, later, tcp(.dport = 7471), payload(64));
	assert_host(run(state, frames[0]), frames[0]);
}

/* A super-frame as a test run can make it: of a size, of no kind. */
static int run_super(struct harness *harness, const struct frame *frame)
{
	struct __sk_buff context = {
		.ifindex = (uint32_t)harness->underlay.ifindex, .gso_size = 100, .gso_segs = 2};

	assert_int_equal(harness_run_context(harness, FROM_UNDERLAY, context, frame), 0);
	return harness->outcome.verdict;
}

/* The device of its own kind and family, and no other; GRE's drops what has a checksum. */
static void super_frames_go_to_the_kernel_s_device_of_their_kind(void **state)
{
	struct harness *harness = *state;
	const struct frame *inner = frame(eth(), ip4(), udp(), payload(200));

	for (size_t i = 0; i < N_KINDS; i++)
		for (uint32_t peer = PEER_4; peer <= PEER_6; peer += PEER_6 - PEER_4) {
			const struct frame *frame =
				envelope_from(peer, inner, envelope_of(kinds[i]));
			int family = peer == PEER_4 ? TABLE_ANCHOR4 : TABLE_ANCHOR6;

			tables_set_settings(harness, 0);
			tables_set_anchor(harness, 0);
			tables_accept_only(harness, kinds[i]);
			for (size_t other = 0; other < N_KINDS; other++)
				tables_set_anchor_of(harness, kinds[other], !family, 1);
			assert_int_equal(run_super(harness, frame), TC_ACT_SHOT);
			assert_int_equal(harness->outcome.drops[DROP_DECAPSULATION_FAILED], 2);
			tables_set_anchor_of(harness, kinds[i], family, 1);
			assert_int_equal(run_super(harness, frame), TC_ACT_UNSPEC);
			assert_host(&harness->outcome, frame);
		}
	tables_accept_only(harness, ENCAP_GRE);
	assert_int_equal(run_super(harness, envelope_from(PEER_4, inner, summed_gre)), TC_ACT_SHOT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		harness_test(a_peer_sends_what_it_may_and_nothing_else),
		harness_test(a_peer_that_may_send_all_is_heard_in_all_at_once),
		harness_test(inner_frames_of_every_size_are_delivered_and_padding_is_cut),
		harness_test(reserved_bits_of_geneve_and_gre_are_ignored),
		harness_test(geneve_options_of_every_length_are_skipped),
		harness_test(a_critical_option_is_found_wherever_it_stands),
		harness_test(data_of_options_is_not_read),
		harness_test(options_that_do_not_add_up_are_dropped),
		harness_test(geneve_checksums_are_verified_as_vxlan_s_are),
		harness_test(gre_s_optional_fields_are_read_in_every_combination),
		harness_test(every_flipped_byte_under_gre_s_checksum_is_noticed),
		harness_test(an_inner_checksum_left_to_a_device_does_not_spoil_gre_s),
		harness_test(a_gre_checksum_that_is_left_to_a_device_is_right),
		harness_test(ipv6_extension_headers_in_front_of_gre_are_walked),
		harness_test(bad_ip_headers_in_front_of_gre_are_dropped_by_name),
		harness_test(vsids_at_the_ends_of_their_range),
		harness_test(fragments_end_here_where_nobody_could_put_them_together),
		harness_test(super_frames_go_to_the_kernel_s_device_of_their_kind),
	};

	return harness_main(tests);
}
