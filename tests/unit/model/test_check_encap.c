/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which envelopes does model_check refuse, with which words about which member,
 * and which does it accept as soon as they are spoken?  A row each.
 */
#include "../json_text.h"

#include "base/problem.h"
#include "model/check.h"
#include "model/field.h"

#include <errno.h>
#include <stdio.h>

#define UNDERLAY	  "'underlay': {'device': 'eth1'}"
#define SEGMENTS	  "'segments': [{'name': 'blue', 'vni': 5001}, {'name': 'red', 'vni': 5002}]"
#define START		  "{" UNDERLAY ", " SEGMENTS ", "
#define MAC		  "'mac': '52:54:00:00:00:02'"
#define ONE_PEER(members) START "'peers': [{'address': '192.0.2.2', " members "}]}"
#define GENEVE(options)	  ONE_PEER("'encapsulation': 'geneve', 'geneve-options': '" options "'")
#define NVGRE(vni)                                                                                 \
	"{" UNDERLAY ", 'segments': [{'name': 'blue', 'vni': " vni "}],"                           \
	" 'peers': [{'address': '192.0.2.2', 'encapsulation': 'nvgre'}]}"
/* an option of seven words, its header included */
#define WORDS_7                                                                                    \
	"01030106"                                                                                 \
	"000000000000000000000000000000000000000000000000"

struct row {
	const char *sentence;
	const char *json;
	const char *field; /* of the accepted ones: the envelope */
	int error;
	enum problem_code code;
	const char *fragment;
};

static const struct row refused_envelopes[] = {
	{"Geneve's port that is VXLAN's is refused",
	 "{'underlay': {'device': 'eth1', 'geneve-port': 4789}}", "underlay.geneve-port", EEXIST,
	 PROBLEM_CONFLICT, "is 4789, which is underlay.vxlan-port already"},
	{"VXLAN's port that is STT's is refused",
	 "{'underlay': {'device': 'eth1', 'vxlan-port': 7471}}", "underlay.stt-port", EEXIST,
	 PROBLEM_CONFLICT, "is 7471, which is underlay.vxlan-port already"},
	{"STT's port that is Geneve's is refused",
	 "{'underlay': {'device': 'eth1', 'stt-port': 6081}}", "underlay.stt-port", EEXIST,
	 PROBLEM_CONFLICT, "is 6081, which is underlay.geneve-port already"},
	{"accepting both nvgre and gre is refused", ONE_PEER("'accept': ['gre', 'nvgre', 'vxlan']"),
	 "peers[0].accept", EINVAL, PROBLEM_INVALID,
	 "has both nvgre and gre, whose packets cannot be told apart; keep the one that"},
	{"Geneve options for vxlan are refused", ONE_PEER("'geneve-options': '0103010000000001'"),
	 "peers[0].geneve-options", EINVAL, PROBLEM_INVALID,
	 "is only for encapsulation: geneve, and this peer's is vxlan"},
	{"GRE's checksum for nvgre is refused",
	 ONE_PEER("'encapsulation': 'nvgre', 'gre-checksum': true"), "peers[0].gre-checksum",
	 EINVAL, PROBLEM_INVALID, "is only for encapsulation: gre, and this peer's is nvgre"},
	{"GRE's sequence number for stt is refused",
	 ONE_PEER("'encapsulation': 'stt', 'gre-sequence': true"), "peers[0].gre-sequence", EINVAL,
	 PROBLEM_INVALID, "is only for encapsulation: gre, and this peer's is stt"},
	{"Geneve options of three bytes are refused", GENEVE("010301"), "peers[0].geneve-options",
	 EINVAL, PROBLEM_INVALID, "has 3 bytes, but options are a multiple of four bytes long"},
	{"Geneve options of six bytes are refused", GENEVE("010301010000"),
	 "peers[0].geneve-options", EINVAL, PROBLEM_INVALID, "has 6 bytes, but"},
	{"a Geneve option that is longer than what there is is refused", GENEVE("0103010200000001"),
	 "peers[0].geneve-options", EINVAL, PROBLEM_INVALID,
	 "has an option at byte 0 that says it is 12 bytes long, but only 8 are left"},
	{"a second Geneve option is read where the first one ends",
	 GENEVE("010301010000000101030201"), "peers[0].geneve-options", EINVAL, PROBLEM_INVALID,
	 "has an option at byte 8 that says it is 8 bytes long, but only 4 are left"},
	{"a reserved bit in a Geneve option is refused", GENEVE("0103012100000001"),
	 "peers[0].geneve-options", EINVAL, PROBLEM_INVALID,
	 "has reserved bits set in the option at byte 0: its fourth byte is 0x21"},
	{"a VNI below NVGRE's is refused with both names", NVGRE("4095"), "peers[0].encapsulation",
	 EINVAL, PROBLEM_INVALID,
	 "is nvgre, which can only carry numbers from 4096 to 16777214, and segment \"blue\" has "
	 "4095 (segments[0].vni)"},
	{"a VNI above NVGRE's is refused", NVGRE("16777215"), "peers[0].encapsulation", EINVAL,
	 PROBLEM_INVALID, "has 16777215 (segments[0].vni)"},
	{"an other address that is the peer's own is refused",
	 ONE_PEER("'other-addresses': ['2001:db8::2', '192.0.2.2']"), "peers[0].other-addresses[1]",
	 EEXIST, PROBLEM_CONFLICT,
	 "192.0.2.2 is the peer's address already (peers[0].address); remove it here"},
	{"an other address that is a later peer's is refused",
	 START "'peers': [{'address': '192.0.2.2', 'other-addresses': '192.0.2.3'},"
	       " {'address': '192.0.2.3'}]}",
	 "peers[0].other-addresses[0]", EEXIST, PROBLEM_CONFLICT,
	 "192.0.2.3 is the address of peers[1] already; an address is one peer's"},
	{"an other address of two peers is refused",
	 START "'peers': [{'address': '192.0.2.2', 'other-addresses': '192.0.2.9'},"
	       " {'address': '192.0.2.3', 'other-addresses': ['192.0.2.8', '192.0.2.9']}]}",
	 "peers[1].other-addresses[1]", EEXIST, PROBLEM_CONFLICT,
	 "192.0.2.9 is in peers[0].other-addresses already"},
	{"our own address is refused as a peer's other address",
	 "{'underlay': {'device': 'eth1', 'address': ['192.0.2.1', '2001:db8::1']},"
	 " 'peers': [{'address': '192.0.2.2', 'other-addresses': '2001:db8::1'}]}",
	 "peers[0].other-addresses[0]", EINVAL, PROBLEM_INVALID,
	 "2001:db8::1 is this hypervisor's own address (underlay.address)"},
	{"a multicast address is refused as a peer's other address",
	 ONE_PEER("'other-addresses': '239.1.1.1'"), "peers[0].other-addresses[0]", EINVAL,
	 PROBLEM_INVALID, "a multicast address"},
	{"a link-local address is refused as a peer's other address",
	 ONE_PEER("'other-addresses': 'fe80::2'"), "peers[0].other-addresses[0]", EINVAL,
	 PROBLEM_INVALID, "a link-local address"},
	{"a static entry behind a peer's other address is refused",
	 START "'peers': [{'address': '192.0.2.2', 'other-addresses': '192.0.2.9'}],"
	       " 'fdb': [{'segment': 'blue', " MAC ", 'peer': '192.0.2.9'}]}",
	 "fdb[0].peer", ENOENT, PROBLEM_UNKNOWN, "names peer 192.0.2.9, which does not exist"},
};

/* Accepted as soon as this version speaks the envelope that `field` names. */
static const struct row accepted_envelopes[] = {
	{"vxlan is accepted when it is spoken", ONE_PEER("'encapsulation': 'vxlan'"), "vxlan"},
	{"geneve is accepted when it is spoken", ONE_PEER("'encapsulation': 'geneve'"), "geneve"},
	{"nvgre is accepted when it is spoken", ONE_PEER("'encapsulation': 'nvgre'"), "nvgre"},
	{"gre is accepted when it is spoken", ONE_PEER("'encapsulation': 'gre'"), "gre"},
	{"stt is accepted when it is spoken", ONE_PEER("'encapsulation': 'stt'"), "stt"},
	{"a peer may be allowed to send what we do not", ONE_PEER("'accept': ['geneve']"),
	 "geneve"},
	{"two Geneve options that add up are accepted", GENEVE("010301010000000101038000"),
	 "geneve"},
	{"63 words of Geneve options are accepted",
	 GENEVE(WORDS_7 WORDS_7 WORDS_7 WORDS_7 WORDS_7 WORDS_7 WORDS_7 WORDS_7 WORDS_7), "geneve"},
	{"GRE may have checksum and sequence number",
	 ONE_PEER("'encapsulation': 'gre', 'gre-checksum': true, 'gre-sequence': true"), "gre"},
	{"NVGRE carries the smallest VSID", NVGRE("4096"), "nvgre"},
	{"NVGRE carries the largest VSID", NVGRE("16777214"), "nvgre"},
	{"a reserved VSID is none of a peer's that does not take part",
	 "{" UNDERLAY
	 ", 'segments': [{'name': 'blue', 'vni': 1}], 'peers': [{'address': '192.0.2.2',"
	 " 'encapsulation': 'nvgre', 'segments': []}]}",
	 "nvgre"},
	{"a peer has other addresses of both families",
	 ONE_PEER("'other-addresses': ['192.0.2.9', '2001:db8::2']"), "vxlan"},
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
	assert_string_equal(problem.field, row->field);
	assert_int_equal(r, -row->error);
	assert_int_equal(problem.code, row->code);
	assert_contains(problem.message, row->fragment);
}

static bool is_spoken(const char *name)
{
	bool result = false;

#define X(symbol, number, word, spoken) result = strcmp(name, word) ? result : (spoken);
	ENCAP_KINDS(X)
#undef X
	return result;
}

/* Of a kind that is not spoken yet this is the only complaint. */
static void run_envelope(void **state)
{
	const struct row *row = *state;
	_cleanup_model_ struct model model = {0};
	json_auto_t *json = json_of(row->json);
	struct problem problem = {0};
	char expected[128] = "";

	if (!is_spoken(row->field))
		snprintf(expected, sizeof(expected), "%s is not available in this version; ",
			 row->field);
	assert_int_equal(model_from_json(json, &model, &problem), 0);
	assert_int_equal(model_check(&model, &problem), *expected ? -EOPNOTSUPP : 0);
	assert_memory_equal(problem.message, expected, strlen(expected) + !*expected);
}

int main(void)
{
	return run_cases(refused_envelopes, run_row) + run_cases(accepted_envelopes, run_envelope);
}
