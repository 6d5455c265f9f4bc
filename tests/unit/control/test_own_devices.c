/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Are the devices of the switch's own there when they are needed, as they must
 * be, and gone when they are not?  Anchors of each envelope, and the relay.
 */
#include "control/finding.h"
#include "kernel/anchor.h"
#include "kernel/attach.h"
#include "kernel/relay.h"

#include "machine.h"

#define UNDERLAY "'underlay': {'device': 'u1', 'address': ['192.0.2.1', '2001:db8::1']}"
#define START	 "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 5001}], 'peers': ["
#define VXLAN	 "{'address': '192.0.2.2'}"
#define MIXED	 VXLAN ", {'address': '2001:db8::2'}"
#define GENEVE	 "{'address': '192.0.2.3', 'encapsulation': 'geneve'}"
#define GRE	 "{'address': '192.0.2.4', 'encapsulation': 'gre'}"

static void begin(struct machine *machine, const char *text, struct model *ret)
{
	struct problem problem = {0};

	machine_model(text, ret);
	if (apply_first(machine->host, ret, &problem))
		fail_msg("%s", problem.message);
	machine_follow(machine, ret);
}

static void change_to(struct machine *machine, struct model *model, const char *text)
{
	_cleanup_plan_ struct plan plan = {0};
	struct model after;

	machine_model(text, &after);
	assert_int_equal(plan_make(model, &after, &plan), 0);
	assert_int_equal(apply_plan(machine->host, &plan, model, &after, NULL), 0);
	plan_clear(&plan);
	model_clear(model);
	*model = after;
	machine_follow(machine, model);
}

static struct table_settings settings_of(const struct machine *machine)
{
	struct table_settings settings;

	assert_int_equal(maps_get_settings(machine->host->datapath, &settings), 0);
	return settings;
}

static bool exists(const char *device)
{
	return sh("ip link show dev %s >/dev/null 2>&1", device) == 0;
}

static void assert_relay_is_right(const struct machine *machine)
{
	const struct link *near = link_by_name(&machine->host->links, RELAY_NEAR_DEVICE);
	const struct link *far = link_by_name(&machine->host->links, RELAY_FAR_DEVICE);

	assert_non_null(near);
	assert_non_null(far);
	assert_int_equal(settings_of(machine).relay, near->ifindex);
	assert_true(attach_is_present(machine->host->datapath, PROGRAM_RELAY, near->ifindex));
	assert_true(attach_is_present(machine->host->datapath, PROGRAM_CUTTER, far->ifindex));
	assert_false(attach_is_present(machine->host->datapath, PROGRAM_CUTTER, near->ifindex));
	assert_int_equal(near->mtu, 65535);
	assert_int_equal(far->mtu, 65535);
	assert_true(near->up && far->up);
	for (int i = 0; i < 2; i++) {
		assert_int_not_equal(sh("ip -6 addr show dev ovl-relay%d | grep -q inet6", i), 0);
		assert_int_not_equal(
			sh("ethtool -k ovl-relay%d | grep -v vlan |"
			   " grep -Eq '^\t*(tx-.*|generic-receive-offload|tcp-segmentation-offload|"
			   "generic-segmentation-offload|scatter-gather): on$'",
			   i),
			0);
		/* what it would look like */
		assert_int_equal(sh("ethtool -k u1 | grep -v vlan | grep -Eq '^\t*tx-.*: on$'"), 0);
	}
}

static void the_relay_is_made_where_a_flood_has_two_shapes(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	begin(machine, START VXLAN "]}", &model);
	assert_false(exists(RELAY_NEAR_DEVICE));
	assert_int_equal(settings_of(machine).relay, 0);
	change_to(machine, &model, START MIXED "]}");
	assert_relay_is_right(machine);
	assert_string_equal(machine->host->relay.complaint, "");
	change_to(machine, &model, START VXLAN "]}");
	assert_false(exists(RELAY_NEAR_DEVICE));
	assert_false(exists(RELAY_FAR_DEVICE));
	assert_int_equal(settings_of(machine).relay, 0);
}

static void the_relay_is_made_for_gre_s_fields(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	begin(machine,
	      START "{'address': '192.0.2.4', 'encapsulation': 'gre', 'gre-checksum': true}]}",
	      &model);
	assert_relay_is_right(machine);
}

static void a_restart_leaves_the_relay_untouched(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model, again;
	uint32_t before;

	begin(machine, START MIXED "]}", &model);
	before = settings_of(machine).relay;
	assert_int_not_equal(before, 0);
	machine_reopen(machine);
	begin(machine, START MIXED "]}", &again);
	assert_int_equal(settings_of(machine).relay, before);
	assert_relay_is_right(machine);
	model_clear(&again);
	/* one that is not needed any more is not left over from an earlier daemon */
	machine_reopen(machine);
	begin(machine, START VXLAN "]}", &again);
	assert_false(exists(RELAY_NEAR_DEVICE));
	assert_int_equal(settings_of(machine).relay, 0);
}

static void the_relay_is_made_again_when_somebody_deletes_it(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;
	uint32_t before;

	begin(machine, START MIXED "]}", &model);
	before = settings_of(machine).relay;
	assert_int_equal(sh("ip link del " RELAY_FAR_DEVICE), 0);
	assert_true(machine_eventually(machine, &model,
				       settings_of(machine).relay != before &&
					       settings_of(machine).relay != 0));
	assert_relay_is_right(machine);
}

static void unloading_takes_every_device_along(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	begin(machine, START MIXED ", " GENEVE "]}", &model);
	assert_true(exists("ovl-geneve"));
	assert_int_equal(apply_unload(machine->host, NULL), 0);
	assert_false(exists(RELAY_NEAR_DEVICE));
	assert_false(exists("ovl-geneve"));
	assert_false(exists(ANCHOR_VXLAN_DEVICE));
}

static struct finding found[8];
static size_t n_found;

static int collect(void *arg, const struct finding *finding)
{
	assert_true(n_found < 8);
	found[n_found++] = *finding;
	return 0;
}

static void look(const struct machine *machine)
{
	struct finding_sink sink = {.visit = collect};

	n_found = 0;
	finding_anchor(machine->host, &sink);
}

static void a_foreign_device_of_the_relay_s_name_is_named_and_waited_for(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	assert_int_equal(sh("ip link add " RELAY_FAR_DEVICE " type dummy || "
			    "ip link add " RELAY_FAR_DEVICE " type bridge"),
			 0);
	machine_reopen(machine);
	begin(machine, START MIXED "]}", &model);
	assert_int_equal(settings_of(machine).relay, 0);
	look(machine);
	assert_int_equal(n_found, 1);
	assert_int_equal(found[0].level, FINDING_ERROR);
	assert_string_equal(found[0].field, "relay");
	assert_non_null(strstr(found[0].message, "named ovl-relay0 or ovl-relay1 exists"));
	assert_int_equal(sh("ip link del " RELAY_FAR_DEVICE), 0);
	machine_follow(machine, &model);
	assert_int_equal(follow_slow(machine->host, &model), 0);
	assert_relay_is_right(machine);
	look(machine);
	assert_int_equal(n_found, 0);
}

/* Does this kernel know such devices? */
static bool has_kind(const char *arguments)
{
	bool has = sh("ip link add probe0 type %s 2>/dev/null", arguments) == 0;

	(void)sh("ip link del probe0 2>/dev/null");
	return has;
}

static void an_envelope_s_anchor_is_there_while_a_peer_uses_it(void **state)
{
	struct machine *machine = *state;
	bool is_known = has_kind("geneve external dstport 6099");
	_cleanup_model_ struct model model;
	const struct link *link;

	begin(machine, START VXLAN "]}", &model);
	assert_false(exists("ovl-geneve"));
	change_to(machine, &model, START VXLAN ", " GENEVE "]}");
	link = link_by_name(&machine->host->links, "ovl-geneve");
	assert_non_null(link);
	assert_true(link->up && link->external);
	assert_int_equal(link->udp_port, 6081);
	assert_true(attach_is_present(machine->host->datapath, PROGRAM_ANCHOR, link->ifindex));
	look(machine);
	if (is_known) {
		assert_int_equal(settings_of(machine).anchors[ENCAP_GENEVE][TABLE_ANCHOR4],
				 link->ifindex);
		assert_int_equal(settings_of(machine).anchors[ENCAP_GENEVE][TABLE_ANCHOR6],
				 link->ifindex);
		assert_int_equal(n_found, 0);
	} else {
		/* a device that lets the kernel merge frames; nothing is sent through it */
		assert_string_equal(link->kind, "vxlan");
		assert_int_equal(settings_of(machine).anchors[ENCAP_GENEVE][TABLE_ANCHOR4], 0);
		assert_int_equal(n_found, 1);
		assert_int_equal(found[0].level, FINDING_NOTE);
		assert_string_equal(found[0].field, "underlay.geneve-port");
		assert_non_null(strstr(found[0].message, "this kernel has no geneve devices"));
		/* what it cannot carry starts over on the relay */
		assert_relay_is_right(machine);
	}
	change_to(machine, &model, START VXLAN "]}");
	assert_false(exists("ovl-geneve"));
	assert_true(exists(ANCHOR_VXLAN_DEVICE));
	look(machine);
	assert_int_equal(n_found, 0);
}

static void an_anchor_follows_its_port(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	begin(machine, START GENEVE "]}", &model);
	change_to(machine, &model,
		  "{'underlay': {'device': 'u1', 'geneve-port': 6099}, 'segments': [{'name':"
		  " 'blue', 'vni': 5001}], 'peers': [" GENEVE "]}");
	assert_int_equal(link_by_name(&machine->host->links, "ovl-geneve")->udp_port, 6099);
}

static void a_foreign_device_on_geneve_s_port_is_named(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	assert_int_equal(sh("ip link add other type vxlan id 9 dstport 6081"), 0);
	machine_reopen(machine);
	begin(machine, START GENEVE "]}", &model);
	assert_false(exists("ovl-geneve"));
	look(machine);
	assert_int_equal(n_found, 1);
	assert_int_equal(found[0].level, FINDING_ERROR);
	assert_non_null(strstr(found[0].message,
			       "UDP port 6081 belongs to the vxlan device other; delete that or "
			       "set underlay.geneve-port"));
}

static void a_kernel_without_gre_devices_is_a_note(void **state)
{
	struct machine *machine = *state;
	bool is_known = has_kind("gretap external");
	_cleanup_model_ struct model model;

	begin(machine, START GRE "]}", &model);
	look(machine);
	assert_int_equal(exists("ovl-gre"), is_known);
	assert_int_equal(exists("ovl-gre6"), false); /* no peer over IPv6 */
	assert_int_equal(settings_of(machine).anchors[ENCAP_GRE][TABLE_ANCHOR4] != 0, is_known);
	assert_int_equal(settings_of(machine).anchors[ENCAP_NVGRE][TABLE_ANCHOR4] != 0, is_known);
	assert_int_equal(n_found, !is_known);
	if (is_known)
		return;
	assert_int_equal(found[0].level, FINDING_NOTE);
	assert_string_equal(found[0].field, "ovl-gre");
	assert_non_null(strstr(found[0].message, "this kernel has no gretap devices"));
}

static void a_foreign_device_of_the_tap_s_name_is_named(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	assert_int_equal(sh("ip link add ovl-stt type bridge"), 0);
	machine_reopen(machine);
	begin(machine, START "{'address': '192.0.2.2', 'encapsulation': 'stt'}]}", &model);
	look(machine);
	assert_int_equal(n_found, 1);
	assert_int_equal(found[0].level, FINDING_ERROR);
	assert_string_equal(found[0].field, "underlay.stt-port");
	assert_non_null(strstr(found[0].message, "ovl-stt"));
}

static void no_port_may_be_one_of_them(void **state)
{
	static const char *const names[] = {"ovl-vxlan",  "ovl-geneve", "ovl-gre", "ovl-gre6",
					    "ovl-relay0", "ovl-relay1", "ovl-stt"};
	struct machine *machine = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		_cleanup_model_ struct model model;
		struct problem problem = {0};

		machine_model("{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 5001}],"
			      " 'ports': [{'device': 'x', 'segment': 'blue'}]}",
			      &model);
		strcpy(model.ports[0].device, names[i]);
		assert_int_equal(apply_check(machine->host, &model, &problem), -EINVAL);
		assert_string_equal(problem.field, "ports[0].device");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_machine(the_relay_is_made_where_a_flood_has_two_shapes),
		on_machine(the_relay_is_made_for_gre_s_fields),
		on_machine(a_restart_leaves_the_relay_untouched),
		on_machine(the_relay_is_made_again_when_somebody_deletes_it),
		on_machine(unloading_takes_every_device_along),
		on_machine(a_foreign_device_of_the_relay_s_name_is_named_and_waited_for),
		on_machine(an_envelope_s_anchor_is_there_while_a_peer_uses_it),
		on_machine(an_anchor_follows_its_port),
		on_machine(a_foreign_device_on_geneve_s_port_is_named),
		on_machine(a_kernel_without_gre_devices_is_a_note),
		on_machine(a_foreign_device_of_the_tap_s_name_is_named),
		on_machine(no_port_may_be_one_of_them),
	};
	int rights = machine_rights();

	return rights ? rights : cmocka_run_group_tests(tests, NULL, NULL);
}
