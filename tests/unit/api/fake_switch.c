/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A switch that is nothing but a model in memory.  It checks changes as the
 * real one does (model_check) and reads JSON where the real one reads YAML.
 */
#include "fake_switch.h"

#include "abi/drop.h"
#include "base/cleanup.h"
#include "base/problem.h"
#include "model/check.h"
#include "model/field.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char start[] =
	"{\"underlay\": {\"device\": [\"eth1\"], \"address\": [\"192.0.2.1\", \"2001:db8::1\"]},"
	" \"segments\": [{\"name\": \"blue\", \"vni\": 5001}, {\"name\": \"red\", \"vni\": 5002}],"
	" \"peers\": [{\"address\": \"192.0.2.2\"},"
	"   {\"address\": \"192.0.2.3\", \"segments\": [\"blue\"]},"
	"   {\"address\": \"2001:db8::2\"}],"
	" \"ports\": [{\"device\": \"tap0\", \"segment\": \"blue\"},"
	"   {\"device\": \"tap1\", \"segment\": \"red\", \"macs\": [\"52:54:00:00:00:01\"]}],"
	" \"fdb\": [{\"segment\": \"blue\", \"mac\": \"52:54:00:00:00:02\","
	"   \"peer\": \"192.0.2.2\"}],"
	" \"neighbors\": [{\"segment\": \"blue\", \"address\": \"10.0.0.2\","
	"   \"mac\": \"52:54:00:00:00:02\"}]}";

static int parse(void *self, const char *name, const char *text, size_t length, struct model *ret,
		 struct problem *problem)
{
	json_error_t error;
	json_t *json = json_loadb(text, length, 0, &error);
	int r;

	snprintf(problem->file, sizeof(problem->file), "%s", name);
	if (!json) {
		problem->line = (unsigned int)error.line;
		return problem_set(problem, PROBLEM_INVALID, EINVAL, NULL, "%s", error.text);
	}
	r = model_from_json(json, ret, problem);
	json_decref(json);
	return r < 0 ? r : model_check(ret, problem);
}

static const struct model *running(void *self)
{
	return &((struct fake_switch *)self)->running;
}

static const struct model *declared(void *self)
{
	return &((struct fake_switch *)self)->declared;
}

static int change(void *self, struct model *want, struct problem *problem)
{
	struct fake_switch *fake = self;
	int r = model_check(want, problem);

	if (!r && fake->refuse_change)
		r = problem_set(problem, PROBLEM_SYSTEM, EIO, NULL, "the kernel said no");
	if (!r) {
		model_clear(&fake->running);
		fake->running = *want;
		model_init(want);
		fake->changes++;
	}
	model_clear(want);
	return r;
}

static int save(void *self, struct problem *problem)
{
	struct fake_switch *fake = self;

	model_clear(&fake->declared);
	fake->saves++;
	return model_copy(&fake->running, &fake->declared);
}

static struct table_traffic traffic_of(const struct fake_switch *fake, uint64_t number)
{
	return (struct table_traffic){
		.rx_frames = fake->frames * number,
		.rx_bytes = fake->frames * number * 100,
		.tx_frames = fake->frames * number * 2,
		.tx_bytes = fake->frames * number * 200,
		.flooded = fake->frames * number / 10,
	};
}

static int status(void *self, struct status_view *ret)
{
	struct fake_switch *fake = self;

	*ret = (struct status_view){
		.version = "0.0-test",
		.pid = 4242,
		.uptime_seconds = 3661,
		.config_file = FAKE_CONFIG_FILE,
		.unsaved = fake->changes > fake->saves,
		.n_segments = fake->running.n_segments,
		.n_peers = fake->running.n_peers,
		.n_ports = fake->running.n_ports,
		.n_ports_attached = 1,
		.fdb_entries = fake->n_learned + fake->running.n_fdb,
		.fdb_capacity = fake->running.limits.fdb_entries,
		.drops = fake->drops,
		.n_addresses = 2,
		.n_devices = 1,
		.devices = {{.device = "eth1",
			     .present = true,
			     .up = true,
			     .attached = true,
			     .mtu = 1500,
			     .hook = "tcx"}},
		.n_anchors = 2,
		.anchors = {{.device = "ovl-vxlan",
			     .kinds = 1u << ENCAP_VXLAN,
			     .present = true,
			     .carries = true},
			    {.device = "ovl-gre", .kinds = 1u << ENCAP_NVGRE | 1u << ENCAP_GRE}},
	};
	memcpy(ret->addresses, fake->running.underlay.addresses, sizeof(ret->addresses));
	return 0;
}

static int segment(void *self, const char *name, struct segment_view *ret)
{
	struct fake_switch *fake = self;
	const struct segment *found = model_segment(&fake->running, name);

	if (!found)
		return -ENOENT;
	*ret = (struct segment_view){
		.n_ports = 1,
		.n_peers = 3,
		.learned = fake->n_learned,
		.wanted_underlay_mtu = found->mtu + 70u,
		.fits = false,
		.traffic = traffic_of(fake, found->vni),
	};
	return 0;
}

static int port(void *self, const char *device, struct port_view *ret)
{
	struct fake_switch *fake = self;
	bool present = !strcmp(device, "tap0");

	if (!model_port(&fake->running, device))
		return -ENOENT;
	*ret = (struct port_view){
		.present = present,
		.up = present,
		.attached = present,
		.ifindex = present ? 7 : 0,
		.device_mtu = present ? 1500 : 0,
		.learned = present ? fake->n_learned : 0,
		.traffic = traffic_of(fake, present ? 10 : 0),
	};
	return 0;
}

static int peer(void *self, const struct address *address, struct peer_view *ret)
{
	struct fake_switch *fake = self;
	bool ipv4 = address_is_ipv4(address);

	if (!model_peer(&fake->running, address))
		return -ENOENT;
	*ret = (struct peer_view){
		.reachable = true,
		.accepts = 1u << ENCAP_VXLAN | 1u << ENCAP_GRE,
		.local = fake->running.underlay.addresses[ipv4 ? 0 : 1],
		.route_mtu = ipv4 ? 1600 : 1500,
		.path_mtu = ipv4 ? 1600 : 1400,
		.overhead = ipv4 ? 50 : 70,
		.limit = ipv4 ? 1550 : 1330,
		.n_nexthops = 1,
		.nexthops = {{.device = "eth1",
			      .gateway = *address,
			      .resolved = ipv4,
			      .mac = {{0x52, 0x54, 0, 0, 0, 0x99}}}},
		.traffic = traffic_of(fake, ipv4 ? 5 : 0),
	};
	return 0;
}

static int datapath(void *self, struct datapath_view *ret)
{
	*ret = (struct datapath_view){
		.layout = 2,
		.pin_directory = "/run/overlaid/bpf",
		.n_programs = 1,
		.programs = {{.name = "from_port", .tag = "0011223344556677", .id = 12}},
		.n_maps = 1,
		.maps = {{.name = "fdb",
			  .id = 13,
			  .key_bytes = 12,
			  .value_bytes = 16,
			  .max_entries = 131072,
			  .memory_bytes = 9437184}},
	};
	return 0;
}

static int findings(void *self, finding_visit visit, void *arg)
{
	struct fake_switch *fake = self;
	const struct finding finding = {
		.level = fake->finding_is_error ? FINDING_ERROR :
			 fake->finding_is_note	? FINDING_NOTE :
						  FINDING_WARNING,
		.field = "segment blue",
		.message = "wants an underlay MTU of 1570, eth1 has 1500",
	};

	return visit(arg, &finding);
}

static bool filter_takes(const struct fdb_filter *filter, const struct fdb_view *entry)
{
	return (!filter->segment[0] || !strcmp(filter->segment, entry->segment)) &&
	       (!filter->port[0] || !strcmp(filter->port, entry->path.port)) &&
	       (address_is_unspecified(&filter->peer) ||
		address_equal(&filter->peer, &entry->path.peer)) &&
	       (!filter->has_mac || mac_equal(&filter->mac, &entry->mac));
}

static int visit_if(const struct fdb_filter *filter, const struct fdb_view *entry, fdb_visit visit,
		    void *arg)
{
	return filter_takes(filter, entry) ? visit(arg, entry) : 0;
}

static int visit_static(struct fake_switch *fake, const struct fdb_filter *filter, fdb_visit visit,
			void *arg)
{
	int r = 0;

	for (size_t i = 0; i < fake->running.n_fdb && !r; i++) {
		const struct fdb_record *record = &fake->running.fdb[i];
		struct fdb_view entry = {.mac = record->mac, .source = FDB_STATIC};
		const struct segment *in = model_segment(&fake->running, record->segment);

		memcpy(entry.segment, record->segment, sizeof(entry.segment));
		memcpy(entry.path.port, record->port, sizeof(entry.path.port));
		entry.path.peer = record->peer;
		entry.path.kind = record->port[0] ? PATH_PORT : PATH_PEER;
		entry.vni = in ? in->vni : 0;
		r = visit_if(filter, &entry, visit, arg);
	}
	return r;
}

static int visit_generated(struct fake_switch *fake, const struct fdb_filter *filter,
			   fdb_visit visit, void *arg)
{
	struct fdb_view entry = {.segment = "red", .vni = 5002, .path = {.kind = PATH_PEER}};
	int r = 0;

	for (uint32_t i = 0; i < fake->n_generated && !r; i++) {
		entry.mac = (struct mac){{2, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16),
					  (uint8_t)(i >> 8), (uint8_t)i}};
		entry.path.peer = fake->running.peers[i % fake->running.n_peers].address;
		entry.age_seconds = i % 300;
		entry.moves = i % 100000;
		r = visit_if(filter, &entry, visit, arg);
	}
	return r;
}

static int fdb_each(void *self, const struct fdb_filter *filter, fdb_visit visit, void *arg)
{
	struct fake_switch *fake = self;
	int r = visit_static(fake, filter, visit, arg);

	for (size_t i = 0; i < fake->n_learned && !r; i++)
		r = visit_if(filter, &fake->learned[i], visit, arg);
	return r ? r : visit_generated(fake, filter, visit, arg);
}

static int fdb_flush(void *self, const struct fdb_filter *filter)
{
	struct fake_switch *fake = self;
	size_t kept = 0;
	int flushed;

	for (size_t i = 0; i < fake->n_learned; i++)
		if (!filter_takes(filter, &fake->learned[i]))
			fake->learned[kept++] = fake->learned[i];
	flushed = (int)(fake->n_learned - kept);
	fake->n_learned = kept;
	return flushed;
}

static int drops_each(void *self, drop_visit visit, void *arg)
{
	struct fake_switch *fake = self;
	struct drop_view drop = {
		.reason = DROP_UNKNOWN_PEER, .frames = fake->drops, .bytes = fake->drops * 60};
	int r = fake->drops ? visit(arg, &drop) : 0;

	if (r || !fake->drops)
		return r;
	drop = (struct drop_view){.reason = DROP_MAC_NOT_ALLOWED,
				  .segment = "red",
				  .port = "tap1",
				  .frames = 3,
				  .bytes = 180};
	return visit(arg, &drop);
}

static int counters_reset(void *self)
{
	struct fake_switch *fake = self;

	fake->frames = fake->drops = 0;
	fake->resets++;
	return 0;
}

static void listen_to(void *self, event_listener listener, void *arg)
{
	struct fake_switch *fake = self;

	fake->listener = listener;
	fake->listener_arg = arg;
}

static int unload(void *self, struct problem *problem)
{
	struct fake_switch *fake = self;

	fake->unloads++;
	if (fake->on_unload)
		fake->on_unload(fake->on_unload_arg);
	return 0;
}

void fake_switch_emit(struct fake_switch *fake, enum event_kind kind)
{
	struct event_view event = {
		.kind = kind,
		.segment = "blue",
		.vni = 5001,
		.mac = {{0x52, 0x54, 0, 0, 0, 0x0a}},
		.path = {.kind = PATH_PORT, .port = "tap0"},
	};

	if (kind == EVENT_MOVED)
		event.old_path = (struct path_view){.kind = PATH_PEER,
						    .peer = fake->running.peers[0].address};
	if (fake->listener)
		fake->listener(fake->listener_arg, &event);
}

struct fake_switch *fake_switch_new(void)
{
	struct fake_switch *fake = calloc(1, sizeof(*fake));
	struct problem problem = {};

	if (!fake || parse(fake, "start", start, sizeof(start) - 1, &fake->running, &problem) < 0 ||
	    model_copy(&fake->running, &fake->declared) < 0) {
		fprintf(stderr, "fake switch: %s: %s\n", problem.field, problem.message);
		abort();
	}
	fake->frames = 1000;
	fake->drops = 7;
	fake->n_learned = 2;
	fake->learned[0] = (struct fdb_view){.segment = "blue",
					     .vni = 5001,
					     .mac = {{0x52, 0x54, 0, 0, 0, 0x0a}},
					     .path = {.kind = PATH_PORT, .port = "tap0"},
					     .age_seconds = 4,
					     .moves = 1};
	fake->learned[1] = (struct fdb_view){
		.segment = "blue",
		.vni = 5001,
		.mac = {{0x52, 0x54, 0, 0, 0, 0x0b}},
		.path = {.kind = PATH_PEER, .peer = fake->running.peers[2].address},
		.age_seconds = 250};
	return fake;
}

void fake_switch_free(struct fake_switch *fake)
{
	model_clear(&fake->running);
	model_clear(&fake->declared);
	free(fake);
}

const struct switch_ops fake_switch_ops = {
	.running = running,
	.declared = declared,
	.change = change,
	.parse = parse,
	.save = save,
	.status = status,
	.segment = segment,
	.port = port,
	.peer = peer,
	.datapath = datapath,
	.findings = findings,
	.fdb_each = fdb_each,
	.fdb_flush = fdb_flush,
	.drops_each = drops_each,
	.counters_reset = counters_reset,
	.listen = listen_to,
	.unload = unload,
};
