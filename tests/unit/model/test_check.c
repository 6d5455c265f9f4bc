/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which models does model_check refuse, with which words about which member?
 * A row each; rows without a field are accepted.
 */
#include "../json_text.h"

#include "abi/table.h"
#include "base/problem.h"
#include "model/check.h"
#include "model/field.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#define UNDERLAY "'underlay': {'device': 'eth1'}"
#define SEGMENTS "'segments': [{'name': 'blue', 'vni': 5001}, {'name': 'red', 'vni': 5002}]"
#define PEERS	 "'peers': [{'address': '192.0.2.2', 'segments': ['blue']}, {'address': '192.0.2.3'}]"
#define PORTS	 "'ports': [{'device': 'tap0', 'segment': 'blue'}]"
#define START	 "{" UNDERLAY ", " SEGMENTS ", "
#define FULL	 START PEERS ", " PORTS ", "
#define MAC	 "'mac': '52:54:00:00:00:02'"

struct row {
	const char *sentence;
	const char *json;
	const char *field; /* NULL: accepted */
	int error;
	enum problem_code code;
	const char *fragment;
};

static const struct row accepted[] = {
	{"an underlay with a device is enough", "{" UNDERLAY "}"},
	{"the example of the design is accepted",
	 "{'underlay': {'device': 'eth1', 'address': '192.0.2.1'}, " SEGMENTS ", " PEERS ", " PORTS
	 ", 'fdb': [{'segment': 'blue', " MAC ", 'peer': '192.0.2.2'}],"
	 " 'neighbors': [{'segment': 'blue', 'address': '10.0.0.2', " MAC "}]}"},
	{"the largest VNI is accepted",
	 "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 16777215}]}"},
	{"names may have dots, dashes and underscores",
	 "{" UNDERLAY ", 'segments': [{'name': '7.a_b-C', 'vni': 1}]}"},
	{"a peer may be in no segment",
	 START "'peers': [{'address': '192.0.2.2', 'segments': []}]}"},
	{"a peer of a family that underlay.address has not is accepted while no address is given",
	 START "'peers': [{'address': '2001:db8::2'}]}"},
	{"both families are accepted with an address of both",
	 "{'underlay': {'device': 'eth1', 'address': ['192.0.2.1', '2001:db8::1']},"
	 " 'peers': [{'address': '192.0.2.2'}, {'address': '2001:db8::2'}]}"},
	{"flood: none is accepted",
	 "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 1, 'flood': 'none'}]}"},
	{"the same MAC address may be in two segments",
	 FULL "'fdb': [{'segment': 'blue', " MAC ", 'port': 'tap0'},"
	      " {'segment': 'red', " MAC ", 'peer': '192.0.2.3'}]}"},
	{"the same neighbor may be in two segments",
	 FULL "'neighbors': [{'segment': 'blue', 'address': '10.0.0.2', " MAC "},"
	      " {'segment': 'red', 'address': '10.0.0.2', " MAC "}]}"},
	{"a segment may have several records of each kind",
	 FULL "'fdb': [{'segment': 'blue', " MAC ", 'port': 'tap0'},"
	      " {'segment': 'blue', 'mac': '52:54:00:00:00:03', 'port': 'tap0'}],"
	      " 'neighbors': [{'segment': 'blue', 'address': '10.0.0.2', " MAC "},"
	      " {'segment': 'blue', 'address': '10.0.0.3', " MAC "}]}"},
	{"a VM's link-local address may be a neighbor",
	 FULL "'neighbors': [{'segment': 'blue', 'address': 'fe80::2', " MAC "}]}"},
	{"an FDB of 16 million entries is accepted",
	 "{" UNDERLAY ", 'limits': {'fdb-entries': 16777216}}"},
};

static const struct row refused_underlay[] = {
	{"an unspecified underlay address is refused",
	 "{'underlay': {'device': 'eth1', 'address': '0.0.0.0'}}", "underlay.address[0]", EINVAL,
	 PROBLEM_INVALID, "is 0.0.0.0, the unspecified address; give the address of one host"},
	{"a multicast underlay address is refused at its place in the list",
	 "{'underlay': {'device': 'eth1', 'address': ['192.0.2.1', 'ff02::1']}}",
	 "underlay.address[1]", EINVAL, PROBLEM_INVALID, "a multicast address"},
	{"a loopback underlay address is refused",
	 "{'underlay': {'device': 'eth1', 'address': '::1'}}", "underlay.address[0]", EINVAL,
	 PROBLEM_INVALID, "a loopback address"},
	{"the broadcast address is refused as underlay address",
	 "{'underlay': {'device': 'eth1', 'address': '255.255.255.255'}}", "underlay.address[0]",
	 EINVAL, PROBLEM_INVALID, "the broadcast address"},
	{"an IPv6 link-local underlay address is refused",
	 "{'underlay': {'device': 'eth1', 'address': 'fe80::1'}}", "underlay.address[0]", EINVAL,
	 PROBLEM_INVALID, "link-local"},
};

static const struct row refused_segments[] = {
	{"two segments of one name are refused",
	 "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 1}, {'name': 'red', 'vni': 2},"
	 " {'name': 'blue', 'vni': 3}]}",
	 "segments[2].name", EEXIST, PROBLEM_CONFLICT,
	 "\"blue\" is the name of segments[0] already; choose another"},
	{"two segments of one VNI are refused",
	 "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 7}, {'name': 'red', 'vni': 7}]}",
	 "segments[1].vni", EEXIST, PROBLEM_CONFLICT,
	 "7 is the VNI of segment \"blue\" already; choose another"},
	{"flood: multicast is refused by name",
	 "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 7, 'flood': 'multicast',"
	 " 'group': '239.1.1.1'}]}",
	 "segments[0].flood", EOPNOTSUPP, PROBLEM_INVALID,
	 "multicast is not available in this version; use head-end"},
	{"flood: replicator is refused by name",
	 "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 7, 'flood': 'replicator'}]}",
	 "segments[0].flood", EOPNOTSUPP, PROBLEM_INVALID,
	 "replicator is not available in this version; use head-end"},
	{"a group without flood: multicast is refused",
	 "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 7, 'group': '239.1.1.1'}]}",
	 "segments[0].group", EINVAL, PROBLEM_INVALID, "is only for flood: multicast; remove it"},
	{"a group that is no multicast address is refused",
	 "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 7, 'flood': 'multicast',"
	 " 'group': '192.0.2.1'}]}",
	 "segments[0].group", EINVAL, PROBLEM_INVALID, "is 192.0.2.1, which is no multicast"},
};

static const struct row refused_peers[] = {
	{"two peers of one address are refused",
	 START "'peers': [{'address': '2001:db8::2'}, {'address': '2001:DB8:0::2'}]}",
	 "peers[1].address", EEXIST, PROBLEM_CONFLICT,
	 "2001:db8::2 is the address of peers[0] already"},
	{"an unspecified peer address is refused", START "'peers': [{'address': '::'}]}",
	 "peers[0].address", EINVAL, PROBLEM_INVALID, "is empty or unspecified; give it a value"},
	{"the unspecified IPv4 address is refused as peer",
	 START "'peers': [{'address': '0.0.0.0'}]}", "peers[0].address", EINVAL, PROBLEM_INVALID,
	 "is empty or unspecified; give it a value"},
	{"a multicast peer address is refused", START "'peers': [{'address': '239.1.1.1'}]}",
	 "peers[0].address", EINVAL, PROBLEM_INVALID, "a multicast address"},
	{"a loopback peer address is refused", START "'peers': [{'address': '127.1.2.3'}]}",
	 "peers[0].address", EINVAL, PROBLEM_INVALID, "a loopback address"},
	{"the broadcast address is refused as peer",
	 START "'peers': [{'address': '255.255.255.255'}]}", "peers[0].address", EINVAL,
	 PROBLEM_INVALID, "the broadcast address"},
	{"an IPv6 link-local peer address is refused", START "'peers': [{'address': 'fe80::2'}]}",
	 "peers[0].address", EINVAL, PROBLEM_INVALID, "link-local"},
	{"a peer that is ourselves is refused",
	 "{'underlay': {'device': 'eth1', 'address': ['192.0.2.1', '2001:db8::1']},"
	 " 'peers': [{'address': '192.0.2.2'}, {'address': '2001:db8::1'}]}",
	 "peers[1].address", EINVAL, PROBLEM_INVALID,
	 "2001:db8::1 is this hypervisor's own address (underlay.address)"},
	{"an IPv6 peer is refused when underlay.address has only IPv4",
	 "{'underlay': {'device': 'eth1', 'address': '192.0.2.1'},"
	 " 'peers': [{'address': '2001:db8::2'}]}",
	 "peers[0].address", EAFNOSUPPORT, PROBLEM_INVALID,
	 "underlay.address has no IPv6 address to send from; add one"},
	{"an IPv4 peer is refused when underlay.address has only IPv6",
	 "{'underlay': {'device': 'eth1', 'address': '2001:db8::1'},"
	 " 'peers': [{'address': '192.0.2.2'}]}",
	 "peers[0].address", EAFNOSUPPORT, PROBLEM_INVALID,
	 "underlay.address has no IPv4 address to send from; add one"},
	{"a replicator is refused by name",
	 START "'peers': [{'address': '192.0.2.2', 'role': 'replicator'}]}", "peers[0].role",
	 EOPNOTSUPP, PROBLEM_INVALID, "replicator is not available in this version; use vtep"},
	{"a peer of a segment that does not exist is refused",
	 START "'peers': [{'address': '192.0.2.2', 'segments': ['blue', 'green']}]}",
	 "peers[0].segments", ENOENT, PROBLEM_UNKNOWN,
	 "names segment \"green\", which does not exist; add it to segments"},
};

static const struct row refused_ports[] = {
	{"a device that is two ports of one segment is refused",
	 START "'ports': [{'device': 'tap0', 'segment': 'blue'},"
	       " {'device': 'tap0', 'segment': 'blue'}]}",
	 "ports[1].device", EEXIST, PROBLEM_CONFLICT, "\"tap0\" is the device of ports[0] already"},
	{"a port in two segments is refused",
	 START "'ports': [{'device': 'tap0', 'segment': 'blue'},"
	       " {'device': 'tap0', 'segment': 'red'}]}",
	 "ports[1].device", EEXIST, PROBLEM_CONFLICT,
	 "\"tap0\" is in segment \"blue\" already (ports[0]); a port is in one segment"},
	{"a port that is an underlay device is refused",
	 "{'underlay': {'device': ['eth1', 'eth2']}, " SEGMENTS ","
	 " 'ports': [{'device': 'eth2', 'segment': 'red'}]}",
	 "ports[0].device", EEXIST, PROBLEM_CONFLICT, "\"eth2\" is a device of the underlay"},
	{"a port of a segment that does not exist is refused",
	 START "'ports': [{'device': 'tap0', 'segment': 'green'}]}", "ports[0].segment", ENOENT,
	 PROBLEM_UNKNOWN, "names segment \"green\", which does not exist"},
	{"a group address among a port's MAC addresses is refused",
	 START "'ports': [{'device': 'tap0', 'segment': 'red',"
	       " 'macs': ['52:54:00:00:00:01', '01:00:5e:00:00:01']}]}",
	 "ports[0].macs[1]", EINVAL, PROBLEM_INVALID, "is 01:00:5e:00:00:01, a group address"},
	{"a zero address among a port's MAC addresses is refused",
	 START "'ports': [{'device': 'tap0', 'segment': 'red', 'macs': ['00:00:00:00:00:00']}]}",
	 "ports[0].macs[0]", EINVAL, PROBLEM_INVALID, "is all zeros"},
};

static const struct row refused_fdb[] = {
	{"an FDB record of a segment that does not exist is refused",
	 FULL "'fdb': [{'segment': 'green', " MAC ", 'port': 'tap0'}]}", "fdb[0].segment", ENOENT,
	 PROBLEM_UNKNOWN, "names segment \"green\", which does not exist"},
	{"an FDB record with neither peer nor port is refused",
	 FULL "'fdb': [{'segment': 'blue', " MAC "}]}", "fdb[0]", EINVAL, PROBLEM_INVALID,
	 "has neither peer nor port"},
	{"an FDB record with both peer and port is refused",
	 FULL "'fdb': [{'segment': 'blue', " MAC ", 'port': 'tap0', 'peer': '192.0.2.2'}]}",
	 "fdb[0]", EINVAL, PROBLEM_INVALID, "has both peer and port"},
	{"an FDB record with a peer that does not exist is refused",
	 FULL "'fdb': [{'segment': 'blue', " MAC ", 'peer': '192.0.2.7'}]}", "fdb[0].peer", ENOENT,
	 PROBLEM_UNKNOWN, "names peer 192.0.2.7, which does not exist; add it to peers"},
	{"an FDB record with a peer that is not in the segment is refused",
	 FULL "'fdb': [{'segment': 'red', " MAC ", 'peer': '192.0.2.2'}]}", "fdb[0].peer", EINVAL,
	 PROBLEM_INVALID, "names peer 192.0.2.2, which is not in segment \"red\""},
	{"an FDB record with a port that does not exist is refused",
	 FULL "'fdb': [{'segment': 'blue', " MAC ", 'port': 'tap1'}]}", "fdb[0].port", ENOENT,
	 PROBLEM_UNKNOWN, "names port \"tap1\", which does not exist; add it to ports"},
	{"an FDB record with a port of another segment is refused",
	 FULL "'fdb': [{'segment': 'red', " MAC ", 'port': 'tap0'}]}", "fdb[0].port", EINVAL,
	 PROBLEM_INVALID, "names port \"tap0\", which is in segment \"blue\", not in \"red\""},
	{"a group address in the FDB is refused",
	 FULL "'fdb': [{'segment': 'blue', 'mac': 'ff:ff:ff:ff:ff:ff', 'port': 'tap0'}]}",
	 "fdb[0].mac", EINVAL, PROBLEM_INVALID, "is ff:ff:ff:ff:ff:ff, a group address"},
	{"the zero address in the FDB is refused",
	 FULL "'fdb': [{'segment': 'blue', 'mac': '00:00:00:00:00:00', 'port': 'tap0'}]}",
	 "fdb[0].mac", EINVAL, PROBLEM_INVALID, "is all zeros"},
	{"two FDB records for one MAC address of a segment are refused",
	 FULL "'fdb': [{'segment': 'blue', " MAC ", 'port': 'tap0'},"
	      " {'segment': 'red', " MAC ", 'peer': '192.0.2.3'},"
	      " {'segment': 'blue', " MAC ", 'peer': '192.0.2.3'}]}",
	 "fdb[2].mac", EEXIST, PROBLEM_CONFLICT,
	 "52:54:00:00:00:02 is in fdb[0] for segment \"blue\" already"},
};

static const struct row refused_neighbors[] = {
	{"a neighbor of a segment that does not exist is refused",
	 FULL "'neighbors': [{'segment': 'green', 'address': '10.0.0.2', " MAC "}]}",
	 "neighbors[0].segment", ENOENT, PROBLEM_UNKNOWN, "names segment \"green\""},
	{"a neighbor with a multicast IP address is refused",
	 FULL "'neighbors': [{'segment': 'blue', 'address': '224.0.0.5', " MAC "}]}",
	 "neighbors[0].address", EINVAL, PROBLEM_INVALID, "a multicast address"},
	{"a neighbor with a loopback IP address is refused",
	 FULL "'neighbors': [{'segment': 'blue', 'address': '127.0.0.1', " MAC "}]}",
	 "neighbors[0].address", EINVAL, PROBLEM_INVALID, "a loopback address"},
	{"a neighbor with a group MAC address is refused",
	 FULL "'neighbors': [{'segment': 'blue', 'address': '10.0.0.2',"
	      " 'mac': '33:33:00:00:00:01'}]}",
	 "neighbors[0].mac", EINVAL, PROBLEM_INVALID, "a group address"},
	{"a neighbor with the zero MAC address is refused",
	 FULL "'neighbors': [{'segment': 'blue', 'address': '10.0.0.2',"
	      " 'mac': '00:00:00:00:00:00'}]}",
	 "neighbors[0].mac", EINVAL, PROBLEM_INVALID, "is all zeros"},
	{"two neighbors of one IP address in a segment are refused",
	 FULL "'neighbors': [{'segment': 'blue', 'address': '10.0.0.2', " MAC "},"
	      " {'segment': 'blue', 'address': '10.0.0.2', " MAC "}]}",
	 "neighbors[1].address", EEXIST, PROBLEM_CONFLICT,
	 "10.0.0.2 is in neighbors[0] for segment \"blue\" already"},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	_cleanup_model_ struct model model = {0};
	json_auto_t *json = json_of(row->json);
	struct problem problem = {0};
	int r;

	r = model_from_json(json, &model, &problem);
	assert_string_equal(problem.message, "");
	assert_int_equal(r, 0);
	r = model_check(&model, &problem);
	assert_string_equal(problem.field, row->field ? row->field : "");
	assert_int_equal(r, -row->error);
	assert_int_equal(problem.code, row->code);
	assert_contains(problem.message, row->fragment ? row->fragment : "");
}

/* What a program may put into a model although no JSON would. */
static void ranges_are_checked_in_models_that_were_not_read(void **state)
{
	struct segment segment;
	struct peer peer;
	struct model model;
	struct problem problem = {0};

	model_init(&model);
	strcpy(model.underlay.devices[0], "eth1");
	model.underlay.n_devices = 1;
	noun_segment.set_defaults(&segment);
	strcpy(segment.name, "blue");
	model.segments = &segment;
	model.n_segments = 1;
	assert_int_equal(model_check(&model, &problem), -EINVAL);
	assert_string_equal(problem.field, "segments[0].vni");
	assert_string_equal(problem.message, "is 0, but must be 1 to 16777215");

	segment.vni = 1;
	assert_int_equal(model_check(&model, NULL), 0);
	segment.flood = (enum flood_mode)9;
	problem = (struct problem){0};
	assert_int_equal(model_check(&model, &problem), -EINVAL);
	assert_string_equal(problem.field, "segments[0].flood");

	segment.flood = FLOOD_HEAD_END;
	noun_peer.set_defaults(&peer);
	assert_int_equal(address_parse("192.0.2.2", &peer.address), 0);
	model.peers = &peer;
	model.n_peers = 1;
	assert_int_equal(model_check(&model, NULL), 0);
	peer.encapsulation = N_ENCAP_KINDS;
	problem = (struct problem){0};
	assert_int_equal(model_check(&model, &problem), -EINVAL);
	assert_string_equal(problem.field, "peers[0].encapsulation");
	peer.encapsulation = ENCAP_VXLAN;
	peer.accept = 1u << N_ENCAP_KINDS;
	problem = (struct problem){0};
	assert_int_equal(model_check(&model, &problem), -EINVAL);
	assert_string_equal(problem.field, "peers[0].accept");
	peer.accept = 0;
	peer.n_geneve_options = MODEL_GENEVE_OPTIONS_MAX + 4;
	problem = (struct problem){0};
	assert_int_equal(model_check(&model, &problem), -EINVAL);
	assert_string_equal(problem.field, "peers[0].geneve-options");
	assert_string_equal(problem.message, "has 256 bytes, but can have at most 252");
	peer.n_geneve_options = 0;

	strcpy(segment.name, "bl ue");
	problem = (struct problem){0};
	assert_int_equal(model_check(&model, &problem), -EINVAL);
	assert_string_equal(problem.field, "segments[0].name");
}

static void a_model_without_underlay_device_is_refused(void **state)
{
	struct problem problem = {0};
	struct model model;

	model_init(&model);
	assert_int_equal(model_check(&model, &problem), -EINVAL);
	assert_string_equal(problem.field, "underlay.device");
}

static void a_problem_that_nobody_wants_is_not_needed(void **state)
{
	struct model model;

	model_init(&model);
	assert_int_equal(model_check(&model, /* problem= */ NULL), -EINVAL);
}

/* A model with as many objects as the arguments say, each in the one segment. */
static void fill(struct model *model, size_t n_segments, size_t n_peers, size_t n_ports,
		 size_t n_fdb)
{
	model_init(model);
	strcpy(model->underlay.devices[0], "eth1");
	model->underlay.n_devices = 1;
	model->limits.fdb_entries = 1048576;
	assert_int_equal(noun_reserve(&noun_segment, model, n_segments), 0);
	assert_int_equal(noun_reserve(&noun_peer, model, n_peers), 0);
	assert_int_equal(noun_reserve(&noun_port, model, n_ports), 0);
	assert_int_equal(noun_reserve(&noun_fdb, model, n_fdb), 0);
	for (uint32_t i = 0; i < n_segments; i++) {
		noun_segment.set_defaults(&model->segments[i]);
		snprintf(model->segments[i].name, MODEL_NAME_MAX, "s%u", i);
		model->segments[i].vni = i + 1;
	}
	for (uint32_t i = 0; i < n_peers; i++) {
		uint8_t *bytes = model->peers[i].address.bytes;

		noun_peer.set_defaults(&model->peers[i]);
		model->peers[i].in_all_segments = false;
		memcpy(bytes, (uint8_t[]){0x20, 1, 0xd, 0xb8}, 4);
		memcpy(bytes + 12, &i, sizeof(i));
	}
	for (uint32_t i = 0; i < n_ports; i++) {
		noun_port.set_defaults(&model->ports[i]);
		snprintf(model->ports[i].device, MODEL_DEVICE_MAX, "tap%u", i);
		snprintf(model->ports[i].segment, MODEL_NAME_MAX, "s%zu", i % n_segments);
	}
	for (uint32_t i = 0; i < n_fdb; i++) {
		const struct port *port = &model->ports[i % n_ports];

		model->fdb[i].mac.bytes[0] = 2;
		memcpy(model->fdb[i].mac.bytes + 2, &i, sizeof(i));
		strcpy(model->fdb[i].segment, port->segment);
		strcpy(model->fdb[i].port, port->device);
	}
}

static void assert_too_large(const struct model *model, const char *field, const char *fragment)
{
	struct problem problem = {0};

	assert_int_equal(model_check(model, &problem), -E2BIG);
	assert_int_equal(problem.code, PROBLEM_TOO_LARGE);
	assert_string_equal(problem.field, field);
	assert_contains(problem.message, fragment);
}

static void more_objects_than_the_datapath_holds_are_refused(void **state)
{
	_cleanup_model_ struct model segments = {0}, peers = {0}, ports = {0};

	fill(&segments, TABLE_MAX_SEGMENTS + 1, 0, 0, 0);
	assert_too_large(&segments, "segments", "has 4097 entries, but at most 4096");
	fill(&peers, 1, TABLE_MAX_PEERS + 1, 0, 0);
	assert_too_large(&peers, "peers", "has 4097 entries, but at most 4096");
	fill(&ports, 1, 0, TABLE_MAX_PORTS + 1, 0);
	assert_too_large(&ports, "ports", "has 4097 entries, but at most 4096");
}

static void more_memberships_than_the_datapath_holds_are_refused(void **state)
{
	_cleanup_model_ struct model model = {0};

	fill(&model, 4096, 17, 0, 0);
	for (size_t i = 0; i < 16; i++)
		model.peers[i].in_all_segments = true;
	assert_int_equal(model_check(&model, NULL), 0); /* 16 times 4096 are exactly as many */
	model.peers[16].in_all_segments = true;
	assert_too_large(&model, "peers[16].segments", "above 65536");
}

static void more_fdb_records_than_the_capacity_are_refused(void **state)
{
	_cleanup_model_ struct model model = {0};

	fill(&model, 1, 0, 1, 1025);
	model.limits.fdb_entries = 1025;
	assert_int_equal(model_check(&model, NULL), 0);
	model.limits.fdb_entries = 1024;
	assert_too_large(&model, "fdb",
			 "has 1025 records, but limits.fdb-entries is 1024; raise it");
}

static double processor_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Were any look-up linear, this would take hours. */
static void the_largest_model_is_checked_in_seconds(void **state)
{
	_cleanup_model_ struct model model = {0};
	double begin = processor_seconds();

	fill(&model, 4096, 4096, 4096, 300000);
	assert_int_equal(model_check(&model, NULL), 0);
	assert_true(processor_seconds() - begin < 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_checked_in_models_that_were_not_read),
		cmocka_unit_test(a_model_without_underlay_device_is_refused),
		cmocka_unit_test(a_problem_that_nobody_wants_is_not_needed),
		cmocka_unit_test(more_objects_than_the_datapath_holds_are_refused),
		cmocka_unit_test(more_memberships_than_the_datapath_holds_are_refused),
		cmocka_unit_test(more_fdb_records_than_the_capacity_are_refused),
		cmocka_unit_test(the_largest_model_is_checked_in_seconds),
	};
	int n_failed = 0;

	n_failed += run_cases(accepted, run_row);
	n_failed += run_cases(refused_underlay, run_row);
	n_failed += run_cases(refused_segments, run_row);
	n_failed += run_cases(refused_peers, run_row);
	n_failed += run_cases(refused_ports, run_row);
	n_failed += run_cases(refused_fdb, run_row);
	n_failed += run_cases(refused_neighbors, run_row);
	n_failed += cmocka_run_group_tests(tests, NULL, NULL);
	return n_failed;
}
