/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a frame that was built, cut as a network card cuts it, and sent in any
 * order come out as it went in, with what is left to do said again?
 */
#include "segments.h"

#define VNI 4711

enum contents { TCP_SUPER, TCP_PARTIAL, UDP_PARTIAL, UDP_VERIFIED, UDP_DONE, ARP };

struct trip {
	const char *sentence;
	uint8_t family; /* of the underlay */
	uint8_t inner;	/* IP version */
	enum contents contents;
	uint16_t vlan; /* 0: none */
	uint16_t mtu;
	uint16_t bytes; /* of the inner frame without a tag */
	unsigned int segments;
};

static const struct trip trips[] = {
	{"ARP over IPv4", 4, 0, ARP, 0, 1500, 42, 1},
	{"ARP over IPv6", 6, 0, ARP, 0, 1500, 42, 1},
	{"tagged ARP", 4, 0, ARP, 0x6064, 1500, 42, 1},
	{"UDP with its checksum", 4, 4, UDP_DONE, 0, 1500, 200, 1},
	{"UDP with a verified checksum", 4, 4, UDP_VERIFIED, 0, 1500, 200, 1},
	{"UDP without a checksum yet", 4, 4, UDP_PARTIAL, 0, 1500, 200, 1},
	{"UDP over IPv6 in IPv6", 6, 6, UDP_PARTIAL, 0, 1500, 200, 1},
	{"tagged UDP", 4, 4, UDP_PARTIAL, 0x0fff, 1500, 200, 1},
	{"TCP, full-sized", 4, 4, TCP_PARTIAL, 0, 1500, 1514, 2},
	{"TCP that just fits", 4, 4, TCP_PARTIAL, 0, 1500, 1442, 1},
	{"TCP that just does not fit", 4, 4, TCP_PARTIAL, 0, 1500, 1443, 2},
	{"TCP that just fits IPv6", 6, 4, TCP_PARTIAL, 0, 1500, 1422, 1},
	{"a super-frame", 4, 4, TCP_SUPER, 0, 1500, 30054, 21},
	{"a super-frame of IPv6", 4, 6, TCP_SUPER, 0, 1500, 30074, 21},
	{"a super-frame over IPv6", 6, 4, TCP_SUPER, 0, 1500, 30054, 21},
	{"a tagged super-frame", 6, 6, TCP_SUPER, 0x2001, 1500, 30074, 21},
	{"the largest frame", 4, 4, TCP_SUPER, 0, 1500, 65477, 45},
	{"a path of 576 bytes", 4, 4, TCP_SUPER, 0, 576, 30054, 57},
	{"a path of 9000 bytes", 4, 4, TCP_SUPER, 0, 9000, 65477, 8},
};

static struct stt_target target(uint8_t family, uint16_t mtu)
{
	return (struct stt_target){
		.local = family == 4 ? address4(1) : address6(1),
		.remote = family == 4 ? address4(2) : address6(2),
		.path_mtu = mtu,
		.port = PORT,
		.vni = VNI,
		.family = family,
		.ttl = 64,
		.dscp = 10,
	};
}

static void put_ip(uint8_t *at, uint8_t version, uint8_t protocol, size_t n)
{
	if (version == 4) {
		struct iphdr ip = {.version = 4,
				   .ihl = 5,
				   .tos = 2,
				   .ttl = 9,
				   .protocol = protocol,
				   .saddr = htonl(0x0a000001),
				   .daddr = htonl(0x0a000002)};

		ip.tot_len = htons((uint16_t)n);
		ip.check = (uint16_t)~checksum_fold(checksum_add(0, &ip, sizeof(ip)));
		memcpy(at, &ip, sizeof(ip));
	} else {
		struct ipv6hdr ip = {
			.version = 6, .flow_lbl = {2 << 4}, .nexthdr = protocol, .hop_limit = 9};

		ip.payload_len = htons((uint16_t)(n - sizeof(ip)));
		ip.saddr.s6_addr[15] = 1;
		ip.daddr.s6_addr[15] = 2;
		memcpy(at, &ip, sizeof(ip));
	}
}

/* The inner frame and what its device says of it. */
static struct stt_span make_frame(const struct trip *trip, uint8_t *buffer,
				  struct virtio_net_hdr *vnet)
{
	size_t eth = ETH_HLEN + (trip->vlan ? 4 : 0), ip = trip->inner == 6 ? 40 : 20;
	struct stt_span frame = {.at = buffer + STT_HEADROOM, .n = trip->bytes + eth - ETH_HLEN};
	bool tcp = trip->contents == TCP_SUPER || trip->contents == TCP_PARTIAL;
	uint8_t *l4 = frame.at + eth + ip;

	for (size_t i = 0; i < frame.n; i++)
		frame.at[i] = (uint8_t)(i * 31 + (i >> 8));
	frame.at[0] = 2;
	*vnet = (struct virtio_net_hdr){0};
	if (trip->vlan) {
		span_put16(frame.at + 12, ETH_P_8021Q);
		span_put16(frame.at + 14, trip->vlan & 0xefff);
	}
	span_put16(frame.at + eth - 2, trip->contents == ARP ? ETH_P_ARP :
				       trip->inner == 4	     ? ETH_P_IP :
							       ETH_P_IPV6);
	if (trip->contents == ARP)
		return frame;
	put_ip(frame.at + eth, trip->inner, tcp ? IPPROTO_TCP : IPPROTO_UDP, frame.n - eth);
	if (tcp) {
		l4[12] = 0x80; /* with 12 bytes of options */
		l4[13] = STT_ACK;
	}
	if (trip->contents == UDP_VERIFIED)
		vnet->flags = VIRTIO_NET_HDR_F_DATA_VALID;
	if (trip->contents == UDP_DONE || trip->contents == UDP_VERIFIED)
		return frame;
	vnet->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	vnet->csum_start = (uint16_t)(eth + ip);
	vnet->csum_offset = tcp ? 16 : 6;
	if (trip->contents == TCP_SUPER) {
		vnet->gso_type =
			trip->inner == 4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
		vnet->gso_size = 1388;
		vnet->hdr_len = (uint16_t)(eth + ip + 32);
	}
	return frame;
}

/* The checksum that the field's pseudo-header sum begins. */
static void finish(struct packet *packet, size_t l4)
{
	uint16_t check =
		(uint16_t)~checksum_fold(checksum_add(0, packet->bytes + l4, packet->n - l4));

	memcpy(packet->bytes + l4 + 16, &check, sizeof(check));
}

/* One segment of a packet, as TCP segmentation makes it. */
static void cut_one(const struct stt_span *packet, size_t l4, size_t offset, size_t n,
		    unsigned int index, struct packet *ret)
{
	size_t headers = l4 + 20, addresses = l4 == 34 ? 8 : 32;
	uint16_t low = (uint16_t)(span_get16(packet->at + l4 + 6) + offset), sum;

	memcpy(ret->bytes, packet->at, headers);
	memcpy(ret->bytes + headers, packet->at + headers + offset, n);
	ret->n = headers + n;
	span_put16(ret->bytes + l4 + 6, low);
	if (l4 == 34) {
		span_put16(ret->bytes + 16, (uint16_t)(ret->n - ETH_HLEN));
		span_put16(ret->bytes + 18, (uint16_t)(span_get16(ret->bytes + 18) + index));
		memset(ret->bytes + 24, 0, 2);
		sum = (uint16_t)~checksum_fold(checksum_add(0, ret->bytes + ETH_HLEN, 20));
		memcpy(ret->bytes + 24, &sum, 2);
	} else {
		span_put16(ret->bytes + 18, (uint16_t)(ret->n - 54));
	}
	sum = checksum_fold(checksum_pseudo(ret->bytes + l4 - addresses, addresses,
					    (uint32_t)(ret->n - l4), IPPROTO_TCP));
	memcpy(ret->bytes + l4 + 16, &sum, 2);
	finish(ret, l4);
}

static void cut(const struct stt_span *packet, const struct virtio_net_hdr *vnet,
		struct packets *ret)
{
	size_t l4 = vnet->csum_start, payload = packet->n - l4 - 20;
	size_t mss = vnet->gso_type ? vnet->gso_size : payload;

	ret->n = 0;
	if (!vnet->gso_type) { /* what is written in it must be right as it stands */
		assert_true(packet->n <= sizeof(ret->packets[0].bytes));
		memcpy(ret->packets[0].bytes, packet->at, packet->n);
		ret->packets[0].n = packet->n;
		finish(&ret->packets[0], l4);
		ret->n = 1;
		return;
	}
	for (size_t offset = 0; offset < payload; offset += mss, ret->n++)
		cut_one(packet, l4, offset, payload - offset < mss ? payload - offset : mss,
			(unsigned int)ret->n, &ret->packets[ret->n]);
}

static void a_frame_comes_out_as_it_went_in(void **state)
{
	static uint8_t before[STT_BUFFER_BYTES], buffer[STT_BUFFER_BYTES];
	static struct packets packets;
	const struct trip *trip = *state;
	struct stt_target to = target(trip->family, trip->mtu);
	struct stt_sender sender = {.frame_id = 5, .frame_id_step = 2, .ip_id = 65530};
	struct virtio_net_hdr vnet, sent, got;
	struct stt_span frame = make_frame(trip, before, &vnet), packet, whole;
	struct losses losses;
	struct stt_reassembly *table = make_table(4, 4, &losses);
	uint8_t *own = stt_buffer_take(table);
	uint64_t context = 0;

	memcpy(buffer, before, sizeof(buffer));
	packet = (struct stt_span){.at = buffer + STT_HEADROOM, .n = frame.n};
	sent = vnet;
	assert_int_equal(stt_build(&to, &sender, &packet, &sent), DROP_NONE);
	assert_int_equal(sender.frame_id, 7);
	cut(&packet, &sent, &packets);
	assert_int_equal(packets.n, trip->segments);
	if (trip->family == 4)
		assert_int_equal(sender.ip_id, (uint16_t)(65530 + packets.n));
	/* 7 is coprime to every number of segments here but multiples of itself: then 1 */
	for (size_t i = 0, step = packets.n % 7 ? 7 : 1; i < packets.n; i++) {
		const struct packet *one = &packets.packets[i * step % packets.n];

		assert_true(one->n - ETH_HLEN <= to.path_mtu);
		assert_int_equal(
			receive(table, &own, one->bytes, one->n, 0, &whole, &got, &context),
			DROP_NONE);
		assert_int_equal(whole.n != 0, i == packets.n - 1);
	}
	assert_int_equal(context, VNI);
	assert_int_equal(whole.n, frame.n);
	assert_memory_equal(whole.at, frame.at, frame.n);
	if (trip->contents == TCP_SUPER)
		assert_memory_equal(&got, &vnet, sizeof(got));
	assert_int_equal(got.flags, vnet.flags);
	assert_int_equal(got.csum_start, vnet.csum_start);
	assert_int_equal(got.csum_offset, vnet.csum_offset);
	stt_reassembly_free(table);
}

static struct stt_span small_frame(uint8_t *buffer, enum contents contents,
				   struct virtio_net_hdr *vnet)
{
	static const struct trip trip = {.inner = 4, .bytes = 200};
	struct trip wanted = trip;

	wanted.contents = contents;
	return make_frame(&wanted, buffer, vnet);
}

static void the_outer_header_says_what_it_must(void **state)
{
	static uint8_t buffer[STT_BUFFER_BYTES];
	struct stt_target to = target(4, 1500);
	struct stt_sender sender = {.frame_id = 0x01020304, .frame_id_step = 1};
	struct virtio_net_hdr vnet;
	struct stt_span packet = small_frame(buffer, UDP_PARTIAL, &vnet);
	struct stt_segment_header segment;
	const struct stt_header *header;

	assert_int_equal(stt_build(&to, &sender, &packet, &vnet), DROP_NONE);
	assert_int_equal(packet.n, 14 + 20 + 20 + 18 + 200);
	assert_int_equal(span_get16(packet.at + 12), ETH_P_IP);
	assert_int_equal(packet.at[14 + 1], 10 << 2 | 2); /* DSCP ours, ECN the inner one's */
	assert_int_equal(span_get16(packet.at + 14 + 6), 0x4000);
	assert_int_equal(packet.at[14 + 8], 64);
	memcpy(&segment, packet.at + 34, sizeof(segment));
	assert_true(ntohs(segment.source_be) >= 49152);
	assert_int_equal(ntohs(segment.destination_be), PORT);
	assert_int_equal(ntohs(segment.length_be), 218);
	assert_int_equal(segment.offset_be, 0);
	assert_int_equal(ntohl(segment.frame_id_be), 0x01020304);
	assert_int_equal(segment.data_offset, 0x50);
	assert_int_equal(segment.flags, STT_ACK | STT_PSH);
	assert_int_equal(segment.window_be, 0xffff);
	header = (const void *)(packet.at + 54);
	assert_int_equal(header->version, 0);
	assert_int_equal(header->flags, STT_PARTIAL | STT_IPV4);
	assert_int_equal(header->l4_offset, 34);
	assert_int_equal(header->mss_be, 0);
	assert_int_equal(header->vlan_be, 0);
	assert_int_equal(header->context_high_be, 0);
	assert_int_equal(ntohl(header->context_low_be), VNI);
	assert_int_equal(header->padding, 0);
	assert_int_equal(header->reserved, 0);
}

static void dscp_is_copied_where_the_segment_says_so(void **state)
{
	static uint8_t buffer[STT_BUFFER_BYTES];
	struct stt_target to = target(6, 1500);
	struct stt_sender sender = {0};
	struct virtio_net_hdr vnet;
	struct stt_span packet = small_frame(buffer, UDP_DONE, &vnet);

	packet.at[15] = 0xb9; /* EF, ECT(1) */
	to.copy_dscp = true;
	assert_int_equal(stt_build(&to, &sender, &packet, &vnet), DROP_NONE);
	assert_int_equal((span_get16(packet.at + 14) >> 4) & 0xff, 0xb9);
}

static void a_flow_keeps_its_source_port_and_others_get_another(void **state)
{
	static uint8_t buffer[STT_BUFFER_BYTES];
	struct stt_target to = target(4, 1500);
	struct stt_sender sender = {0};
	uint16_t ports[3];

	for (int i = 0; i < 3; i++) {
		struct virtio_net_hdr vnet;
		struct stt_span packet = small_frame(buffer, UDP_DONE, &vnet);

		packet.at[34] = i == 2; /* the inner source port */
		packet.at[150] = (uint8_t)i;
		assert_int_equal(stt_build(&to, &sender, &packet, &vnet), DROP_NONE);
		ports[i] = span_get16(packet.at + 34);
	}
	assert_int_equal(ports[0], ports[1]);
	assert_int_not_equal(ports[0], ports[2]);
}

static void a_frame_beyond_65477_bytes_is_refused_by_name(void **state)
{
	static uint8_t buffer[STT_BUFFER_BYTES + 64];
	struct stt_target to = target(4, 1500);
	struct stt_sender sender = {0};
	struct virtio_net_hdr vnet = {0};
	struct stt_span packet = {.at = buffer + STT_HEADROOM, .n = 65478};

	assert_int_equal(stt_build(&to, &sender, &packet, &vnet), DROP_STT_FRAME_TOO_LONG);
	/* a tag travels in the header */
	packet = (struct stt_span){.at = buffer + STT_HEADROOM, .n = 65481};
	span_put16(packet.at + 12, ETH_P_8021Q);
	assert_int_equal(stt_build(&to, &sender, &packet, &vnet), DROP_NONE);
}

static void a_checksum_that_stt_cannot_leave_open_is_finished(void **state)
{
	static uint8_t buffer[STT_BUFFER_BYTES];
	struct stt_target to = target(4, 1500);
	struct stt_sender sender = {0};
	struct virtio_net_hdr vnet;
	struct stt_span packet = small_frame(buffer, UDP_PARTIAL, &vnet);
	const struct stt_header *header;
	uint16_t sum;

	vnet.csum_start = 100;
	vnet.csum_offset = 8;
	memset(packet.at + 108, 0, 2);
	sum = (uint16_t)~checksum_fold(checksum_add(0, packet.at + 100, packet.n - 100));
	assert_int_equal(stt_build(&to, &sender, &packet, &vnet), DROP_NONE);
	header = (const void *)(packet.at + 54);
	assert_int_equal(header->flags, 0);
	assert_int_equal(header->l4_offset, 0);
	assert_memory_equal(packet.at + 72 + 108, &sum, sizeof(sum));
}

static void a_path_without_room_for_a_byte_is_refused(void **state)
{
	static uint8_t buffer[STT_BUFFER_BYTES];
	struct stt_target to = target(4, 40);
	struct stt_sender sender = {0};
	struct virtio_net_hdr vnet;
	struct stt_span packet = small_frame(buffer, UDP_DONE, &vnet);

	assert_int_equal(stt_build(&to, &sender, &packet, &vnet), DROP_PEER_UNREACHABLE);
}

static void a_path_tag_is_put_and_taken(void **state)
{
	static uint8_t before[STT_BUFFER_BYTES], buffer[STT_BUFFER_BYTES];
	struct virtio_net_hdr vnet, same;
	struct stt_span frame = small_frame(before, UDP_PARTIAL, &vnet),
			moved = small_frame(buffer, UDP_PARTIAL, &same);

	assert_int_equal(stt_path_take(&moved, &same), 0);
	stt_path_put(&moved, &same, 0xfffe);
	assert_int_equal(moved.n, frame.n + 4);
	assert_int_equal(same.csum_start, vnet.csum_start + 4);
	assert_int_equal(span_get16(moved.at + 12), ETH_P_8021AD);
	assert_int_equal(stt_path_take(&moved, &same), 0xfffe);
	assert_int_equal(moved.n, frame.n);
	assert_memory_equal(moved.at, frame.at, frame.n);
	assert_memory_equal(&same, &vnet, sizeof(vnet));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_outer_header_says_what_it_must),
		cmocka_unit_test(dscp_is_copied_where_the_segment_says_so),
		cmocka_unit_test(a_flow_keeps_its_source_port_and_others_get_another),
		cmocka_unit_test(a_frame_beyond_65477_bytes_is_refused_by_name),
		cmocka_unit_test(a_checksum_that_stt_cannot_leave_open_is_finished),
		cmocka_unit_test(a_path_without_room_for_a_byte_is_refused),
		cmocka_unit_test(a_path_tag_is_put_and_taken),
	};

	return run_cases(trips, a_frame_comes_out_as_it_went_in) |
	       cmocka_run_group_tests(tests, NULL, NULL);
}
