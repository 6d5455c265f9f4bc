/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does the datapath learn what each peer may send, from which addresses, and
 * in how many shapes a segment is flooded?  And does it keep that where a
 * change or a restart is not to be seen?
 */
#include "machine.h"

#include "kernel/slots.h"

#define ALIKE (1u << ENCAP_NVGRE | 1u << ENCAP_GRE)

static void begin(struct machine *machine, const char *text, struct model *ret)
{
	struct problem problem = {0};

	machine_model(text, ret);
	if (apply_first(machine->host, ret, &problem))
		fail_msg("%s", problem.message);
	machine_follow(machine, ret);
}

static int change(struct machine *machine, const struct model *from, const struct model *to)
{
	_cleanup_plan_ struct plan plan = {0};

	assert_int_equal(plan_make(from, to, &plan), 0);
	return apply_plan(machine->host, &plan, from, to, NULL);
}

/* From what is in force to that text; the model is the one in force then. */
static void change_to(struct machine *machine, struct model *model, const char *text)
{
	struct model after;

	machine_model(text, &after);
	assert_int_equal(change(machine, model, &after), 0);
	model_clear(model);
	*model = after;
}

static struct table_address address_of(const char *text)
{
	struct table_address result;
	struct address address;

	assert_int_equal(address_parse(text, &address), 0);
	memcpy(&result, &address, sizeof(result));
	return result;
}

/* The slot whose the address is in the datapath, or TABLE_NO_SLOT. */
static uint32_t owner_of(const struct machine *machine, const char *text)
{
	struct table_address address = address_of(text);
	uint32_t slot;

	return bpf_map_lookup_elem(datapath_fd(machine->host->datapath, MAP_PEER_BY_ADDRESS),
				   &address, &slot) ?
		       TABLE_NO_SLOT :
		       slot;
}

static uint32_t member_of(const struct machine *machine, uint32_t vni, const char *text)
{
	struct table_member member = {.vni = vni, .address = address_of(text)};
	struct table_membership membership;

	return bpf_map_lookup_elem(datapath_fd(machine->host->datapath, MAP_MEMBERS), &member,
				   &membership) ?
		       TABLE_NO_SLOT :
		       membership.peer;
}

static struct table_peer record_of(const struct machine *machine, const char *text)
{
	struct table_address address = address_of(text);
	struct table_peer record;

	assert_int_equal(maps_get_peer(machine->host->datapath,
				       slots_find_peer(machine->host->datapath->slots, &address),
				       &record),
			 0);
	return record;
}

static uint16_t shapes_of(const struct machine *machine, uint32_t vni)
{
	struct table_segment record;

	assert_int_equal(maps_get_segment(machine->host->datapath,
					  slots_find_segment(machine->host->datapath->slots, vni),
					  &record),
			 0);
	return record.flood_shapes;
}

#define UNDERLAY "'underlay': {'device': 'u1', 'address': ['192.0.2.1', '2001:db8::1']}"
#define SEGMENTS "'segments': [{'name': 'blue', 'vni': 5001}, {'name': 'red', 'vni': 5002}]"
#define START	 "{" UNDERLAY ", " SEGMENTS ", 'peers': ["

static void every_address_of_a_peer_leads_to_its_one_slot(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;
	uint32_t slot;

	begin(machine,
	      START "{'address': '192.0.2.2', 'segments': ['blue'],"
		    " 'other-addresses': ['192.0.2.9', '2001:db8::9']}]}",
	      &model);
	slot = owner_of(machine, "192.0.2.2");
	assert_int_not_equal(slot, TABLE_NO_SLOT);
	assert_int_equal(owner_of(machine, "192.0.2.9"), slot);
	assert_int_equal(owner_of(machine, "2001:db8::9"), slot);
	assert_int_equal(member_of(machine, 5001, "192.0.2.2"), slot);
	assert_int_equal(member_of(machine, 5001, "192.0.2.9"), slot);
	assert_int_equal(member_of(machine, 5001, "2001:db8::9"), slot);
	assert_int_equal(member_of(machine, 5002, "192.0.2.9"), TABLE_NO_SLOT);
	assert_int_equal(slots_count(machine->host->datapath->slots, SLOT_PEER), 1);
}

static void an_address_that_is_given_up_admits_nothing_more(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	begin(machine,
	      START "{'address': '192.0.2.2', 'other-addresses': ['192.0.2.9', '192.0.2.10']}]}",
	      &model);
	change_to(machine, &model,
		  START "{'address': '192.0.2.2', 'other-addresses': '192.0.2.10'}]}");
	assert_int_equal(owner_of(machine, "192.0.2.9"), TABLE_NO_SLOT);
	assert_int_equal(member_of(machine, 5001, "192.0.2.9"), TABLE_NO_SLOT);
	assert_int_equal(member_of(machine, 5002, "192.0.2.9"), TABLE_NO_SLOT);
	assert_int_not_equal(member_of(machine, 5002, "192.0.2.10"), TABLE_NO_SLOT);
	assert_int_not_equal(member_of(machine, 5002, "192.0.2.2"), TABLE_NO_SLOT);
	change_to(machine, &model, "{" UNDERLAY ", " SEGMENTS "}");
	assert_int_equal(owner_of(machine, "192.0.2.10"), TABLE_NO_SLOT);
	assert_int_equal(member_of(machine, 5001, "192.0.2.10"), TABLE_NO_SLOT);
}

static void an_address_that_was_given_up_while_no_daemon_ran_is_swept(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model before, after;

	begin(machine, START "{'address': '192.0.2.2', 'other-addresses': '192.0.2.9'}]}", &before);
	machine_learn(machine, 5001, 1, PATH_PEER, owner_of(machine, "192.0.2.9"));
	machine_reopen(machine);
	begin(machine, START "{'address': '192.0.2.2'}]}", &after);
	assert_int_equal(owner_of(machine, "192.0.2.9"), TABLE_NO_SLOT);
	assert_int_equal(member_of(machine, 5001, "192.0.2.9"), TABLE_NO_SLOT);
	/* the peer is still there, and so is what it taught */
	assert_true(machine_knows(machine, 5001, 1));
}

static void an_address_moves_from_peer_to_peer(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;
	uint32_t two, three;

	begin(machine,
	      START "{'address': '192.0.2.2', 'other-addresses': '192.0.2.9'},"
		    " {'address': '192.0.2.3', 'segments': ['blue']}]}",
	      &model);
	two = owner_of(machine, "192.0.2.2");
	three = owner_of(machine, "192.0.2.3");
	change_to(machine, &model,
		  START "{'address': '192.0.2.2'}, {'address': '192.0.2.3', 'segments': ['blue'],"
			" 'other-addresses': '192.0.2.9'}]}");
	assert_int_equal(owner_of(machine, "192.0.2.9"), three);
	assert_int_equal(member_of(machine, 5001, "192.0.2.9"), three);
	assert_int_equal(member_of(machine, 5002, "192.0.2.9"), TABLE_NO_SLOT);

	/* then it becomes a peer of its own, and one of several again */
	change_to(machine, &model,
		  START "{'address': '192.0.2.2'}, {'address': '192.0.2.3', 'segments': ['blue']},"
			" {'address': '192.0.2.9'}]}");
	assert_int_not_equal(owner_of(machine, "192.0.2.9"), three);
	assert_int_equal(member_of(machine, 5001, "192.0.2.9"), owner_of(machine, "192.0.2.9"));
	assert_int_equal(member_of(machine, 5002, "192.0.2.9"), owner_of(machine, "192.0.2.9"));
	change_to(machine, &model,
		  START "{'address': '192.0.2.2', 'other-addresses': '192.0.2.9'},"
			" {'address': '192.0.2.3', 'segments': ['blue']}]}");
	assert_int_equal(owner_of(machine, "192.0.2.9"), two);
	assert_int_equal(member_of(machine, 5001, "192.0.2.9"), two);
	assert_int_equal(member_of(machine, 5002, "192.0.2.9"), two);
	assert_int_equal(slots_count(machine->host->datapath->slots, SLOT_PEER), 2);
}

static bool is_spoken(enum encap_kind kind)
{
	bool result = false;

#define X(symbol, number, name, spoken) result = kind == (number) ? (spoken) : result;
	ENCAP_KINDS(X)
#undef X
	return result;
}

static void what_a_peer_may_send_is_told_to_the_datapath(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	begin(machine,
	      START
	      "{'address': '192.0.2.2', 'accept': ['vxlan', 'stt']}, {'address': '192.0.2.3'},"
	      " {'address': '192.0.2.4', 'encapsulation': 'geneve'}]}",
	      &model);
	assert_int_equal(record_of(machine, "192.0.2.2").accepts,
			 1u << ENCAP_VXLAN | 1u << ENCAP_STT);
	assert_int_equal(record_of(machine, "192.0.2.2").kind, ENCAP_VXLAN);
	assert_int_equal(record_of(machine, "192.0.2.3").accepts,
			 peer_accepts(model_peer(&model, &model.peers[1].address)));
	assert_int_equal(record_of(machine, "192.0.2.4").kind, ENCAP_GENEVE);
}

/* What looks like GRE and NVGRE: one of them, and the right one. */
static void assert_reads(const struct machine *machine, enum encap_kind kind)
{
	assert_int_equal(record_of(machine, "192.0.2.2").accepts & ALIKE, 1u << kind);
}

#define NVGRE_PEER START "{'address': '192.0.2.2', 'encapsulation': 'nvgre'}]}"
#define VXLAN_PEER START "{'address': '192.0.2.2'}]}"

/* It takes a TCP port from the host: only from whom it was asked for. */
static void stt_is_accepted_from_whom_it_is_or_was_sent_to(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	begin(machine, VXLAN_PEER, &model);
	assert_false(record_of(machine, "192.0.2.2").accepts & 1u << ENCAP_STT);
	change_to(machine, &model, START "{'address': '192.0.2.2', 'encapsulation': 'stt'}]}");
	assert_true(record_of(machine, "192.0.2.2").accepts & 1u << ENCAP_STT);
	change_to(machine, &model, VXLAN_PEER);
	assert_true(record_of(machine, "192.0.2.2").accepts & 1u << ENCAP_STT);
	change_to(machine, &model, START "{'address': '192.0.2.2', 'accept': ['vxlan', 'gre']}]}");
	assert_false(record_of(machine, "192.0.2.2").accepts & 1u << ENCAP_STT);
	change_to(machine, &model, VXLAN_PEER);
	assert_false(record_of(machine, "192.0.2.2").accepts & 1u << ENCAP_STT);
}

static void a_peer_that_was_sent_nvgre_is_still_read_so(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model, again;

	if (!is_spoken(ENCAP_GRE) || !is_spoken(ENCAP_NVGRE)) {
		print_message("# NVGRE and GRE are not both spoken: nothing to tell apart\n");
		skip();
	}
	begin(machine, VXLAN_PEER, &model);
	assert_reads(machine, ENCAP_GRE);
	change_to(machine, &model, NVGRE_PEER);
	assert_reads(machine, ENCAP_NVGRE);
	change_to(machine, &model, VXLAN_PEER);
	assert_int_equal(record_of(machine, "192.0.2.2").kind, ENCAP_VXLAN);
	assert_reads(machine, ENCAP_NVGRE);
	/* a new daemon finds it in the datapath */
	machine_reopen(machine);
	begin(machine, VXLAN_PEER, &again);
	assert_reads(machine, ENCAP_NVGRE);
	/* and what is said outright counts more */
	change_to(machine, &again, START "{'address': '192.0.2.2', 'accept': ['vxlan', 'gre']}]}");
	assert_reads(machine, ENCAP_GRE);
	change_to(machine, &again, VXLAN_PEER);
	assert_reads(machine, ENCAP_GRE);
	change_to(machine, &again, NVGRE_PEER);
	change_to(machine, &again, START "{'address': '192.0.2.2', 'encapsulation': 'gre'}]}");
	assert_reads(machine, ENCAP_GRE);
	model_clear(&again);
}

static void a_peer_that_is_deleted_is_forgotten(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	if (!is_spoken(ENCAP_GRE) || !is_spoken(ENCAP_NVGRE)) {
		print_message("# NVGRE and GRE are not both spoken: nothing to tell apart\n");
		skip();
	}
	begin(machine, NVGRE_PEER, &model);
	change_to(machine, &model, "{" UNDERLAY ", " SEGMENTS "}");
	change_to(machine, &model, VXLAN_PEER);
	assert_reads(machine, ENCAP_GRE);
}

static void the_shapes_of_a_flood_follow_its_peers(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;

	begin(machine,
	      START "{'address': '192.0.2.2'}, {'address': '192.0.2.3'},"
		    " {'address': '2001:db8::2', 'segments': ['red']}]}",
	      &model);
	assert_int_equal(shapes_of(machine, 5001), TABLE_SHAPE(ENCAP_VXLAN, 4));
	assert_int_equal(shapes_of(machine, 5002),
			 TABLE_SHAPE(ENCAP_VXLAN, 4) | TABLE_SHAPE(ENCAP_VXLAN, 6));
	change_to(machine, &model,
		  START "{'address': '192.0.2.2', 'encapsulation': 'geneve'},"
			" {'address': '192.0.2.3', 'encapsulation': 'stt'},"
			" {'address': '2001:db8::2', 'segments': ['red']}]}");
	assert_int_equal(shapes_of(machine, 5001),
			 TABLE_SHAPE(ENCAP_GENEVE, 4) | TABLE_SHAPE(ENCAP_STT, 4));
	/* a segment that is not flooded to peers has none */
	change_to(machine, &model,
		  "{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': 5001, 'flood': 'none'}],"
		  " 'peers': [{'address': '192.0.2.2'}]}");
	assert_int_equal(shapes_of(machine, 5001), 0);
}

static void the_settings_have_every_port(void **state)
{
	struct machine *machine = *state;
	_cleanup_model_ struct model model;
	struct table_settings settings;

	begin(machine,
	      "{'underlay': {'device': 'u1', 'vxlan-port': 8472, 'geneve-port': 6082,"
	      " 'stt-port': 7472}}",
	      &model);
	assert_int_equal(maps_get_settings(machine->host->datapath, &settings), 0);
	assert_int_equal(settings.vxlan_port, 8472);
	assert_int_equal(settings.geneve_port, 6082);
	assert_int_equal(settings.stt_port, 7472);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_machine(every_address_of_a_peer_leads_to_its_one_slot),
		on_machine(an_address_that_is_given_up_admits_nothing_more),
		on_machine(an_address_that_was_given_up_while_no_daemon_ran_is_swept),
		on_machine(an_address_moves_from_peer_to_peer),
		on_machine(what_a_peer_may_send_is_told_to_the_datapath),
		on_machine(a_peer_that_was_sent_nvgre_is_still_read_so),
		on_machine(stt_is_accepted_from_whom_it_is_or_was_sent_to),
		on_machine(a_peer_that_is_deleted_is_forgotten),
		on_machine(the_shapes_of_a_flood_follow_its_peers),
		on_machine(the_settings_have_every_port),
	};
	int rights = machine_rights();

	return rights ? rights : cmocka_run_group_tests(tests, NULL, NULL);
}
