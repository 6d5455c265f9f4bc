/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do layers become bytes?  Two passes: headers are written from the
 * outside in, then lengths and checksums from the inside out, because an outer
 * checksum covers the inner ones.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compose.h"

#define LAYERS_MAX 16

struct composition {
	const struct layer *layers;
	size_t offset[LAYERS_MAX + 1];
	size_t end; /* of the packet: where a trailer starts */
	struct frame *frame;
};

static size_t gre_size(uint16_t flags)
{
	return 4u + (flags & GRE_CHECKSUM ? 4 : 0) + (flags & GRE_KEY ? 4 : 0) +
	       (flags & GRE_SEQUENCE ? 4 : 0);
}

static size_t layer_size(const struct layer *layer)
{
	switch (layer->kind) {
	case LAYER_ETH:
		return 14;
	case LAYER_VLAN:
		return 4;
	case LAYER_IP4:
		return 20u + layer->option_bytes;
	case LAYER_IP6:
		return 40;
	case LAYER_TCP:
		return 20u + layer->option_bytes;
	case LAYER_ARP:
		return 28;
	case LAYER_UDP:
	case LAYER_ICMP4:
	case LAYER_ICMP6:
	case LAYER_VXLAN:
		return 8;
	case LAYER_GENEVE:
		return 8u + layer->n_options;
	case LAYER_GRE:
		return gre_size(layer->gre_flags);
	case LAYER_PAYLOAD:
	case LAYER_BYTES:
	case LAYER_TRAILER:
		return layer->n;
	}
	abort();
}

static void put_mac(uint8_t *at, const char *text)
{
	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &at[0], &at[1], &at[2], &at[3],
		   &at[4], &at[5]) != 6)
		frame_give_up("\"%s\" is not a MAC address", text);
}

static void put_ip(int family, uint8_t *at, const char *text)
{
	if (inet_pton(family, text, at) != 1)
		frame_give_up("\"%s\" is not an address of family %d", text, family);
}

/* 0x88b5, local experimental, stands for "not IP". */
static uint16_t ether_type(const struct layer *layer, const struct layer *next)
{
	if (layer->type)
		return layer->type;
	switch (next ? next->kind : LAYER_PAYLOAD) {
	case LAYER_VLAN:
		return next->tpid;
	case LAYER_IP4:
		return 0x0800;
	case LAYER_IP6:
		return 0x86dd;
	case LAYER_ARP:
		return 0x0806;
	default:
		return 0x88b5;
	}
}

static uint8_t ip_protocol(const struct layer *layer, const struct layer *next)
{
	if (layer->protocol)
		return layer->protocol;
	switch (next ? next->kind : LAYER_PAYLOAD) {
	case LAYER_TCP:
		return IPPROTO_TCP;
	case LAYER_UDP:
		return IPPROTO_UDP;
	case LAYER_GRE:
		return IPPROTO_GRE;
	case LAYER_ICMP4:
		return IPPROTO_ICMP;
	case LAYER_ICMP6:
		return IPPROTO_ICMPV6;
	default:
		return 253; /* for experiments, RFC 3692 */
	}
}

static void write_ip4(uint8_t *at, const struct layer *layer, const struct layer *next)
{
	at[0] = (uint8_t)(0x40 | (layer->ihl ? layer->ihl : 5 + layer->option_bytes / 4));
	at[1] = layer->tos;
	put_u16(at + 4, layer->id);
	put_u16(at + 6, layer->fragment);
	at[8] = layer->ttl;
	at[9] = ip_protocol(layer, next);
	put_ip(AF_INET, at + 12, layer->src);
	put_ip(AF_INET, at + 16, layer->dst);
	memset(at + 20, 1, layer->option_bytes);
}

static void write_ip6(uint8_t *at, const struct layer *layer, const struct layer *next)
{
	put_u32(at, 6u << 28 | (uint32_t)layer->tos << 20 | layer->flow);
	at[6] = ip_protocol(layer, next);
	at[7] = layer->ttl;
	put_ip(AF_INET6, at + 8, layer->src);
	put_ip(AF_INET6, at + 24, layer->dst);
}

static void write_tcp(uint8_t *at, const struct layer *layer)
{
	put_u16(at, layer->sport);
	put_u16(at + 2, layer->dport);
	put_u32(at + 4, layer->seq);
	put_u32(at + 8, layer->ack);
	at[12] = (uint8_t)((5 + layer->option_bytes / 4) << 4);
	at[13] = layer->tcp_flags;
	put_u16(at + 14, 0xffff);
	memset(at + 20, 1, layer->option_bytes);
}

static void write_arp(uint8_t *at, const struct layer *layer)
{
	put_u16(at, 1);
	put_u16(at + 2, 0x0800);
	at[4] = 6;
	at[5] = 4;
	put_u16(at + 6, layer->arp_op);
	put_mac(at + 8, layer->sender_mac);
	put_ip(AF_INET, at + 14, layer->sender);
	put_mac(at + 18, layer->target_mac);
	put_ip(AF_INET, at + 24, layer->target);
}

static void write_geneve(uint8_t *at, const struct layer *layer)
{
	size_t words = layer->option_words ? layer->option_words : layer->n_options / 4;

	at[0] = (uint8_t)(layer->geneve_version << 6 | words);
	at[1] = layer->geneve_flags;
	put_u16(at + 2, layer->type);
	put_u32(at + 4, layer->vni << 8 | layer->reserved8);
	if (layer->n_options)
		memcpy(at + 8, layer->options, layer->n_options);
}

/* The checksum is finish_layer()'s. */
static void write_gre(uint8_t *at, const struct layer *layer)
{
	put_u16(at, layer->gre_flags);
	put_u16(at + 2, layer->type);
	at += 4;
	if (layer->gre_flags & GRE_CHECKSUM) {
		put_u16(at + 2, layer->reserved1);
		at += 4;
	}
	if (layer->gre_flags & GRE_KEY) {
		put_u32(at, layer->key);
		at += 4;
	}
	if (layer->gre_flags & GRE_SEQUENCE)
		put_u32(at, layer->sequence);
}

static void write_layer(uint8_t *at, const struct layer *layer, const struct layer *next)
{
	switch (layer->kind) {
	case LAYER_ETH:
		put_mac(at, layer->dst);
		put_mac(at + 6, layer->src);
		put_u16(at + 12, ether_type(layer, next));
		break;
	case LAYER_VLAN:
		put_u16(at, layer->tci);
		put_u16(at + 2, ether_type(layer, next));
		break;
	case LAYER_IP4:
		write_ip4(at, layer, next);
		break;
	case LAYER_IP6:
		write_ip6(at, layer, next);
		break;
	case LAYER_UDP:
		put_u16(at, layer->sport);
		put_u16(at + 2, layer->dport);
		break;
	case LAYER_TCP:
		write_tcp(at, layer);
		break;
	case LAYER_ICMP4:
	case LAYER_ICMP6:
		at[0] = layer->icmp_type;
		at[1] = layer->icmp_code;
		put_u32(at + 4, layer->icmp_rest);
		break;
	case LAYER_ARP:
		write_arp(at, layer);
		break;
	case LAYER_VXLAN:
		put_u32(at, (uint32_t)layer->vxlan_flags << 24 | layer->reserved24);
		put_u32(at + 4, layer->vni << 8 | layer->reserved8);
		break;
	case LAYER_GENEVE:
		write_geneve(at, layer);
		break;
	case LAYER_GRE:
		write_gre(at, layer);
		break;
	case LAYER_PAYLOAD:
		for (size_t i = 0; i < layer->n; i++)
			at[i] = (uint8_t)(layer->seed + 7 * i);
		break;
	case LAYER_BYTES:
		if (layer->n)
			memcpy(at, layer->bytes, layer->n);
		break;
	case LAYER_TRAILER:
		memset(at, 0xee, layer->n);
		break;
	}
}

/* The sum over n bytes, as the field's owner wants it. */
static uint16_t checksum_value(const struct layer *layer, const uint8_t *at, size_t n,
			       uint32_t pseudo)
{
	uint16_t sum = (uint16_t)~frame_sum(at, n, pseudo);

	switch (layer->checksum) {
	case CHECKSUM_ZERO:
		return 0;
	case CHECKSUM_WRONG:
		return sum ^ 0x0101;
	case CHECKSUM_PSEUDO:
		return frame_sum(NULL, 0, pseudo);
	case CHECKSUM_RIGHT:
		break;
	}
	return sum == 0 && layer->kind == LAYER_UDP ? 0xffff : sum;
}

/* The pseudo header of the nearest IP layer outside layer i; 0 when there is none. */
static uint32_t pseudo_of(const struct composition *c, size_t i, uint8_t protocol)
{
	size_t length = c->end - c->offset[i];

	for (size_t ip = i; ip-- > 0;) {
		if (c->layers[ip].kind == LAYER_IP4)
			return checksum_pseudo(4, c->frame->bytes + c->offset[ip], protocol,
					       length);
		if (c->layers[ip].kind == LAYER_IP6)
			return checksum_pseudo(6, c->frame->bytes + c->offset[ip], protocol,
					       length);
	}
	return 0;
}

/* Behind a first fragment's UDP header the datagram goes on elsewhere; tests give lengths then. */
static void finish_layer(const struct composition *c, size_t i)
{
	const struct layer *layer = &c->layers[i];
	uint8_t *at = c->frame->bytes + c->offset[i];
	size_t n = c->end - c->offset[i];

	switch (layer->kind) {
	case LAYER_IP4:
		put_u16(at + 2, layer->length ? layer->length : (uint16_t)n);
		put_u16(at + 10, checksum_value(layer, at, 20u + layer->option_bytes, 0));
		break;
	case LAYER_IP6:
		put_u16(at + 4, layer->length ? layer->length : (uint16_t)(n - 40));
		break;
	case LAYER_UDP:
		put_u16(at + 4, layer->length ? layer->length : (uint16_t)n);
		put_u16(at + 6, checksum_value(layer, at, n, pseudo_of(c, i, IPPROTO_UDP)));
		break;
	case LAYER_TCP:
		put_u16(at + 16, checksum_value(layer, at, n, pseudo_of(c, i, IPPROTO_TCP)));
		break;
	case LAYER_ICMP4:
		put_u16(at + 2, checksum_value(layer, at, n, 0));
		break;
	case LAYER_GRE:
		if (layer->gre_flags & GRE_CHECKSUM)
			put_u16(at + 4, checksum_value(layer, at, n, 0));
		break;
	case LAYER_ICMP6:
		put_u16(at + 2, checksum_value(layer, at, n, pseudo_of(c, i, IPPROTO_ICMPV6)));
		break;
	default:
		break;
	}
}

const struct frame *frame_compose(const struct layer *layers, size_t n_layers)
{
	struct composition c = {.layers = layers};

	if (n_layers > LAYERS_MAX)
		frame_give_up("%zu layers", n_layers);
	for (size_t i = 0; i < n_layers; i++) {
		c.offset[i + 1] = c.offset[i] + layer_size(&layers[i]);
		if (layers[i].kind != LAYER_TRAILER)
			c.end = c.offset[i + 1];
	}
	c.frame = frame_allocate(c.offset[n_layers]);
	memset(c.frame->bytes, 0, c.frame->length);
	for (size_t i = 0; i < n_layers; i++)
		write_layer(c.frame->bytes + c.offset[i], &layers[i],
			    i + 1 < n_layers ? &layers[i + 1] : NULL);
	for (size_t i = n_layers; i-- > 0;)
		finish_layer(&c, i);
	return c.frame;
}
