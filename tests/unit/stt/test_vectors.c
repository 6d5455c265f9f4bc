/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does every STT packet of tests/vectors end as its description says?
 */
#include "segments.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>

#define FOLDER	   "tests/vectors"
#define VECTOR_MAX 64
#define LINE_MAX   (2 * 70000)

struct vector {
	const char *name;
	char text[64];
};

static const char *drop_name(enum drop_reason reason)
{
	switch (reason) {
#define X(symbol, number, name, sentence)                                                          \
	case DROP_##symbol:                                                                        \
		return name;
		DROP_REASONS(X)
#undef X
	default:
		return "none";
	}
}

static size_t from_hex(const char *text, uint8_t *bytes)
{
	size_t n = 0;
	unsigned int byte;

	while (sscanf(text + 2 * n, "%2x", &byte) == 1)
		bytes[n++] = (uint8_t)byte;
	return n;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void assert_tag(const json_t *ok, struct stt_span *frame, struct virtio_net_hdr *vnet)
{
	const json_t *vlan = json_object_get(ok, "vlan");
	uint16_t tci;

	if (!json_is_object(vlan)) {
		assert_int_not_equal(span_get16(frame->at + 12), ETH_P_8021Q);
		return;
	}
	assert_int_equal(span_get16(frame->at + 12), ETH_P_8021Q);
	tci = span_get16(frame->at + 14);
	assert_int_equal(tci >> 13, json_integer_value(json_object_get(vlan, "pcp")));
	assert_int_equal(tci & 0xfff, json_integer_value(json_object_get(vlan, "vid")));
	assert_int_equal(tci & 0x1000, 0);
	memmove(frame->at + 4, frame->at, 12);
	frame->at += 4;
	frame->n -= 4;
}

static void assert_offloads(const json_t *ok, const struct virtio_net_hdr *vnet)
{
	const char *csum = text_of(ok, "csum");

	if (!csum)
		return;
	if (strcmp(csum, "partial") != 0) {
		assert_int_equal(vnet->flags,
				 strcmp(csum, "verified") ? 0 : VIRTIO_NET_HDR_F_DATA_VALID);
		assert_int_equal(vnet->gso_type, VIRTIO_NET_HDR_GSO_NONE);
		return;
	}
	assert_int_equal(vnet->flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_int_equal(vnet->csum_start, json_integer_value(json_object_get(ok, "l4_offset")));
	assert_int_equal(vnet->csum_offset, strcmp(text_of(ok, "l4"), "tcp") ? 6 : 16);
	assert_int_equal(vnet->gso_size, json_integer_value(json_object_get(ok, "mss")));
}

static void assert_delivered(const json_t *ok, struct stt_span frame, struct virtio_net_hdr vnet,
			     uint64_t context)
{
	static uint8_t wanted[70000];
	size_t n = from_hex(text_of(ok, "inner_hex"), wanted);

	assert_int_equal(context, strtoull(text_of(ok, "context_id"), NULL, 16));
	assert_offloads(ok, &vnet);
	assert_tag(ok, &frame, &vnet);
	assert_int_equal(frame.n, n);
	assert_memory_equal(frame.at, wanted, n);
}

/* What shall become of one packet: "pending", "deliver" or "drop:<name>". */
static void word_for(const json_t *vector, size_t index, char *ret, size_t size)
{
	const json_t *expect = json_object_get(vector, "expect");
	const json_t *words = json_object_get(vector, "per_frame");

	if (words)
		snprintf(ret, size, "%s", json_string_value(json_array_get(words, index)));
	else if (text_of(expect, "drop"))
		snprintf(ret, size, "drop:%s", text_of(expect, "drop"));
	else
		snprintf(ret, size, "deliver");
}

static void try_packet(const json_t *vector, size_t index, struct stt_reassembly *table,
		       uint8_t **buffer, const void *bytes, size_t n)
{
	const json_t *ok = json_object_get(json_object_get(vector, "expect"), "ok");
	const json_t *also = json_object_get(ok, "also_delivers");
	struct virtio_net_hdr vnet;
	struct stt_span frame;
	char wanted[64], word[64];
	uint64_t context = 0;
	enum drop_reason reason = receive(table, buffer, bytes, n, 0, &frame, &vnet, &context);

	if (reason)
		snprintf(word, sizeof(word), "drop:%s", drop_name(reason));
	else
		snprintf(word, sizeof(word), "%s", frame.n ? "deliver" : "pending");
	word_for(vector, index, wanted, sizeof(wanted));
	assert_string_equal(word, wanted);
	if (reason || !frame.n)
		return;
	if (also && json_integer_value(json_object_get(also, "at_frame")) == (int)index + 1)
		assert_delivered(also, frame, vnet, context);
	else
		assert_delivered(ok, frame, vnet, context);
}

static void a_vector_ends_as_described(void **state)
{
	const struct vector *vector = *state;
	static char line[LINE_MAX];
	static uint8_t bytes[LINE_MAX / 2];
	char path[128];
	struct losses losses;
	struct stt_reassembly *table = make_table(16, 16, &losses);
	uint8_t *buffer = stt_buffer_take(table);
	json_t *json;
	size_t n_packets = 0;
	FILE *hex;

	snprintf(path, sizeof(path), FOLDER "/%s.json", vector->text);
	json = json_load_file(path, 0, NULL);
	assert_non_null(json);
	snprintf(path, sizeof(path), FOLDER "/%s.hex", vector->text);
	hex = fopen(path, "re");
	assert_non_null(hex);
	for (; fgets(line, sizeof(line), hex); n_packets++)
		try_packet(json, n_packets, table, &buffer, bytes, from_hex(line, bytes));
	fclose(hex);
	assert_int_equal(n_packets, json_integer_value(json_object_get(json, "frames")));
	stt_reassembly_expire(table, SECOND);
	if (text_of(json_object_get(json, "expect"), "drop") &&
	    !strcmp(text_of(json_object_get(json, "expect"), "drop"), "reassembly_timeout"))
		assert_int_equal(losses.by_reason[DROP_REASSEMBLY_TIMEOUT], 1);
	else
		assert_int_equal(losses.by_reason[DROP_REASSEMBLY_TIMEOUT], 0);
	json_decref(json);
	stt_reassembly_free(table);
}

static int is_vector(const struct dirent *entry)
{
	return strncmp(entry->d_name, "stt-", 4) == 0 && strstr(entry->d_name, ".json") != NULL;
}

int main(void)
{
	static struct vector vectors[VECTOR_MAX];
	struct dirent **entries;
	int n = scandir(FOLDER, &entries, is_vector, alphasort);

	if (n < 20 || n > VECTOR_MAX) {
		fprintf(stderr, FOLDER " has %d STT vectors\n", n);
		return EXIT_FAILURE;
	}
	for (int i = 0; i < n; i++) {
		snprintf(vectors[i].text, sizeof(vectors[i].text), "%.*s",
			 (int)(strlen(entries[i]->d_name) - 5), entries[i]->d_name);
		vectors[i].name = vectors[i].text;
		free(entries[i]);
	}
	free(entries);
	return run_cases_of("vectors", vectors, (size_t)n, sizeof(vectors[0]),
			    a_vector_ends_as_described);
}
