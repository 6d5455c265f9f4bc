/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IP and MAC addresses as values: text in, text out, compare.  Nothing else.
 */
#ifndef OVERLAID_BASE_ADDRESS_H
#define OVERLAID_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Network byte order.  IPv4 is kept as ::ffff:a.b.c.d, the form of the maps. */
struct address {
	uint8_t bytes[16];
};

struct mac {
	uint8_t bytes[6];
};

#define ADDRESS_TEXT_MAX 46 /* with the final NUL */
#define MAC_TEXT_MAX	 18

/* 0, or -EINVAL.  Takes "192.0.2.1" and "2001:db8::1"; ::ffff:0:0/96 in IPv6 form is refused. */
int address_parse(const char *text, struct address *ret);
/* Takes six two-digit hexadecimal bytes with ':' or '-'; 0, or -EINVAL. */
int mac_parse(const char *text, struct mac *ret);

/* Returns buffer, which has ADDRESS_TEXT_MAX (MAC_TEXT_MAX) bytes. */
const char *address_format(const struct address *address, char *buffer);
const char *mac_format(const struct mac *mac, char *buffer);

bool address_is_ipv4(const struct address *address);
int address_family(const struct address *address); /* AF_INET or AF_INET6 */
bool address_is_unspecified(const struct address *address);
bool address_is_multicast(const struct address *address);
bool address_is_loopback(const struct address *address);
bool address_is_link_local(const struct address *address); /* 169.254/16, fe80::/10 */
bool address_equal(const struct address *a, const struct address *b);
int address_compare(const struct address *a, const struct address *b); /* IPv4 first */

bool mac_is_group(const struct mac *mac);
bool mac_is_zero(const struct mac *mac);
bool mac_equal(const struct mac *a, const struct mac *b);

#endif
