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

static struct table_peer build(const char *local, const char *remote)
{
	struct model model;
	struct address from = address(local);
	struct peer peer = {.address = address(remote), .encapsulation = ENCAP_VXLAN};
	struct table_peer row = {};

	model_init(&model);
	assert_int_equal(outer_build(&model.underlay, &peer, &from, &row), 0);
	model_clear(&model);
	return row;
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

static void a_kind_that_is_not_spoken_is_refused(void **state)
{
	struct address local = address("192.0.2.1");
	struct peer peer = {.address = address("192.0.2.2"), .encapsulation = ENCAP_STT};
	struct table_peer row = {};
	struct model model;

	model_init(&model);
	assert_int_equal(outer_build(&model.underlay, &peer, &local, &row), -EOPNOTSUPP);
	model_clear(&model);
}

static void every_spoken_kind_has_a_header_and_no_other_has(void **state)
{
#define X(symbol, number, name, spoken)                                                            \
	assert_int_equal(outer_overhead(ENCAP_##symbol, AF_INET) > 0, spoken);                     \
	assert_int_equal(outer_overhead(ENCAP_##symbol, AF_INET6) > 0, spoken);
	ENCAP_KINDS(X)
#undef X
}

static void the_mtu_formula_gives_the_known_numbers(void **state)
{
	assert_int_equal(outer_overhead(ENCAP_VXLAN, AF_INET), 50);
	assert_int_equal(outer_overhead(ENCAP_VXLAN, AF_INET6), 70);
	assert_int_equal(outer_limit(ENCAP_VXLAN, AF_INET, 1500, false), 1450);
	assert_int_equal(outer_limit(ENCAP_VXLAN, AF_INET6, 1500, false), 1430);
	assert_int_equal(outer_limit(ENCAP_VXLAN, AF_INET, 1500, true), 1446);
	assert_int_equal(outer_limit(ENCAP_VXLAN, AF_INET, 50, false), 0);
	assert_int_equal(outer_wanted_mtu(ENCAP_VXLAN, AF_INET, 1500, false), 1550);
	assert_int_equal(outer_wanted_mtu(ENCAP_VXLAN, AF_INET6, 1500, true), 1574);
	assert_int_equal(outer_wanted_mtu(ENCAP_VXLAN, AF_INET, 9000, false), 9050);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vxlan_over_ipv4_is_prebuilt_with_df_and_ttl_64),
		cmocka_unit_test(the_prebuilt_sum_completes_to_a_valid_ipv4_checksum),
		cmocka_unit_test(vxlan_over_ipv6_is_prebuilt_with_hop_limit_64),
		cmocka_unit_test(a_kind_that_is_not_spoken_is_refused),
		cmocka_unit_test(every_spoken_kind_has_a_header_and_no_other_has),
		cmocka_unit_test(the_mtu_formula_gives_the_known_numbers),
	};

	return cmocka_run_group_tests_name("outer", tests, NULL, NULL);
}
