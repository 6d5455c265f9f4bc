/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which texts are addresses, what do they print as, and what kind are they?
 */
#include "../cases.h"

#include "base/address.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>

struct row {
	const char *sentence;
	const char *text;
	const char *printed; /* NULL: refused */
	int family;
	bool unspecified, multicast, loopback, link_local;
};

static const struct row rows[] = {
	{"an IPv4 address is read", "192.0.2.1", "192.0.2.1", AF_INET},
	{"an IPv6 address is printed in its shortest form", "2001:DB8:0:0:0:0:0:1", "2001:db8::1",
	 AF_INET6},
	{"0.0.0.0 is unspecified", "0.0.0.0", "0.0.0.0", AF_INET, .unspecified = true},
	{":: is unspecified", "::", "::", AF_INET6, .unspecified = true},
	{"224.0.0.0 is multicast", "224.0.0.0", "224.0.0.0", AF_INET, .multicast = true},
	{"239.255.255.255 is multicast", "239.255.255.255", "239.255.255.255", AF_INET,
	 .multicast = true},
	{"240.0.0.1 is not multicast", "240.0.0.1", "240.0.0.1", AF_INET},
	{"223.255.255.255 is not multicast", "223.255.255.255", "223.255.255.255", AF_INET},
	{"ff02::1 is multicast", "ff02::1", "ff02::1", AF_INET6, .multicast = true},
	{"127.255.0.1 is loopback", "127.255.0.1", "127.255.0.1", AF_INET, .loopback = true},
	{"::1 is loopback", "::1", "::1", AF_INET6, .loopback = true},
	{"::2 is not loopback", "::2", "::2", AF_INET6},
	{"169.254.0.1 is link-local", "169.254.0.1", "169.254.0.1", AF_INET, .link_local = true},
	{"169.253.0.1 is not link-local", "169.253.0.1", "169.253.0.1", AF_INET},
	{"fe80::1 is link-local", "fe80::1", "fe80::1", AF_INET6, .link_local = true},
	{"febf::1 is link-local", "febf::1", "febf::1", AF_INET6, .link_local = true},
	{"fec0::1 is not link-local", "fec0::1", "fec0::1", AF_INET6},
	{"an IPv4 address in IPv6 form is refused", "::ffff:192.0.2.1", NULL},
	{"a mapped address in hexadecimal is refused", "::ffff:c000:201", NULL},
	{"three numbers are refused", "192.0.2", NULL},
	{"five numbers are refused", "192.0.2.1.1", NULL},
	{"a number above 255 is refused", "192.0.2.256", NULL},
	{"a prefix length is refused", "192.0.2.1/24", NULL},
	{"a scope is refused", "fe80::1%eth0", NULL},
	{"brackets are refused", "[2001:db8::1]", NULL},
	{"a space is refused", " 192.0.2.1", NULL},
	{"nothing is refused", "", NULL},
	{"a name is refused", "localhost", NULL},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct address address, again;
	char text[ADDRESS_TEXT_MAX];

	memset(&address, 0xaa, sizeof(address));
	if (!row->printed) {
		assert_int_equal(address_parse(row->text, &address), -EINVAL);
		assert_int_equal(address.bytes[0], 0xaa);
		return;
	}
	assert_int_equal(address_parse(row->text, &address), 0);
	assert_string_equal(address_format(&address, text), row->printed);
	assert_int_equal(address_family(&address), row->family);
	assert_int_equal(address_is_ipv4(&address), row->family == AF_INET);
	assert_int_equal(address_is_unspecified(&address), row->unspecified);
	assert_int_equal(address_is_multicast(&address), row->multicast);
	assert_int_equal(address_is_loopback(&address), row->loopback);
	assert_int_equal(address_is_link_local(&address), row->link_local);
	assert_int_equal(address_parse(text, &again), 0);
	assert_true(address_equal(&address, &again));
}

static void an_ipv4_address_is_kept_in_the_form_of_the_maps(void **state)
{
	static const uint8_t wanted[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
	struct address address;

	assert_int_equal(address_parse("192.0.2.1", &address), 0);
	assert_memory_equal(address.bytes, wanted, sizeof(wanted));
}

static void the_longest_address_fits_its_buffer(void **state)
{
	struct address address;
	char text[ADDRESS_TEXT_MAX];

	memset(&address, 0xee, sizeof(address));
	assert_string_equal(address_format(&address, text),
			    "eeee:eeee:eeee:eeee:eeee:eeee:eeee:eeee");
}

static void ipv4_addresses_come_first(void **state)
{
	static const char *const sorted[] = {"0.0.0.0", "10.0.0.2", "192.0.2.1",  "255.255.255.255",
					     "::",	"::1",	    "2001:db8::", "ff02::1"};
	const int n = sizeof(sorted) / sizeof(sorted[0]);

	for (int i = 0; i < n; i++) {
		for (int j = 0; j < n; j++) {
			struct address a, b;
			int order;

			assert_int_equal(address_parse(sorted[i], &a), 0);
			assert_int_equal(address_parse(sorted[j], &b), 0);
			order = address_compare(&a, &b);
			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}

struct mac_row {
	const char *sentence;
	const char *text;
	const char *printed; /* NULL: refused */
	bool group, zero;
};

static const struct mac_row mac_rows[] = {
	{"a MAC address is read", "52:54:00:ab:cd:ef", "52:54:00:ab:cd:ef"},
	{"capitals are read", "52:54:00:AB:CD:EF", "52:54:00:ab:cd:ef"},
	{"dashes are read", "52-54-00-ab-cd-ef", "52:54:00:ab:cd:ef"},
	{"the broadcast address is a group", "ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff",
	 .group = true},
	{"a multicast address is a group", "01:00:5e:00:00:01", "01:00:5e:00:00:01", .group = true},
	{"a local address is no group", "02:00:00:00:00:01", "02:00:00:00:00:01"},
	{"zeros are zero", "00:00:00:00:00:00", "00:00:00:00:00:00", .zero = true},
	{"five bytes are refused", "52:54:00:ab:cd", NULL},
	{"seven bytes are refused", "52:54:00:ab:cd:ef:01", NULL},
	{"a final colon is refused", "52:54:00:ab:cd:ef:", NULL},
	{"one digit is refused", "2:54:00:ab:cd:ef", NULL},
	{"three digits are refused", "052:54:00:ab:cd:ef", NULL},
	{"a letter beyond f is refused", "52:54:00:ab:cd:eg", NULL},
	{"Cisco's form is refused", "5254.00ab.cdef", NULL},
	{"digits without separators are refused", "525400abcdef", NULL},
	{"nothing is refused", "", NULL},
	{"a beginning is refused", "52:", NULL},
};

static void run_mac_row(void **state)
{
	const struct mac_row *row = *state;
	char text[MAC_TEXT_MAX];
	struct mac mac = {{0xaa}};

	if (!row->printed) {
		assert_int_equal(mac_parse(row->text, &mac), -EINVAL);
		assert_int_equal(mac.bytes[0], 0xaa);
		return;
	}
	assert_int_equal(mac_parse(row->text, &mac), 0);
	assert_string_equal(mac_format(&mac, text), row->printed);
	assert_int_equal(mac_is_group(&mac), row->group);
	assert_int_equal(mac_is_zero(&mac), row->zero);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv4_address_is_kept_in_the_form_of_the_maps),
		cmocka_unit_test(the_longest_address_fits_its_buffer),
		cmocka_unit_test(ipv4_addresses_come_first),
	};

	return run_cases(rows, run_row) + run_cases(mac_rows, run_mac_row) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
