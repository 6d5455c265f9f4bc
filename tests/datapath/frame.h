/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does a frame in a test look like?  It is composed of layers, from the
 * outside in, and becomes bytes with every length, protocol number and checksum
 * filled in unless the test gave its own:
 *
 *	frame(eth(), ip4(.ttl = 1), udp(.dport = 53), payload(26))
 *
 * Frames live until frames_forget(), which each test's teardown calls.  Nothing
 * here fails softly: a frame that cannot be composed ends the test program.
 */
#ifndef OVERLAID_TESTS_FRAME_H
#define OVERLAID_TESTS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 70000

struct frame {
	size_t length;
	uint8_t bytes[];
};

enum layer_kind {
	LAYER_ETH,
	LAYER_VLAN,
	LAYER_IP4,
	LAYER_IP6,
	LAYER_UDP,
	LAYER_TCP,
	LAYER_ICMP4,
	LAYER_ICMP6,
	LAYER_ARP,
	LAYER_VXLAN,
	LAYER_GENEVE,
	LAYER_GRE,
	LAYER_PAYLOAD,
	LAYER_BYTES,
	LAYER_TRAILER, /* behind the packet: counted by no length field */
};

/* What a checksum field holds: the right sum, zero, or a wrong one. */
enum checksum { CHECKSUM_RIGHT, CHECKSUM_ZERO, CHECKSUM_WRONG, CHECKSUM_PSEUDO };

/* Zero means: as the layer's macro below or the next layer says. */
struct layer {
	enum layer_kind kind;
	const char *src, *dst; /* MAC or IP addresses */
	uint16_t type;	       /* eth, vlan: EtherType */
	uint16_t tpid, tci;    /* vlan */
	uint8_t tos;	       /* ip4, ip6: DSCP and ECN */
	uint8_t ttl;	       /* ip4, ip6 */
	uint8_t protocol;      /* ip4, ip6 */
	uint8_t ihl;	       /* ip4: the field itself; options follow as `option_bytes` */
	uint8_t option_bytes;  /* ip4, tcp: no-operation options, a multiple of 4 */
	uint16_t id;	       /* ip4 */
	uint16_t fragment;     /* ip4: flags and offset as on the wire */
	uint32_t flow;	       /* ip6: flow label */
	uint16_t sport, dport; /* udp, tcp */
	uint32_t seq, ack;     /* tcp */
	uint8_t tcp_flags;     /* tcp */
	uint16_t length;       /* ip4, ip6, udp: the length field */
	enum checksum checksum;
	uint8_t icmp_type, icmp_code;
	uint32_t icmp_rest; /* the word after the checksum */
	uint16_t arp_op;
	const char *sender, *target;	     /* arp: IP addresses */
	const char *sender_mac, *target_mac; /* arp */
	uint8_t vxlan_flags;
	uint32_t reserved24;
	uint32_t vni;
	uint8_t reserved8;
	uint8_t geneve_version, geneve_flags;
	uint8_t option_words;	/* geneve: the field itself; 0: as n_options says */
	const uint8_t *options; /* geneve: as on the wire */
	size_t n_options;	/* bytes, a multiple of 4 */
	uint16_t gre_flags;	/* the first two bytes: which of the fields below follow */
	uint32_t key, sequence;
	uint16_t reserved1;
	size_t n;	      /* payload, bytes, trailer */
	const uint8_t *bytes; /* bytes */
	uint8_t seed;	      /* payload: first byte of the pattern */
};

#define FRAGMENT_DF 0x4000
#define FRAGMENT_MF 0x2000

#define GRE_CHECKSUM 0x8000
#define GRE_KEY	     0x2000
#define GRE_SEQUENCE 0x1000

/* The two ends that tests talk about unless they say otherwise. */
#define VM_A_MAC      "02:bb:00:00:00:01"
#define VM_B_MAC      "02:bb:00:00:00:02"
#define VM_A_IP4      "10.1.0.1"
#define VM_B_IP4      "10.1.0.2"
#define VM_A_IP6      "fd00:1::1"
#define VM_B_IP6      "fd00:1::2"
#define BROADCAST_MAC "ff:ff:ff:ff:ff:ff"

/* A test's own values come after the defaults and win. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif

#define layer_(kind_, ...) ((struct layer){.kind = (kind_), __VA_ARGS__})

#define eth(...)   layer_(LAYER_ETH, .src = VM_A_MAC, .dst = VM_B_MAC, ##__VA_ARGS__)
#define vlan(...)  layer_(LAYER_VLAN, .tpid = 0x8100, .tci = 100, ##__VA_ARGS__)
#define ip4(...)   layer_(LAYER_IP4, .src = VM_A_IP4, .dst = VM_B_IP4, .ttl = 64, ##__VA_ARGS__)
#define ip6(...)   layer_(LAYER_IP6, .src = VM_A_IP6, .dst = VM_B_IP6, .ttl = 64, ##__VA_ARGS__)
#define udp(...)   layer_(LAYER_UDP, .sport = 4000, .dport = 5000, ##__VA_ARGS__)
#define tcp(...)   layer_(LAYER_TCP, .sport = 4000, .dport = 5000, .tcp_flags = 0x10, ##__VA_ARGS__)
#define icmp4(...) layer_(LAYER_ICMP4, .icmp_type = 8, ##__VA_ARGS__)
#define icmp6(...) layer_(LAYER_ICMP6, .icmp_type = 128, ##__VA_ARGS__)
#define arp(...)                                                                                   \
	layer_(LAYER_ARP, .arp_op = 1, .sender_mac = VM_A_MAC, .sender = VM_A_IP4,                 \
	       .target_mac = "00:00:00:00:00:00", .target = VM_B_IP4, ##__VA_ARGS__)
#define vxlan(...) layer_(LAYER_VXLAN, .vxlan_flags = 0x08, .vni = 5001, ##__VA_ARGS__)
/* Both carry Ethernet unless `type` says otherwise. */
#define geneve(...)	  layer_(LAYER_GENEVE, .vni = 5001, .type = 0x6558, ##__VA_ARGS__)
#define gre(...)	  layer_(LAYER_GRE, .gre_flags = GRE_KEY, .key = 5001, .type = 0x6558, ##__VA_ARGS__)
#define nvgre(vsid, flow) gre(.key = (uint32_t)(vsid) << 8 | (flow))
#define payload(n_, ...)  layer_(LAYER_PAYLOAD, .n = (n_), .seed = 1, ##__VA_ARGS__)
#define bytes(bytes_, n_) layer_(LAYER_BYTES, .bytes = (bytes_), .n = (n_))
#define trailer(n_)	  layer_(LAYER_TRAILER, .n = (n_))

#define frame(...)                                                                                 \
	frame_compose((struct layer[]){__VA_ARGS__},                                               \
		      sizeof((struct layer[]){__VA_ARGS__}) / sizeof(struct layer))
const struct frame *frame_compose(const struct layer *layers, size_t n_layers);

const struct frame *frame_copy(const void *data, size_t length);
const struct frame *frame_from_hex(const char *hex);
/* Bytes from..to of a frame; `to` may be FRAME_END. */
#define FRAME_END SIZE_MAX
const struct frame *frame_part(const struct frame *frame, size_t from, size_t to);
/* A copy with n bytes at offset overwritten. */
const struct frame *frame_patch(const struct frame *frame, size_t offset, const void *data,
				size_t n);
/* Two frames, one after the other. */
const struct frame *frame_join(const struct frame *head, const struct frame *tail);
bool frame_equal(const struct frame *a, const struct frame *b);
/* Fails the running test with both frames in hex and the first offset that differs. */
#define assert_frame(actual, expected) frame_assert(actual, expected, __FILE__, __LINE__)
void frame_assert(const struct frame *actual, const struct frame *expected, const char *file,
		  int line);
void frame_print(const char *title, const struct frame *frame);
void frames_forget(void);

/* Big-endian numbers of a frame; end the program when they are not inside. */
uint16_t frame_u16(const struct frame *frame, size_t offset);
uint32_t frame_u32(const struct frame *frame, size_t offset);
/* One's complement sum of bytes, folded, not complemented. */
uint16_t frame_sum(const void *data, size_t n, uint32_t start);
/*
 * Whether every checksum of the frame is right: of the IPv4 header, of UDP
 * (zero is right over IPv4), TCP, ICMP and, behind UDP port 4789, of the frame
 * inside.  Complains on stderr about the first that is not.
 */
bool frame_checksums_right(const struct frame *frame);

#endif
