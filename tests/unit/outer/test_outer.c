/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outer header as the daemon prebuilds it, byte for byte, and the MTU
 * formula against a table worked out by hand.
 */
#include "outer/outer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct address address(const char *text)
{
	struct address parsed;

	assert_int_equal(address_parse(text, &parsed), 0);
	return parsed;
}

static struct table_peer build_peer(const char *local, const struct peer *peer)
{
	struct model model;
	struct address from = address(local);
	struct table_peer row;

	memset(&row, 0xee, sizeof(row));
	model_init(&model);
	assert_int_equal(outer_build(&model.underlay, peer, &from, &row), 0);
	model_clear(&model);
	return row;
}

static struct table_peer build(const char *local, const char *remote)
{
	return build_peer(local,
			  &(struct peer){.address = address(remote), .encapsulation = ENCAP_VXLAN});
}

static struct table_peer build4(struct peer peer)
{
	peer.address = address("192.0.2.2");
	return build_peer("192.0.2.1", &peer);
}

static struct table_peer build6(struct peer peer)
{
	peer.address = address("2001:db8::2");
	return build_peer("2001:db8::1", &peer);
}

/* The bytes behind the outer IP header, over both families. */
static void assert_tunnel(struct peer peer, uint8_t protocol, const void *want, size_t bytes)
{
	struct table_peer over4 = build4(peer), over6 = build6(peer);

	assert_int_equal(over4.kind, peer.encapsulation);
	assert_int_equal(over4.header_bytes, 20 + bytes);
	assert_int_equal(over4.header[9], protocol);
	assert_memory_equal(over4.header + 20, want, bytes);
	assert_int_equal(over6.kind, peer.encapsulation);
	assert_int_equal(over6.header_bytes, 40 + bytes);
	assert_int_equal(over6.header[6], protocol);
	assert_memory_equal(over6.header + 40, want, bytes);
}

static void vxlan_over_ipv4_is_prebuilt_with_df_and_ttl_64(void **state)
{
	static const uint8_t want[36] = {
		0x45, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
		0x00, 0x00, 192,  0,	2,    1,    192,  0,	2,    2, /* IP */
		0x00, 0x00, 0x12, 0xb5, 0x00, 0x00, 0x00, 0x00,		 /* UDP */
		0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,		 /* VXLAN */
	};
	struct table_peer row = build("192.0.2.1", "192.0.2.2");

	assert_int_equal(row.family, 4);
	assert_int_equal(row.kind, ENCAP_VXLAN);
	assert_int_equal(row.header_bytes, sizeof(want));
	assert_memory_equal(row.header, want, sizeof(want));
}

/* RFC 1071: folded with length, ID and TOS it must give the checksum of a real packet. */
static void the_prebuilt_sum_completes_to_a_valid_ipv4_checksum(void **state)
{
	struct table_peer row = build("192.0.2.1", "192.0.2.2");
	uint32_t sum = row.ip_sum + htons(78);

	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	/* 192.0.2.1 -> 192.0.2.2, UDP, 78 bytes, ID 0, DF, TTL 64 */
	assert_int_equal((uint16_t)~sum, htons(0xb69b));
}

static void vxlan_over_ipv6_is_prebuilt_with_hop_limit_64(void **state)
{
	struct table_peer row = build("2001:db8::1", "2001:db8::2");
	uint8_t want[56] = {
		0x60, 0, 0, 0, 0, 0, 0x11, 0x40, 0x20, 0x01, 0x0d, 0xb8,
	};

	want[8 + 15] = 1;
	memcpy(want + 24, "\x20\x01\x0d\xb8", 4);
	want[24 + 15] = 2;
	memcpy(want + 40, "\0\0\x12\xb5\0\0\0\0\x08\0\0\0\0\0\0\0", 16);
	assert_int_equal(row.family, 6);
	assert_int_equal(row.header_bytes, sizeof(want));
	assert_memory_equal(row.header, want, sizeof(want));
	assert_int_equal(row.ip_sum, 0);
}

static void geneve_without_options_is_eight_bytes_behind_udp(void **state)
{
	assert_tunnel((struct peer){.encapsulation = ENCAP_GENEVE}, 17,
		      "\0\0\x17\xc1\0\0\0\0"
		      "\0\0\x65\x58\0\0\0\0",
		      16);
}

static void geneve_options_are_sent_as_given_and_counted_in_words(void **state)
{
	struct peer peer = {
		.encapsulation = ENCAP_GENEVE,
		.geneve_options = {0x01, 0x02, 0x03, 0xe1, 0xde, 0xad, 0xbe, 0xef, 0xff, 0xf0, 0x7f,
				   0},
		.n_geneve_options = 12,
	};

	assert_tunnel(peer, 17,
		      "\0\0\x17\xc1\0\0\0\0"
		      "\x03\0\x65\x58\0\0\0\0"
		      "\x01\x02\x03\xe1\xde\xad\xbe\xef\xff\xf0\x7f\0",
		      28);
}

/* RFC 8926 section 3.4; the data of the first option must not pass for a second one. */
static void a_critical_geneve_option_sets_the_c_bit(void **state)
{
	struct peer peer = {
		.encapsulation = ENCAP_GENEVE,
		.geneve_options = {0x01, 0x02, 0x03, 1, 0, 0, 0x80, 0, 0x01, 0x02, 0x80, 0},
		.n_geneve_options = 8,
	};

	assert_int_equal(build4(peer).header[20 + 8 + 1], 0);
	peer.n_geneve_options = 12;
	assert_int_equal(build4(peer).header[20 + 8 + 1], 0x40);
	assert_int_equal(build6(peer).header[40 + 8 + 1], 0x40);
}

static void the_longest_geneve_options_fill_63_words(void **state)
{
	struct peer peer = {.encapsulation = ENCAP_GENEVE, .n_geneve_options = 252};
	struct table_peer row;

	memset(peer.geneve_options, 0, sizeof(peer.geneve_options));
	peer.geneve_options[251] = 0x5a;
	row = build6(peer);
	assert_int_equal(row.header_bytes, 40 + 8 + 8 + 252);
	assert_int_equal(row.header[40 + 8], 63);
	assert_int_equal(row.header[40 + 8 + 8 + 251], 0x5a);
	assert_int_equal(row.header[40 + 8 + 8 + 252], 0);
}

static void nvgre_has_a_key_and_never_more(void **state)
{
	struct peer peer = {
		.encapsulation = ENCAP_NVGRE,
		.gre_checksum = true,
		.gre_sequence = true,
	};

	assert_tunnel(peer, 47, "\x20\0\x65\x58\0\0\0\0", 8);
	assert_int_equal(build4(peer).flags, 0);
}

static void gre_has_a_key_and_the_fields_that_the_peer_asks_for(void **state)
{
	struct peer peer = {.encapsulation = ENCAP_GRE};

	assert_tunnel(peer, 47, "\x20\0\x65\x58\0\0\0\0", 8);
	assert_int_equal(build4(peer).flags, 0);
	peer.gre_checksum = true;
	assert_tunnel(peer, 47, "\xa0\0\x65\x58\0\0\0\0\0\0\0\0", 12);
	assert_int_equal(build4(peer).flags, PEER_GRE_CHECKSUM);
	peer.gre_sequence = true;
	assert_tunnel(peer, 47, "\xb0\0\x65\x58\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(build4(peer).flags, PEER_GRE_CHECKSUM | PEER_GRE_SEQUENCE);
	peer.gre_checksum = false;
	assert_tunnel(peer, 47, "\x30\0\x65\x58\0\0\0\0\0\0\0\0", 12);
	assert_int_equal(build4(peer).flags, PEER_GRE_SEQUENCE);
}

static void stt_looks_like_tcp_that_pushes(void **state)
{
	assert_tunnel((struct peer){.encapsulation = ENCAP_STT}, 6,
		      "\0\0\x1d\x2f\0\0\0\0\0\0\0\0\x50\x18\xff\xff\0\0\0\0"
		      "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
		      38);
}

static void the_record_says_what_the_peer_may_send(void **state)
{
	struct peer peer = {
		.encapsulation = ENCAP_GENEVE,
		.accept = 1 << ENCAP_GENEVE | 1 << ENCAP_NVGRE,
		.zero_checksum6 = true,
	};

	assert_int_equal(build4(peer).accepts, peer.accept);
	assert_int_equal(build4(peer).flags, PEER_ZERO_CHECKSUM6);
	peer.accept = 0;
	peer.zero_checksum6 = false;
	assert_int_equal(build6(peer).accepts, peer_accepts(&peer));
	assert_int_equal(build6(peer).flags, 0);
}

static void what_is_no_kind_is_refused(void **state)
{
	static const int kinds[] = {ENCAP_NONE, N_ENCAP_KINDS, N_ENCAP_KINDS + 1, -1};
	struct address local = address("192.0.2.1");
	struct table_peer row = {};
	struct model model;

	model_init(&model);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct peer peer = {
			.address = address("192.0.2.2"),
			.encapsulation = kinds[i],
		};

		assert_int_equal(outer_build(&model.underlay, &peer, &local, &row), -EOPNOTSUPP);
		assert_int_equal(outer_overhead(&peer), 0);
		assert_int_equal(outer_limit(&peer, 1500, false), 0);
	}
	model_clear(&model);
}

static void options_that_fit_no_record_are_refused(void **state)
{
	struct address local = address("2001:db8::1");
	struct table_peer row = {};
	struct model model;
	struct peer peer = {
		.address = address("2001:db8::2"),
		.encapsulation = ENCAP_GENEVE,
		.n_geneve_options = 260,
	};

	model_init(&model);
	assert_int_equal(outer_build(&model.underlay, &peer, &local, &row), -EMSGSIZE);
	model_clear(&model);
}

static void every_spoken_kind_has_a_header(void **state)
{
	struct peer over4 = {.address = address("192.0.2.2")};
	struct peer over6 = {.address = address("2001:db8::2")};

#define X(symbol, number, name, spoken)                                                            \
	over4.encapsulation = over6.encapsulation = ENCAP_##symbol;                                \
	if (spoken) {                                                                              \
		assert_int_not_equal(outer_overhead(&over4), 0);                                   \
		assert_int_equal(outer_overhead(&over6), outer_overhead(&over4) + 20);             \
	}
	ENCAP_KINDS(X)
#undef X
}

/*
 * Bytes of the outer IP packet beside the inner one, and what follows for the
 * usual MTUs, worked out by hand: outer IP 20 or 40, inner Ethernet 14, UDP 8,
 * VXLAN and Geneve 8, GRE 4 and 4 for each field, TCP 20, STT 18.
 */
struct mtu_row {
	struct peer peer;
	unsigned int overhead4, limit4, limit6, wanted4, wanted6, jumbo4, jumbo6;
};

static const struct mtu_row mtu_table[] = {
	{{.encapsulation = ENCAP_VXLAN}, 50, 1450, 1430, 1550, 1570, 9050, 9070},
	{{.encapsulation = ENCAP_GENEVE}, 50, 1450, 1430, 1550, 1570, 9050, 9070},
	{{.encapsulation = ENCAP_GENEVE, .n_geneve_options = 8},
	 58,
	 1442,
	 1422,
	 1558,
	 1578,
	 9058,
	 9078},
	{{.encapsulation = ENCAP_GENEVE, .n_geneve_options = 252},
	 302,
	 1198,
	 1178,
	 1802,
	 1822,
	 9302,
	 9322},
	{{.encapsulation = ENCAP_NVGRE}, 42, 1458, 1438, 1542, 1562, 9042, 9062},
	{{.encapsulation = ENCAP_NVGRE, .gre_checksum = true},
	 42,
	 1458,
	 1438,
	 1542,
	 1562,
	 9042,
	 9062},
	{{.encapsulation = ENCAP_GRE}, 42, 1458, 1438, 1542, 1562, 9042, 9062},
	{{.encapsulation = ENCAP_GRE, .gre_checksum = true},
	 46,
	 1454,
	 1434,
	 1546,
	 1566,
	 9046,
	 9066},
	{{.encapsulation = ENCAP_GRE, .gre_sequence = true},
	 46,
	 1454,
	 1434,
	 1546,
	 1566,
	 9046,
	 9066},
	{{.encapsulation = ENCAP_GRE, .gre_checksum = true, .gre_sequence = true},
	 50,
	 1450,
	 1430,
	 1550,
	 1570,
	 9050,
	 9070},
};

static void the_mtu_formula_gives_the_known_numbers(void **state)
{
	for (size_t i = 0; i < sizeof(mtu_table) / sizeof(mtu_table[0]); i++) {
		const struct mtu_row *row = &mtu_table[i];
		struct peer over4 = row->peer, over6 = row->peer;

		over4.address = address("192.0.2.2");
		over6.address = address("2001:db8::2");
		assert_int_equal(outer_overhead(&over4), row->overhead4);
		assert_int_equal(outer_overhead(&over6), row->overhead4 + 20);
		assert_int_equal(outer_limit(&over4, 1500, false), row->limit4);
		assert_int_equal(outer_limit(&over6, 1500, false), row->limit6);
		assert_int_equal(outer_limit(&over4, 1500, true), row->limit4 - 4);
		assert_int_equal(outer_limit(&over4, row->overhead4, false), 0);
		assert_int_equal(outer_limit(&over4, row->overhead4 + 1, false), 1);
		assert_int_equal(outer_wanted_mtu(&over4, 1500, false), row->wanted4);
		assert_int_equal(outer_wanted_mtu(&over6, 1500, true), row->wanted6 + 4);
		assert_int_equal(outer_wanted_mtu(&over4, 9000, false), row->jumbo4);
		assert_int_equal(outer_wanted_mtu(&over6, 9000, false), row->jumbo6);
	}
}

static void the_record_and_the_formula_agree(void **state)
{
	for (size_t i = 0; i < sizeof(mtu_table) / sizeof(mtu_table[0]); i++) {
		const struct mtu_row *row = &mtu_table[i];

		assert_int_equal(build4(row->peer).header_bytes + 14, row->overhead4);
		assert_int_equal(build6(row->peer).header_bytes + 14, row->overhead4 + 20);
	}
}

/* Each frame is cut, so its size has nothing to do with the path's. */
static void stt_takes_what_its_length_field_describes(void **state)
{
	struct peer over4 = {.encapsulation = ENCAP_STT, .address = address("192.0.2.2")};
	struct peer over6 = {.encapsulation = ENCAP_STT, .address = address("2001:db8::2")};

	assert_int_equal(outer_overhead(&over4), 72);
	assert_int_equal(outer_overhead(&over6), 92);
	assert_int_equal(outer_limit(&over4, 1500, false), 65477 - 14);
	assert_int_equal(outer_limit(&over6, 1280, true), 65477 - 18);
	assert_int_equal(outer_limit(&over4, 72, false), 0);
	assert_int_equal(outer_wanted_mtu(&over4, 9000, false), 72 + 64);
	assert_int_equal(outer_wanted_mtu(&over6, 1500, false), 92 + 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vxlan_over_ipv4_is_prebuilt_with_df_and_ttl_64),
		cmocka_unit_test(the_prebuilt_sum_completes_to_a_valid_ipv4_checksum),
		cmocka_unit_test(vxlan_over_ipv6_is_prebuilt_with_hop_limit_64),
		cmocka_unit_test(geneve_without_options_is_eight_bytes_behind_udp),
		cmocka_unit_test(geneve_options_are_sent_as_given_and_counted_in_words),
		cmocka_unit_test(a_critical_geneve_option_sets_the_c_bit),
		cmocka_unit_test(the_longest_geneve_options_fill_63_words),
		cmocka_unit_test(nvgre_has_a_key_and_never_more),
		cmocka_unit_test(gre_has_a_key_and_the_fields_that_the_peer_asks_for),
		cmocka_unit_test(stt_looks_like_tcp_that_pushes),
		cmocka_unit_test(the_record_says_what_the_peer_may_send),
		cmocka_unit_test(what_is_no_kind_is_refused),
		cmocka_unit_test(options_that_fit_no_record_are_refused),
		cmocka_unit_test(every_spoken_kind_has_a_header),
		cmocka_unit_test(the_mtu_formula_gives_the_known_numbers),
		cmocka_unit_test(the_record_and_the_formula_agree),
		cmocka_unit_test(stt_takes_what_its_length_field_describes),
	};

	return cmocka_run_group_tests_name("outer", tests, NULL, NULL);
}
