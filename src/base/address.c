/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IP and MAC addresses: text in, text out, compare.  Called by every layer of
 * the daemon and by overlayctl; knows no scope, no port and no prefix length.
 */
#include "base/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};
static const struct address in6_unspecified, in4_unspecified = {.bytes = {[10] = 0xff, 0xff}};

int address_parse(const char *text, struct address *ret)
{
	struct address address;

	if (inet_pton(AF_INET, text, address.bytes + sizeof(mapped_prefix)) == 1) {
		memcpy(address.bytes, mapped_prefix, sizeof(mapped_prefix));
	} else if (inet_pton(AF_INET6, text, address.bytes) == 1) {
		/* one spelling for each address, or two peers could be the same one */
		if (address_is_ipv4(&address))
			return -EINVAL;
	} else {
		return -EINVAL;
	}
	*ret = address;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int mac_parse(const char *text, struct mac *ret)
{
	struct mac mac;

	for (size_t i = 0; i < sizeof(mac.bytes); i++) {
		int high = hex_digit(text[0]);
		int low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0)
			return -EINVAL;
		mac.bytes[i] = (uint8_t)(high << 4 | low);
		text += 2;
		if (i == sizeof(mac.bytes) - 1)
			break;
		if (*text != ':' && *text != '-')
			return -EINVAL;
		text++;
	}
	if (*text)
		return -EINVAL;
	*ret = mac;
	return 0;
}

const char *address_format(const struct address *address, char *buffer)
{
	if (address_is_ipv4(address))
		inet_ntop(AF_INET, address->bytes + sizeof(mapped_prefix), buffer,
			  ADDRESS_TEXT_MAX);
	else
		inet_ntop(AF_INET6, address->bytes, buffer, ADDRESS_TEXT_MAX);
	return buffer;
}

const char *mac_format(const struct mac *mac, char *buffer)
{
	static const char digits[] = "0123456789abcdef";
	char *at = buffer;

	for (size_t i = 0; i < sizeof(mac->bytes); i++) {
		*at++ = digits[mac->bytes[i] >> 4];
		*at++ = digits[mac->bytes[i] & 15];
		*at++ = ':';
	}
	at[-1] = '\0';
	return buffer;
}

bool address_is_ipv4(const struct address *address)
{
	return !memcmp(address->bytes, mapped_prefix, sizeof(mapped_prefix));
}

int address_family(const struct address *address)
{
	return address_is_ipv4(address) ? AF_INET : AF_INET6;
}

bool address_is_unspecified(const struct address *address)
{
	return address_equal(address, &in6_unspecified) || address_equal(address, &in4_unspecified);
}

bool address_is_multicast(const struct address *address)
{
	if (address_is_ipv4(address))
		return (address->bytes[12] & 0xf0) == 0xe0;
	return address->bytes[0] == 0xff;
}

bool address_is_loopback(const struct address *address)
{
	static const struct address in6_loopback = {.bytes = {[15] = 1}};

	if (address_is_ipv4(address))
		return address->bytes[12] == 127;
	return address_equal(address, &in6_loopback);
}

bool address_is_link_local(const struct address *address)
{
	if (address_is_ipv4(address))
		return address->bytes[12] == 169 && address->bytes[13] == 254;
	return address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

int address_compare(const struct address *a, const struct address *b)
{
	bool a_first = address_is_ipv4(a), b_first = address_is_ipv4(b);

	if (a_first != b_first)
		return a_first ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool mac_is_group(const struct mac *mac)
{
	return mac->bytes[0] & 1;
}

bool mac_is_zero(const struct mac *mac)
{
	static const struct mac zero;

	return mac_equal(mac, &zero);
}

bool mac_equal(const struct mac *a, const struct mac *b)
{
	return !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}
