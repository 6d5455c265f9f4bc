/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is a network device changed?  One RTM_NEWLINK or ethtool request per
 * function.  Does not look at the present state and does not wait for events.
 */
#include "kernel/link_set.h"

#include "base/cleanup.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int ask(struct netlink *netlink, struct nl_msg *request)
{
	return request ? netlink_ask(netlink, request, NULL, NULL) : -ENOMEM;
}

int link_set_up(struct netlink *netlink, uint32_t ifindex)
{
	struct ifinfomsg info = {
		.ifi_index = (int)ifindex, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};

	return ask(netlink, netlink_request(RTM_NEWLINK, 0, &info, sizeof(info)));
}

int link_set_mtu(struct netlink *netlink, uint32_t ifindex, uint32_t mtu)
{
	struct ifinfomsg info = {.ifi_index = (int)ifindex};
	struct nl_msg *request = netlink_request(RTM_NEWLINK, 0, &info, sizeof(info));

	if (request && nla_put_u32(request, IFLA_MTU, mtu) < 0) {
		nlmsg_free(request);
		return -ENOMEM;
	}
	return ask(netlink, request);
}

int link_set_no_addresses(struct netlink *netlink, uint32_t ifindex)
{
	struct ifinfomsg info = {.ifi_index = (int)ifindex};
	struct nl_msg *request = netlink_request(RTM_NEWLINK, 0, &info, sizeof(info));
	struct nlattr *spec, *inet6;

	if (!request)
		return -ENOMEM;
	spec = nla_nest_start(request, IFLA_AF_SPEC);
	inet6 = spec ? nla_nest_start(request, AF_INET6) : NULL;
	if (!inet6 || nla_put_u8(request, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE) < 0) {
		nlmsg_free(request);
		return -ENOMEM;
	}
	nla_nest_end(request, inet6);
	nla_nest_end(request, spec);
	return ask(netlink, request);
}

static int ethtool(int fd, const char *device, void *command)
{
	struct ifreq request = {.ifr_data = command};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

int link_set_gro(const char *device, bool on)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ethtool_value value = {.cmd = ETHTOOL_SGRO, .data = on};

	return fd < 0 ? -errno : ethtool(fd, device, &value);
}

/* How many features this kernel has, or -errno. */
static int count_features(int fd, const char *device)
{
	_cleanup_free_ struct ethtool_sset_info *query =
		calloc(1, sizeof(*query) + sizeof(query->data[0]));
	int error;

	if (!query)
		return -ENOMEM;
	query->cmd = ETHTOOL_GSSET_INFO;
	query->sset_mask = 1ull << ETH_SS_FEATURES;
	error = ethtool(fd, device, query);
	return error ? error : (int)query->data[0];
}

static bool is_to_go(const char *name, const char *beginning)
{
	return strncmp(name, beginning, strlen(beginning)) == 0 && !strstr(name, "vlan");
}

int link_set_features_off(const char *device, const char *beginning)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	_cleanup_free_ struct ethtool_gstrings *names = NULL;
	_cleanup_free_ struct ethtool_sfeatures *set = NULL;
	int n = fd < 0 ? -errno : count_features(fd, device), error;

	if (n < 0)
		return n;
	names = calloc(1, sizeof(*names) + (size_t)n * ETH_GSTRING_LEN);
	set = calloc(1, sizeof(*set) + ((size_t)n + 31) / 32 * sizeof(set->features[0]));
	if (!names || !set)
		return -ENOMEM;
	*names = (struct ethtool_gstrings){
		.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = (uint32_t)n};
	error = ethtool(fd, device, names);
	if (error)
		return error;
	set->cmd = ETHTOOL_SFEATURES;
	set->size = ((uint32_t)n + 31) / 32;
	for (int i = 0; i < n; i++)
		if (is_to_go((const char *)names->data + i * ETH_GSTRING_LEN, beginning))
			set->features[i / 32].valid |= 1u << i % 32;
	/* above zero: some cannot be changed, which the kernel says of those that are off too */
	return ethtool(fd, device, set);
}

int link_delete(struct netlink *netlink, uint32_t ifindex)
{
	struct ifinfomsg info = {.ifi_index = (int)ifindex};

	return ask(netlink, netlink_request(RTM_DELLINK, 0, &info, sizeof(info)));
}
