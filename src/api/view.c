/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How are the values that several nouns share written in JSON?
 */
#include "api/view.h"

#include "abi/drop.h"
#include "api/request.h"

#include <errno.h>

struct drop_text {
	const char *name, *sentence;
};

static const struct drop_text drop_texts[DROP_REASON_END] = {
#define X(symbol, number, name, sentence) [number] = {name, sentence},
	DROP_REASONS(X)
#undef X
};

json_t *view_address(const struct address *address)
{
	char buffer[ADDRESS_TEXT_MAX];

	if (address_is_unspecified(address))
		return json_null();
	return json_string(address_format(address, buffer));
}

json_t *view_mac(const struct mac *mac)
{
	char buffer[MAC_TEXT_MAX];

	return json_string(mac_format(mac, buffer));
}

static json_t *counter(__u64 value)
{
	return json_integer((json_int_t)value);
}

json_t *view_traffic(const struct table_traffic *traffic)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "rx-frames",
			 counter(traffic->rx_frames), "rx-bytes", counter(traffic->rx_bytes),
			 "tx-frames", counter(traffic->tx_frames), "tx-bytes",
			 counter(traffic->tx_bytes), "flooded", counter(traffic->flooded),
			 "learn-refused", counter(traffic->learn_refused), "via-anchor",
			 counter(traffic->via_anchor), "shrunk", counter(traffic->shrunk));
}

const char *view_encap_name(unsigned int kind)
{
	static const char *const names[N_ENCAP_KINDS] = {
#define X(symbol, number, name, spoken) [number] = name,
		ENCAP_KINDS(X)
#undef X
	};

	return kind < N_ENCAP_KINDS && names[kind] ? names[kind] : "none";
}

json_t *view_encaps(uint32_t bits)
{
	json_t *list = json_array();

	for (unsigned int kind = ENCAP_NONE + 1; kind < N_ENCAP_KINDS; kind++)
		if (bits & 1u << kind)
			json_array_append_new(list, json_string(view_encap_name(kind)));
	return list;
}

json_t *view_finding(const struct finding *finding)
{
	static const char *const levels[] = {
		[FINDING_WARNING] = "warning",
		[FINDING_ERROR] = "error",
		[FINDING_NOTE] = "note",
	};

	return json_pack("{s:s, s:o, s:o}", "level", levels[finding->level], "field",
			 reply_text(finding->field), "message", reply_text(finding->message));
}

json_t *view_drop(const struct drop_view *drop)
{
	const struct drop_text *text =
		drop->reason < DROP_REASON_END ? &drop_texts[drop->reason] : &drop_texts[DROP_NONE];
	json_t *json = json_pack(
		"{s:s, s:s}", "reason", text->name ? text->name : "unknown", "sentence",
		text->sentence ? text->sentence : "reason of a newer datapath than this daemon");

	if (drop->segment[0])
		json_object_set_new(json, "segment", reply_text(drop->segment));
	if (drop->port[0])
		json_object_set_new(json, "port", reply_text(drop->port));
	if (!address_is_unspecified(&drop->peer))
		json_object_set_new(json, "peer", view_address(&drop->peer));
	return json;
}

void view_set_path(json_t *object, const struct path_view *path)
{
	if (path->kind == PATH_PORT)
		json_object_set_new(object, "port", reply_text(path->port));
	if (path->kind == PATH_PEER)
		json_object_set_new(object, "peer", view_address(&path->peer));
}

struct count {
	json_t *list;
	int errors, warnings;
};

static int add_finding(void *arg, const struct finding *finding)
{
	struct count *count = arg;

	if (finding->level == FINDING_ERROR)
		count->errors++;
	else if (finding->level == FINDING_WARNING)
		count->warnings++;
	return json_array_append_new(count->list, view_finding(finding)) < 0 ? -ENOMEM : 0;
}

json_t *view_findings(const struct switch_ops *ops, void *self)
{
	_cleanup_json_ json_t *list = json_array();
	struct count count = {.list = list};

	if (ops->findings(self, add_finding, &count) < 0)
		return NULL;
	return json_pack("{s:O, s:i, s:i}", "findings", list, "errors", count.errors, "warnings",
			 count.warnings);
}
