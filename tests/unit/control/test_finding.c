/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is said, with numbers, what is not as good as it could be, and no longer
 * when it is?  And is it logged once?
 */
#include "control/finding.h"
#include "control/finding_log.h"

#include "machine.h"

#include "base/log.h"

#define FINDINGS_MAX 32

static struct finding found[FINDINGS_MAX];
static size_t n_found;

static int collect(void *arg, const struct finding *finding)
{
	assert_true(n_found < FINDINGS_MAX);
	found[n_found++] = *finding;
	return 0;
}

static void look(const struct machine *machine, const struct model *model)
{
	struct finding_sink sink = {.visit = collect};

	n_found = 0;
	finding_devices(machine->host, &sink);
	finding_anchor(machine->host, &sink);
	finding_ports(machine->host, model, &sink);
	finding_peers(machine->host, model, &sink);
	finding_mtus(machine->host, model, &sink);
}

static void start(struct machine *machine, const char *text, struct model *ret)
{
	struct problem problem = {0};

	machine_model(text, ret);
	if (apply_first(machine->host, ret, &problem))
		fail_msg("%s", problem.message);
	machine_follow(machine, ret);
}

/* Exactly this is said, and nothing else. */
static void assert_only(const char *field, const char *message)
{
	for (size_t i = 0; i < n_found; i++)
		print_message("# %s: %s\n", found[i].field, found[i].message);
	assert_int_equal(n_found, 1);
	assert_string_equal(found[0].field, field);
	assert_string_equal(found[0].message, message);
}

#define SEGMENT "{'name': 'blue', 'vni': 5001}"

static void an_underlay_with_room_is_no_complaint(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	start(machine,
	      "{'underlay': {'device': 'u1', 'address': ['192.0.2.1', '2001:db8::1']},"
	      " 'segments': [" SEGMENT "], 'peers': [{'address': '192.0.2.2'},"
	      " {'address': '2001:db8::2'}], 'ports': [{'device': 'vm1', 'segment': 'blue'}]}",
	      &model);
	look(machine, &model);
	assert_int_equal(n_found, 0);
}

static void a_narrow_device_is_named_with_the_mtu_that_would_do(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	start(machine,
	      "{'underlay': {'device': 'u1', 'address': '192.0.2.1'},"
	      " 'segments': [" SEGMENT "], 'peers': [{'address': '192.0.2.2'}]}",
	      &model);
	assert_int_equal(sh("ip link set u1 mtu 1549"), 0);
	(void)machine_eventually(machine, &model,
				 link_by_name(&machine->host->links, "u1")->mtu == 1549);
	look(machine, &model);
	assert_only("segment blue",
		    "wants 1550 on the underlay for its MTU 1500; u1 has 1549: of packets above "
		    "1499 bytes TCP super-frames are cut smaller, others are answered with ICMP, "
		    "or cut in fragments where they permit it; raising u1 to 1550 ends that");
	assert_int_equal(sh("ip link set u1 mtu 1550"), 0);
	(void)machine_eventually(machine, &model,
				 link_by_name(&machine->host->links, "u1")->mtu == 1550);
	look(machine, &model);
	assert_int_equal(n_found, 0);
}

static void a_tag_and_ipv6_want_more(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	start(machine,
	      "{'underlay': {'device': 'u1', 'address': '2001:db8::1'},"
	      " 'segments': [{'name': 'wide', 'vni': 7, 'mtu': 9000, 'vlan-tags': 'carry',"
	      " 'too-big': 'drop'}], 'peers': [{'address': '2001:db8::2'}]}",
	      &model);
	look(machine, &model);
	assert_only("segment wide",
		    "wants 9074 on the underlay for its MTU 9000; u1 has 1600: of packets above "
		    "1526 bytes TCP super-frames are cut smaller, others are answered with ICMP, "
		    "or dropped where they permit fragments; raising u1 to 9074 ends that");
}

static void a_narrow_path_behind_a_wide_device_is_named_by_its_peer(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	assert_int_equal(sh("ip route add 203.0.113.0/24 via 192.0.2.254 mtu 1500"), 0);
	start(machine,
	      "{'underlay': {'device': 'u1', 'address': '192.0.2.1'}, 'segments': [" SEGMENT "],"
	      " 'peers': [{'address': '203.0.113.1'}, {'address': '203.0.113.2'},"
	      "           {'address': '192.0.2.2'}]}",
	      &model);
	assert_int_equal(follow_path_mtu(machine->host, &model, 1, 1400), 0);
	look(machine, &model);
	assert_only("segment blue",
		    "wants 1550 on the underlay for its MTU 1500; the path to 2 of its peers takes "
		    "less than the devices, the narrowest, to 203.0.113.2, 1400: TCP super-frames "
		    "are cut smaller, others are answered with ICMP, or cut in fragments where "
		    "they permit it; a larger MTU of the route or of the routers ends that");
}

static void a_path_that_is_too_narrow_for_an_envelope_is_named(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	assert_int_equal(sh("ip route add 203.0.113.0/24 via 192.0.2.254 mtu 135"), 0);
	start(machine,
	      "{'underlay': {'device': 'u1', 'address': '192.0.2.1'}, 'segments': [" SEGMENT "],"
	      " 'peers': [{'address': '203.0.113.1', 'encapsulation': 'stt'}]}",
	      &model);
	look(machine, &model);
	assert_int_equal(n_found, 1);
	assert_int_equal(found[0].level, FINDING_ERROR);
	assert_string_equal(found[0].field, "peer 203.0.113.1");
	assert_non_null(strstr(found[0].message, "packets of at most 135 bytes, and its envelope "
						 "needs 136: nothing can be sent to it"));
	assert_int_equal(sh("ip route replace 203.0.113.0/24 via 192.0.2.254 mtu 136"), 0);
	assert_true(machine_eventually(machine, &model, (look(machine, &model), n_found == 0)));
}

static void tags_that_nvgre_cannot_carry_are_named(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	start(machine,
	      "{'underlay': {'device': 'u1', 'address': '192.0.2.1'}, 'segments': ["
	      "{'name': 'blue', 'vni': 5001, 'vlan-tags': 'carry', 'mtu': 1400},"
	      "{'name': 'red', 'vni': 5002}], 'peers': ["
	      "{'address': '192.0.2.2', 'encapsulation': 'nvgre'}, {'address': '192.0.2.3'}]}",
	      &model);
	look(machine, &model);
	assert_true(n_found > 0);
	for (size_t i = 0; i < n_found; i++)
		if (!strncmp(found[i].field, "segment", 7)) {
			assert_string_equal(found[i].field, "segment blue");
			assert_string_equal(
				found[i].message,
				"carries VLAN tags, and 1 of its peers are sent NVGRE, which "
				"cannot: tagged frames to and from them are dropped");
			return;
		}
	fail_msg("nothing is said of the segment");
}

static void what_is_not_there_is_named(void **state)
{
	static const char *const expected[] = {
		"port tap9: waits for its device, which does not exist yet",
		"port vm1: is down; `ip link set vm1 up`",
		"port vm2: has no carrier: nobody uses its other end",
		"port vm3: has MTU 1400 and segment blue 1500: larger packets to it are dropped; "
		"raise the device or lower the segment",
		"peer 203.0.113.1: is unreachable: the kernel has no route to it",
		"peer 198.51.100.2: is sent to by u2, which is not in underlay.device: what comes "
		"back that way is not heard; add u2 there or change the route",
	};
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	assert_int_equal(sh("ip link set vm1 down; ip link set far-vm2 down;"
			    "ip link set vm3 mtu 1400; ip link set u2 mtu 1600"),
			 0);
	start(machine,
	      "{'underlay': {'device': 'u1', 'address': '192.0.2.1'}, 'segments': [" SEGMENT "],"
	      " 'peers': [{'address': '203.0.113.1'}, {'address': '198.51.100.2'}],"
	      " 'ports': [{'device': 'tap9', 'segment': 'blue'},"
	      " {'device': 'vm1', 'segment': 'blue'}, {'device': 'vm2', 'segment': 'blue'},"
	      " {'device': 'vm3', 'segment': 'blue'}]}",
	      &model);
	look(machine, &model);
	for (size_t i = 0; i < n_found; i++) {
		char text[512];

		snprintf(text, sizeof(text), "%s: %s", found[i].field, found[i].message);
		assert_true(i < sizeof(expected) / sizeof(expected[0]));
		assert_string_equal(text, expected[i]);
	}
	assert_int_equal(n_found, sizeof(expected) / sizeof(expected[0]));
}

static void a_peer_of_a_family_that_the_device_has_no_address_of_is_named(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	assert_int_equal(sh("ip link set u2 mtu 1600"), 0);
	start(machine, "{'underlay': {'device': 'u2'}, 'peers': [{'address': '2001:db8::2'}]}",
	      &model);
	look(machine, &model);
	assert_only("peer 2001:db8::2",
		    "is an IPv6 peer, and underlay.address has no IPv6 address");
	/* the address comes later, and is found by itself */
	assert_int_equal(sh("ip addr add 2001:db8:2::1/64 dev u2 nodad;"
			    "ip route add 2001:db8::2/128 via 2001:db8:2::fe"),
			 0);
	assert_true(machine_eventually(machine, &model, machine->host->n_local == 2));
	machine_follow(machine, &model);
	look(machine, &model);
	assert_int_equal(n_found, 0);
}

static void an_underlay_that_is_cut_is_named(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	start(machine, "{'underlay': {'device': 'u1', 'address': '192.0.2.1'}}", &model);
	assert_int_equal(sh("ip link set far-u1 down"), 0);
	(void)machine_eventually(machine, &model,
				 !link_by_name(&machine->host->links, "u1")->carrier);
	look(machine, &model);
	assert_only("underlay.device u1", "has no carrier");
	assert_int_equal(found[0].level, FINDING_ERROR);
	assert_int_equal(sh("ip link del u1"), 0);
	(void)machine_eventually(machine, &model, !link_by_name(&machine->host->links, "u1"));
	look(machine, &model);
	assert_int_equal(n_found, 2);
	assert_string_equal(found[0].message,
			    "there is no such device; peers that send to it are not heard");
	assert_string_equal(found[1].message,
			    "192.0.2.1 is not an address of this machine any more");
}

/* The log's lines since the last call, which go to stderr. */
static char log_text[4096];
static int log_pipe[2], log_stderr;

static void log_begin(void)
{
	assert_int_equal(pipe(log_pipe), 0);
	log_stderr = dup(STDERR_FILENO);
	dup2(log_pipe[1], STDERR_FILENO);
}

static const char *log_end(void)
{
	ssize_t length;

	fflush(stderr);
	dup2(log_stderr, STDERR_FILENO);
	close(log_stderr);
	close(log_pipe[1]);
	length = read(log_pipe[0], log_text, sizeof(log_text) - 1);
	close(log_pipe[0]);
	log_text[length > 0 ? length : 0] = '\0';
	return log_text;
}

static const char *log_round(struct finding_log *log, const struct finding *finding)
{
	log_begin();
	finding_log_begin(log);
	if (finding)
		assert_int_equal(finding_log_note(log, finding), 0);
	finding_log_end(log);
	return log_end();
}

static void a_finding_is_logged_when_it_begins_and_when_it_ends(void **state)
{
	struct finding_log log = {0};
	struct finding finding = {
		.level = FINDING_WARNING, .field = "port tap0", .message = "waits"};

	assert_non_null(strstr(log_round(&log, &finding), "port tap0: waits"));
	assert_string_equal(log_round(&log, &finding), "");
	assert_string_equal(log_round(&log, &finding), "");
	assert_non_null(strstr(log_round(&log, NULL), "no longer: port tap0: waits"));
	assert_string_equal(log_round(&log, NULL), "");
	assert_non_null(strstr(log_round(&log, &finding), "port tap0: waits"));
	finding_log_clear(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_machine(an_underlay_with_room_is_no_complaint),
		on_machine(a_narrow_device_is_named_with_the_mtu_that_would_do),
		on_machine(a_tag_and_ipv6_want_more),
		on_machine(a_narrow_path_behind_a_wide_device_is_named_by_its_peer),
		on_machine(a_path_that_is_too_narrow_for_an_envelope_is_named),
		on_machine(tags_that_nvgre_cannot_carry_are_named),
		on_machine(what_is_not_there_is_named),
		on_machine(a_peer_of_a_family_that_the_device_has_no_address_of_is_named),
		on_machine(an_underlay_that_is_cut_is_named),
		cmocka_unit_test(a_finding_is_logged_when_it_begins_and_when_it_ends),
	};
	int rights = machine_rights();

	return rights ? rights : cmocka_run_group_tests(tests, NULL, NULL);
}
