/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do IP addresses travel in netlink attributes?  4 or 16 bytes by length;
 * the rest of the program knows IPv4 as ::ffff:a.b.c.d only.
 */
#ifndef OVERLAID_KERNEL_NETLINK_ADDRESS_H
#define OVERLAID_KERNEL_NETLINK_ADDRESS_H

#include "base/address.h"

#include <netlink/msg.h>

/* 0, or -EBADMSG when it is neither 4 nor 16 bytes long. */
int netlink_address_read(const void *bytes, size_t length, struct address *ret);
int netlink_address_get(struct nlattr *attribute, struct address *ret);
/* 0 or -ENOMEM. */
int netlink_address_put(struct nl_msg *message, int type, const struct address *address);

#endif
