/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does from_underlay do with every vector but STT's what its file says: the inner
 * frame byte for byte, or a drop of that name?  Each runs through a test run
 * and once more from a device, and the vectors whose meaning is another one
 * here have a case of their own below.
 */
#include "test.h"

#include "vector.h"

/* Ports, protocols and drafts that are not ours: the host's business. */
static const char *const not_ours[] = {
	"vxlan-v4-gpe-eth",
	"vxlan-v4-gpe-oam",
	"vxlan-v4-gpe-ver1",
};

/* Cases of their own below, since one run is not all there is to say. */
static const char *const special[] = {
	"vxlan-v4-trunc-eth",
	"vxlan-v4-frag-last",
	"vxlan-v4-outer-vlan",
	"vxlan-v4-mcast-bum",
};

static bool is_in(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

#define IS_IN(list, name) is_in(list, sizeof(list) / sizeof((list)[0]), name)

/* Vectors of kinds that name no segment by BLUE's number, where they say no number themselves. */
static uint32_t vni_of(const struct vector *vector)
{
	if (vector->ok && !vector->key_absent)
		return vector->vni;
	if (vector->kind == ENCAP_NVGRE)
		return 0x012345;
	return vector->kind == ENCAP_GRE ? 0xdeadbeef : BLUE_VNI;
}

/* The switch as the vector's config says; known destinations live behind port A. */
static void configure(struct harness *harness, const struct vector *vector)
{
	struct table_segment segment;
	struct table_peer peer;

	tables_fill(harness);
	tables_accept_only(harness, vector->kind);
	tables_set_fdb(harness, vni_of(vector), VM_B_MAC, PATH_PORT, PORT_A, FDB_STATIC);
	if (vector->carry_tags)
		tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	if (vector->zero_checksum6_refused) {
		peer = tables_peer(harness, PEER_6);
		peer.flags &= (uint16_t)~PEER_ZERO_CHECKSUM6;
		tables_set_peer(harness, PEER_6, peer);
	}
	if (vni_of(vector) != BLUE_VNI) {
		segment = tables_segment(harness, BLUE);
		segment.vni = vni_of(vector);
		tables_set_segment(harness, BLUE, segment);
		tables_add_member(harness, segment.vni, REMOTE_4, PEER_4);
		tables_add_member(harness, segment.vni, REMOTE_6, PEER_6);
	}
}

/* Delivered from the device: the one port or, flooded, all of them have the frame. */
static void assert_delivered(struct harness *harness, const struct frame *frame,
			     const struct frame *inner)
{
	bool flooded = inner->bytes[0] & 1;

	assert_no_drop(harness_deliver(harness, &harness->underlay, frame));
	assert_received(&harness->ports[PORT_A], inner);
	if (flooded) {
		assert_received(&harness->ports[PORT_B], inner);
		assert_received(&harness->ports[PORT_C], inner);
	}
	for (uint32_t port = 0; port < N_PORTS; port++)
		assert_silent(&harness->ports[port]);
	assert_silent(&harness->underlay);
}

static void check_frame(struct harness *harness, const struct vector *vector,
			const struct frame *frame)
{
	const struct outcome *outcome =
		harness_run(harness, FROM_UNDERLAY, &harness->underlay, frame);
	bool flooded = vector->inner->bytes[0] & 1;

	assert_int_equal(outcome->verdict, flooded ? TC_ACT_SHOT : TC_ACT_REDIRECT);
	assert_int_equal(outcome->n_dropped, 0);
	assert_frame(outcome->out, vector->inner);
	assert_int_equal(outcome->segments[BLUE].rx_frames, 1);
	assert_int_equal(outcome->segments[BLUE].rx_bytes, vector->inner->length);
	for (uint32_t port = 0; port < N_PORTS; port++)
		device_drain(&harness->ports[port]);
	assert_delivered(harness, frame, vector->inner);
}

static void check_ok(struct harness *harness, const struct vector *vector)
{
	check_frame(harness, vector, vector->frame);
	if (vector->second)
		check_frame(harness, vector, vector->second);
}

/* Since Linux 6.18 a test run refuses IP frames that are shorter than an IP header. */
static bool can_be_run(const struct frame *frame)
{
	return frame->length >= (frame_u16(frame, 12) == 0x86dd ? 54 : 34);
}

static void check_drop(struct harness *harness, const struct vector *vector)
{
	enum drop_reason reason = drop_by_name(vector->drop);

	assert_int_not_equal(reason, DROP_NONE);
	if (can_be_run(vector->frame))
		assert_dropped(
			harness_run(harness, FROM_UNDERLAY, &harness->underlay, vector->frame),
			reason);
	assert_counted(harness_deliver(harness, &harness->underlay, vector->frame), reason,
		       VERDICT_UNKNOWN);
	for (uint32_t port = 0; port < N_PORTS; port++)
		assert_silent(&harness->ports[port]);
}

static struct harness *the_harness;

static void check_vector(const char *name, bool old_kernel)
{
	struct vector vector = vector_read(name);

	configure(the_harness, &vector);
	if (old_kernel)
		tables_clear_features(the_harness);
	if (IS_IN(not_ours, vector.name))
		assert_host(harness_run(the_harness, FROM_UNDERLAY, &the_harness->underlay,
					vector.frame),
			    vector.frame);
	else if (vector.key_absent) /* it names no segment: every tunnel here has a key */
		assert_dropped(harness_run(the_harness, FROM_UNDERLAY, &the_harness->underlay,
					   vector.frame),
			       DROP_GRE_KEY_MISSING);
	else if (vector.ok)
		check_ok(the_harness, &vector);
	else
		check_drop(the_harness, &vector);
}

/* As this kernel can, then as one that knows no DECAP flags (6.1). */
static void a_vector_is_received_as_its_file_says(void **state)
{
	check_vector(*state, /* old_kernel= */ false);
	check_vector(*state, /* old_kernel= */ true);
}

/* With reserved bits strict, exactly the vectors that have some are dropped by that name. */
static void a_vector_with_reserved_bits_is_dropped_where_the_setting_is_strict(void **state)
{
	struct vector vector = vector_read(*state);
	size_t vxlan = vector.frame->bytes[12] == 0x08 ? 42 : 62;
	const struct outcome *outcome;

	configure(the_harness, &vector);
	tables_set_settings(the_harness, SETTING_STRICT_RESERVED);
	if (vector.frame->bytes[14] == 0x46)
		vxlan += 4;
	if (vector.frame->bytes[20] == 0x2c || vector.frame->bytes[20] == 0x3c)
		vxlan += 8;
	outcome = harness_run(the_harness, FROM_UNDERLAY, &the_harness->underlay, vector.frame);
	if (frame_u32(vector.frame, vxlan) != 0x08000000 || vector.frame->bytes[vxlan + 7])
		assert_dropped(outcome, DROP_RESERVED_BITS);
	else
		assert_int_equal(outcome->n_dropped, 0);
}

/* The name's vector as delivered; *state is the harness. */
static struct vector special_vector(void **state, const char *name)
{
	struct vector vector = vector_read(name);

	configure(*state, &vector);
	return vector;
}

/* The inner tag is NVGRE's to refuse, whatever the segment says; its vector says no more than drop. */
static void an_inner_tag_is_refused_in_nvgre_where_the_segment_carries_tags(void **state)
{
	struct harness *harness = *state;
	struct vector vector = special_vector(state, "nvgre-v6-inner-vlan");

	tables_flag_segment(harness, BLUE, SEGMENT_CARRY_VLAN, 0);
	assert_string_equal(vector.drop, "inner_vlan");
	check_drop(harness, &vector);
}

static void a_later_fragment_goes_to_the_host_unless_fragments_are_dropped(void **state)
{
	struct harness *harness = *state;
	struct vector vector = special_vector(state, "vxlan-v4-frag-last");

	assert_host(harness_run(harness, FROM_UNDERLAY, &harness->underlay, vector.frame),
		    vector.frame);
	tables_set_settings(harness, SETTING_DROP_FRAGMENTS);
	assert_string_equal(vector.drop, "outer_fragment");
	check_drop(harness, &vector);
}

/* The kernel strips the tag before tc of the VLAN device sees the frame. */
static void a_tagged_outer_frame_belongs_to_a_vlan_device(void **state)
{
	struct harness *harness = *state;
	struct vector vector = special_vector(state, "vxlan-v4-outer-vlan");
	const struct frame *stripped = frame_join(frame_part(vector.frame, 0, 12),
						  frame_part(vector.frame, 16, FRAME_END));
	const struct outcome *outcome;

	assert_host(harness_run(harness, FROM_UNDERLAY, &harness->underlay, vector.frame),
		    vector.frame);
	/* from a device: the tag (VID 200) is in the metadata; nobody has that VLAN */
	outcome = harness_deliver(harness, &harness->underlay, vector.frame);
	assert_no_drop(outcome);
	assert_int_equal(outcome->segments[BLUE].rx_frames, 0);
	for (uint32_t port = 0; port < N_PORTS; port++)
		assert_silent(&harness->ports[port]);
	assert_delivered(harness, stripped, vector.inner);
}

/* VID 0 is no VLAN, only a priority: for the host it is as good as no tag (802.1Q). */
static void a_priority_tag_of_the_underlay_does_not_reach_the_vm(void **state)
{
	struct harness *harness = *state;
	struct vector vector = special_vector(state, "vxlan-v4-outer-vlan");
	const struct frame *priority = frame_patch(vector.frame, 14, "\xa0\x00", 2);

	assert_delivered(harness, priority, vector.inner);
	/* the kernel's own receiver would have done as well: that it was not asked is the point */
	assert_int_equal(
		harness_deliver(harness, &harness->underlay, priority)->segments[BLUE].via_anchor,
		0);
}

static void a_group_is_not_ours_unless_it_is_a_local_address(void **state)
{
	struct harness *harness = *state;
	struct vector vector = special_vector(state, "vxlan-v4-mcast-bum");

	assert_host(harness_run(harness, FROM_UNDERLAY, &harness->underlay, vector.frame),
		    vector.frame);
	tables_add_local_address(harness, vector.outer_dst);
	check_ok(harness, &vector);
}

/* No program can see it: test runs and devices refuse it (test_frame.c). */
static void the_vector_of_ten_bytes_is_the_kernel_s_to_refuse(void **state)
{
	struct harness *harness = *state;
	struct vector vector = special_vector(state, "vxlan-v4-trunc-eth");
	struct __sk_buff context = {.ifindex = (uint32_t)harness->underlay.ifindex};

	assert_string_equal(vector.drop, "truncated_outer_eth");
	assert_int_equal(harness_run_context(harness, FROM_UNDERLAY, context, vector.frame),
			 -EINVAL);
	assert_int_equal(device_send(&harness->underlay, vector.frame), -EINVAL);
}

/* cmocka gives a group's state to every test, unless there is none: these take names. */
static int keep_harness(void **state)
{
	int error = harness_open(state);

	the_harness = *state;
	*state = NULL;
	return error;
}

static int reset_harness(void **state)
{
	*state = the_harness;
	return harness_reset(state);
}

static int close_harness(void **state)
{
	*state = the_harness;
	return harness_close(state);
}

/* The tests of a file with two names: of the test and of the vector. */
static struct CMUnitTest named(const char *vector, const char *claim, CMUnitTestFunction function)
{
	char *name;

	if (asprintf(&name, "%s_%s", vector, claim) < 0)
		exit(EXIT_FAILURE);
	return (struct CMUnitTest){name, function, NULL, harness_forget, (void *)(uintptr_t)vector};
}

#define special_test(function)                                                                     \
	{                                                                                          \
#function, function, reset_harness, harness_forget, NULL                           \
	}

static const struct CMUnitTest specials[] = {
	special_test(an_inner_tag_is_refused_in_nvgre_where_the_segment_carries_tags),
	special_test(a_later_fragment_goes_to_the_host_unless_fragments_are_dropped),
	special_test(a_tagged_outer_frame_belongs_to_a_vlan_device),
	special_test(a_priority_tag_of_the_underlay_does_not_reach_the_vm),
	special_test(a_group_is_not_ours_unless_it_is_a_local_address),
	special_test(the_vector_of_ten_bytes_is_the_kernel_s_to_refuse),
};

#define N_SPECIALS (sizeof(specials) / sizeof(specials[0]))

int main(void)
{
	const char *const *names;
	size_t n_names = vector_names(VECTORS_OF_DATAPATH, &names), n = 0;
	struct CMUnitTest *tests = calloc(2 * n_names + N_SPECIALS, sizeof(*tests));
	int result;

	if (!tests)
		return EXIT_FAILURE;
	for (size_t i = 0; i < n_names; i++) {
		struct vector vector = vector_read(names[i]);

		if (IS_IN(special, names[i]))
			continue;
		tests[n++] = named(names[i], "is_received_as_its_file_says",
				   a_vector_is_received_as_its_file_says);
		if (vector.ok && vector.kind == ENCAP_VXLAN && !IS_IN(not_ours, names[i]))
			tests[n++] = named(
				names[i], "is_dropped_if_strict_and_only_for_reserved_bits",
				a_vector_with_reserved_bits_is_dropped_where_the_setting_is_strict);
	}
	memcpy(tests + n, specials, sizeof(specials));
	result = harness_run_group(tests, n + N_SPECIALS, keep_harness, close_harness);
	for (size_t i = 0; i < n; i++)
		free((void *)(uintptr_t)tests[i].name);
	free(tests);
	return result;
}
