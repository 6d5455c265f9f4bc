/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be said to overlayctl?  The table; everything that lists commands
 * reads it.  A unit test holds the keys against the model's members.
 */
#include "cli/command.h"

#include "base/text.h"
#include "cli/printers.h"

#include <string.h>

static const struct key segment_keys[] = {
	{"vni", "NUMBER", true},
	{"mtu", "BYTES"},
	{"flood", "head-end|multicast|replicator|none"},
	{"group", "ADDRESS"},
	{"unknown-unicast", "flood|drop"},
	{"suppress-neighbors", "true|false"},
	{"learning", "true|false"},
	{"aging", "TIME"},
	{"max-learned", "NUMBER"},
	{"vlan-tags", "drop|carry"},
	{"too-big", "fragment|drop"},
	{"dscp", "0..63|copy"},
	{},
};

static const struct key port_keys[] = {
	{"segment", "SEGMENT", true},
	{"macs", "MAC,..."},
	{"max-learned", "NUMBER"},
	{},
};

static const struct key peer_keys[] = {
	{"encapsulation", "vxlan|geneve|nvgre|gre|stt"},
	{"accept", "ENCAPSULATION,...|default"},
	{"other-addresses", "ADDRESS,...|none"},
	{"geneve-options", "HEX|none"},
	{"gre-checksum", "true|false"},
	{"gre-sequence", "true|false"},
	{"role", "vtep|replicator"},
	{"zero-checksum6", "true|false"},
	{"segments", "SEGMENT,...|all"},
	{},
};

static const struct key fdb_filter[] = {
	{"segment", "SEGMENT"}, {"port", "PORT"}, {"peer", "PEER"}, {"mac", "MAC"}, {},
};

static const struct key fdb_keys[] = {
	{"segment", "SEGMENT", true}, {"mac", "MAC", true}, {"peer", "PEER"}, {"port", "PORT"}, {},
};

static const struct key fdb_name[] = {
	{"segment", "SEGMENT", true},
	{"mac", "MAC", true},
	{},
};

static const struct key neighbor_filter[] = {
	{"segment", "SEGMENT"},
	{},
};

static const struct key neighbor_keys[] = {
	{"segment", "SEGMENT", true},
	{"address", "ADDRESS", true},
	{"mac", "MAC", true},
	{},
};

static const struct key neighbor_name[] = {
	{"segment", "SEGMENT", true},
	{"address", "ADDRESS", true},
	{},
};

static const struct key counted[] = {
	{"port", "PORT"},
	{"segment", "SEGMENT"},
	{"peer", "PEER"},
	{},
};

#define GET(where)    .method = "GET", .path = "/v1/" where
#define POST(where)   .method = "POST", .path = "/v1/" where
#define PATCH(where)  .method = "PATCH", .path = "/v1/" where
#define DELETE(where) .method = "DELETE", .path = "/v1/" where

/* clang-format off */
/* list, show, add, set and del of one noun */
#define NOUN(noun, plural, NAME, key_member, article, set_keys)                                    \
	{#noun, "list", GET(plural), .print = print_##noun##_list, .help = "List all " plural},    \
	{#noun, "show", NAME, GET(plural "/%s"), .print = print_##noun##_show,                     \
	 .help = "Show " article " " #noun ", its settings and its state"},                        \
	{#noun, "add", NAME, key_member, noun##_keys, KEYS_BODY, POST(plural),                     \
	 .help = "Add " article " " #noun},                                                        \
	{#noun, "set", NAME, NULL, set_keys, KEYS_BODY, PATCH(plural "/%s"),                       \
	 .help = "Change settings of " article " " #noun},                                         \
	{#noun, "del", NAME, DELETE(plural "/%s"), .help = "Delete " article " " #noun}
/* clang-format on */

const struct command commands[] = {
	{"status", "", GET("status"), .print = print_status,
	 .help = "Show how the switch is: versions, underlay, counts, findings"},

	NOUN(segment, "segments", "NAME", "name", "a", segment_keys + 1 /* a VNI is for ever */),
	NOUN(port, "ports", "DEVICE", "device", "a", port_keys),
	NOUN(peer, "peers", "ADDRESS", "address", "a", peer_keys),

	{"fdb", "list", .keys = fdb_filter, GET("fdb"), .line = print_fdb_line,
	 .help = "List MAC addresses and where they live"},
	{"fdb", "add", .keys = fdb_keys, .use = KEYS_BODY, POST("fdb"),
	 .help = "Add a static entry, behind a peer or a port"},
	{"fdb", "del", .keys = fdb_name, DELETE("fdb"),
	 .help = "Delete one entry, static or learned"},
	{"fdb", "flush", .keys = fdb_filter, .use = KEYS_BODY, POST("fdb/flush"),
	 .print = print_flushed, .help = "Forget learned entries: all, or those that match"},

	{"neighbor", "list", .keys = neighbor_filter, GET("neighbors"),
	 .print = print_neighbor_list, .help = "List IP addresses and their MAC addresses"},
	{"neighbor", "add", .keys = neighbor_keys, .use = KEYS_BODY, POST("neighbors"),
	 .help = "Add a neighbor"},
	{"neighbor", "del", .keys = neighbor_name, DELETE("neighbors"),
	 .help = "Delete a neighbor"},

	{"counters", "", .keys = counted, GET("counters"), .print = print_counters,
	 .help = "Show what ports, segments and peers carried"},
	{"counters", "reset", POST("counters/reset"), .help = "Set all counters to zero"},
	{"drops", "", GET("drops"), .print = print_drops,
	 .help = "Show which frames were dropped, where, and why"},
	{"watch", "", .keys = counted, .use = KEYS_LOCAL, GET("watch"), .line = print_watch_line,
	 .help = "Watch rates, once a second, and events until interrupted"},

	{"apply", "", "FILE", .reads_file = true, .dry_run = true, POST("apply"),
	 .print = print_changes, .help = "Make the running state equal to FILE (- is the input)"},
	{"diff", "", "[FILE]", .reads_file = true, POST("diff"), .print = print_changes,
	 .help = "Show what the running state has that the configuration file, or FILE, has not"},
	{"save", "", POST("save"), .print = print_saved,
	 .help = "Write the running state to the configuration file"},
	{"check", "", GET("check"), .print = print_check, .failures = "errors",
	 .help = "List what is wrong or could be better; exit status 1 if something is wrong"},

	{"datapath", "show", GET("datapath"), .print = print_datapath,
	 .help = "Show programs and maps in the kernel"},
	{"datapath", "unload", POST("datapath/unload"),
	 .help = "Stop forwarding: remove every trace from the kernel and end the daemon"},

	{"help", "", "[OBJECT]", .help = "Show these lines, or those of one object"},
	{},
};

bool command_requires(const struct command *command, const struct key *key)
{
	return key->required && (command->use != KEYS_BODY || strcmp(command->verb, "set") != 0);
}

void command_usage(const struct command *command, char *buffer, size_t size)
{
	struct text text = text_into(buffer, size);
	const struct key *key = command->keys;
	bool all = command->use != KEYS_BODY;

	text_append(&text, "%s%s%s", command->object, *command->verb ? " " : "", command->verb);
	if (command->name)
		text_append(&text, " %s", command->name);
	for (; key && key->name && (all || command_requires(command, key)); key++)
		text_append(&text, command_requires(command, key) ? " %s %s" : " [%s %s]",
			    key->name, key->value);
	if (key && key->name)
		text_append(&text, " [KEY VALUE ...]");
	if (command->dry_run)
		text_append(&text, " [--dry-run]");
}
