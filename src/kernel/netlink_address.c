/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do IP addresses travel in netlink attributes?  Conversion only.
 */
#include "kernel/netlink_address.h"

#include <errno.h>
#include <netlink/attr.h>
#include <string.h>

#define IPV4_AT 12 /* where the four bytes stand in ::ffff:a.b.c.d */

int netlink_address_read(const void *bytes, size_t length, struct address *ret)
{
	if (length == 16) {
		memcpy(ret->bytes, bytes, 16);
		return 0;
	}
	if (length != 4)
		return -EBADMSG;
	*ret = (struct address){.bytes = {[10] = 0xff, [11] = 0xff}};
	memcpy(ret->bytes + IPV4_AT, bytes, 4);
	return 0;
}

int netlink_address_get(struct nlattr *attribute, struct address *ret)
{
	return netlink_address_read(nla_data(attribute), (size_t)nla_len(attribute), ret);
}

int netlink_address_put(struct nl_msg *message, int type, const struct address *address)
{
	bool ipv4 = address_is_ipv4(address);

	return nla_put(message, type, ipv4 ? 4 : 16, address->bytes + (ipv4 ? IPV4_AT : 0)) < 0 ?
		       -ENOMEM :
		       0;
}
