/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which way does the kernel send a packet to an address?  Two questions per
 * address: with RTM_F_FIB_MATCH the answer has every next hop of the route but
 * no learned path MTU, without it the one next hop of one flow and its MTU.
 */
#include "kernel/route.h"

#include "kernel/netlink_address.h"

#include <errno.h>
#include <linux/nexthop.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <string.h>

struct answer {
	struct netlink *netlink;
	const struct route_query *query;
	struct route route;
	uint32_t nexthop_id; /* of a nexthop object that the answer does not spell out */
};

static struct nl_msg *build_query(const struct route_query *query, unsigned int flags)
{
	bool ipv4 = address_is_ipv4(&query->destination);
	bool has_source = !address_is_unspecified(&query->source);
	uint8_t bits = ipv4 ? 32 : 128;
	struct rtmsg header = {
		.rtm_family = ipv4 ? AF_INET : AF_INET6,
		.rtm_dst_len = bits,
		.rtm_src_len = has_source ? bits : 0,
		.rtm_flags = flags,
	};
	struct nl_msg *request = netlink_request(RTM_GETROUTE, 0, &header, sizeof(header));

	if (request && netlink_address_put(request, RTA_DST, &query->destination) == 0 &&
	    (!has_source || netlink_address_put(request, RTA_SRC, &query->source) == 0) &&
	    (query->protocol == 0 || (nla_put_u8(request, RTA_IP_PROTO, query->protocol) == 0 &&
				      nla_put_u16(request, RTA_DPORT, htons(query->port)) == 0)))
		return request;
	nlmsg_free(request);
	return NULL;
}

static void append_nexthop(struct route *route, const struct route_nexthop *nexthop)
{
	if (route->n_nexthops < ROUTE_NEXTHOPS_MAX)
		route->nexthops[route->n_nexthops++] = *nexthop;
}

/* RTA_VIA: a gateway of another family than the route's. */
static void read_gateway(struct nlattr *gateway, struct nlattr *via, struct address *ret)
{
	const struct rtvia *other = via ? nla_data(via) : NULL;

	if (gateway)
		(void)netlink_address_get(gateway, ret);
	else if (other && nla_len(via) > (int)sizeof(*other))
		(void)netlink_address_read(other->rtvia_addr, (size_t)nla_len(via) - sizeof(*other),
					   ret);
}

static void read_multipath(struct nlattr *multipath, struct answer *answer)
{
	const struct rtnexthop *hop = nla_data(multipath);
	int left = nla_len(multipath);

	while (left >= (int)sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) &&
	       hop->rtnh_len <= left) {
		struct route_nexthop nexthop = {
			.ifindex = (uint32_t)hop->rtnh_ifindex,
			.weight = hop->rtnh_hops + 1u,
			.gateway = answer->query->destination,
		};
		struct nlattr *attributes[RTA_MAX + 1];

		if (nla_parse(attributes, RTA_MAX, (struct nlattr *)RTNH_DATA(hop),
			      hop->rtnh_len - (int)sizeof(*hop), NULL) == 0) {
			read_gateway(attributes[RTA_GATEWAY], attributes[RTA_VIA],
				     &nexthop.gateway);
			if (!(hop->rtnh_flags & RTNH_F_DEAD))
				append_nexthop(&answer->route, &nexthop);
		}
		left -= RTNH_ALIGN(hop->rtnh_len);
		hop = RTNH_NEXT(hop);
	}
}

static enum route_kind kind_of(unsigned char type)
{
	if (type == RTN_UNICAST)
		return ROUTE_UNICAST;
	return type == RTN_LOCAL ? ROUTE_LOCAL : ROUTE_NONE;
}

static uint32_t read_mtu(struct nlattr *metrics)
{
	struct nlattr *mtu =
		metrics ? nla_find(nla_data(metrics), nla_len(metrics), RTAX_MTU) : NULL;

	return mtu ? nla_get_u32(mtu) : 0;
}

static int visit_route(void *arg, struct nlmsghdr *message)
{
	struct answer *answer = arg;
	struct route *route = &answer->route;
	const struct rtmsg *header = nlmsg_data(message);
	struct nlattr *attributes[RTA_MAX + 1];
	struct route_nexthop nexthop = {.weight = 1, .gateway = answer->query->destination};

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_parse(message, sizeof(*header), attributes, RTA_MAX, NULL) < 0)
		return -EBADMSG;
	route->kind = kind_of(header->rtm_type);
	route->mtu = read_mtu(attributes[RTA_METRICS]);
	if (attributes[RTA_PREFSRC])
		(void)netlink_address_get(attributes[RTA_PREFSRC], &route->source);
	read_gateway(attributes[RTA_GATEWAY], attributes[RTA_VIA], &nexthop.gateway);
	if (attributes[RTA_MULTIPATH]) {
		read_multipath(attributes[RTA_MULTIPATH], answer);
	} else if (attributes[RTA_OIF]) {
		nexthop.ifindex = nla_get_u32(attributes[RTA_OIF]);
		append_nexthop(route, &nexthop);
	} else if (attributes[RTA_NH_ID]) {
		answer->nexthop_id = nla_get_u32(attributes[RTA_NH_ID]);
	}
	return 0;
}

/* The routing code's refusals that mean "no way", as opposed to "could not ask". */
static bool means_no_route(int error)
{
	return error == -ENETUNREACH || error == -EHOSTUNREACH || error == -EACCES ||
	       error == -ENETDOWN || error == -EINVAL;
}

static int ask(struct answer *answer, unsigned int flags)
{
	struct nl_msg *request = build_query(answer->query, flags);
	int error = request ? netlink_ask(answer->netlink, request, visit_route, answer) : -ENOMEM;

	if (!means_no_route(error))
		return error;
	answer->route.kind = ROUTE_NONE;
	return 0;
}

struct nexthop_answer {
	struct answer *answer;
	uint32_t weight;
	unsigned int n_members;
	struct nexthop_grp members[ROUTE_NEXTHOPS_MAX];
};

static void read_group(struct nlattr *group, struct nexthop_answer *ret)
{
	const struct nexthop_grp *members = nla_data(group);
	unsigned int n = (unsigned int)nla_len(group) / sizeof(*members);

	ret->n_members = n < ROUTE_NEXTHOPS_MAX ? n : ROUTE_NEXTHOPS_MAX;
	memcpy(ret->members, members, ret->n_members * sizeof(*members));
}

static int visit_nexthop(void *arg, struct nlmsghdr *message)
{
	struct nexthop_answer *nexthops = arg;
	const struct nhmsg *header = nlmsg_data(message);
	struct nlattr *attributes[NHA_MAX + 1];
	struct route_nexthop nexthop = {
		.weight = nexthops->weight,
		.gateway = nexthops->answer->query->destination,
	};

	if (nlmsg_parse(message, sizeof(*header), attributes, NHA_MAX, NULL) < 0)
		return -EBADMSG;
	if (attributes[NHA_GROUP])
		read_group(attributes[NHA_GROUP], nexthops);
	if (!attributes[NHA_OIF] || (header->nh_flags & RTNH_F_DEAD))
		return 0;
	nexthop.ifindex = nla_get_u32(attributes[NHA_OIF]);
	read_gateway(attributes[NHA_GATEWAY], NULL, &nexthop.gateway);
	append_nexthop(&nexthops->answer->route, &nexthop);
	return 0;
}

static int ask_nexthop(struct nexthop_answer *nexthops, uint32_t id)
{
	struct nhmsg header = {0};
	struct nl_msg *request = netlink_request(RTM_GETNEXTHOP, 0, &header, sizeof(header));

	if (!request || nla_put_u32(request, NHA_ID, id) < 0) {
		nlmsg_free(request);
		return -ENOMEM;
	}
	return netlink_ask(nexthops->answer->netlink, request, visit_nexthop, nexthops);
}

/* With net.ipv4.nexthop_compat_mode=0 a route names its nexthop object only. */
static int expand_nexthop_object(struct answer *answer)
{
	struct nexthop_answer group = {.answer = answer, .weight = 1};
	int error = ask_nexthop(&group, answer->nexthop_id);

	for (unsigned int i = 0; !error && i < group.n_members; i++) {
		struct nexthop_answer member = {.answer = answer,
						.weight = group.members[i].weight + 1u};

		error = ask_nexthop(&member, group.members[i].id);
	}
	return error;
}

/* The MTU of the path as one flow sees it, with what routers have said. */
static int ask_path_mtu(struct answer *answer)
{
	struct answer flow = {.netlink = answer->netlink, .query = answer->query};
	int error = ask(&flow, 0);

	if (error || flow.route.kind != ROUTE_UNICAST)
		return error;
	answer->route.path_mtu = flow.route.mtu;
	if (address_is_unspecified(&answer->route.source))
		answer->route.source = flow.route.source;
	return 0;
}

int route_resolve(struct netlink *netlink, const struct route_query *query, struct route *ret)
{
	struct answer answer = {.netlink = netlink, .query = query};
	int error = ask(&answer, RTM_F_FIB_MATCH);

	if (!error && answer.route.kind == ROUTE_UNICAST && answer.nexthop_id)
		error = expand_nexthop_object(&answer);
	if (!error && answer.route.kind == ROUTE_UNICAST && answer.route.n_nexthops == 0)
		answer.route.kind = ROUTE_NONE;
	if (!error && answer.route.kind == ROUTE_UNICAST)
		error = ask_path_mtu(&answer);
	if (error)
		return error;
	*ret = answer.route;
	return 0;
}

bool route_covers(struct nlmsghdr *message, const struct address *address)
{
	const struct rtmsg *header = nlmsg_data(message);
	bool ipv4 = header->rtm_family == AF_INET;
	unsigned int bits = header->rtm_dst_len + (ipv4 ? 96u : 0);
	struct nlattr *attribute = nlmsg_find_attr(message, sizeof(*header), RTA_DST);
	struct address prefix;

	if (header->rtm_family != address_family(address) || (header->rtm_flags & RTM_F_CLONED))
		return false;
	if (header->rtm_dst_len == 0)
		return true;
	if (!attribute || netlink_address_get(attribute, &prefix) < 0 || bits > 128 ||
	    memcmp(prefix.bytes, address->bytes, bits / 8) != 0)
		return false;
	return bits % 8 == 0 ||
	       (prefix.bytes[bits / 8] ^ address->bytes[bits / 8]) >> (8 - bits % 8) == 0;
}
