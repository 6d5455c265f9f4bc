/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which texts are refused as configuration, at which line, about which field,
 * with which words?  A row each.
 */
#include "../cases.h"

#include "base/problem.h"
#include "config/config.h"
#include "model/field.h"

#include <errno.h>
#include <stdio.h>

struct row {
	const char *sentence;
	const char *text;
	unsigned int line;
	const char *field;
	const char *fragment;
};

#define UNDERLAY "underlay:\n  device: eth1\n" /* lines 1 and 2 */
#define SEGMENT	 "segments:\n  - name: blue\n    vni: 5001\n"

static const struct row not_yaml[] = {
	{"an empty text says that the underlay is missing", "", 1, "underlay", "is missing; name"},
	{"a text of comments says that the underlay is missing", "# nothing\n\n# at all\n", 1,
	 "underlay", "is missing; name"},
	{"a document of nothing says that the underlay is missing", "---\n...\n", 2, "underlay",
	 "is missing; name"},
	{"a tab is refused with a hint", "underlay:\n\tdevice: eth1\n", 2, "",
	 "found character that cannot start any token while scanning for the next token; indent "
	 "with spaces, not with tabs"},
	{"a tab below letters beyond ASCII is refused with a hint",
	 "# \xc3\xbc\xc3\xbc\xc3\xbc\nunderlay:\n  \tdevice: eth1\n", 3, "",
	 "found character that cannot start any token while scanning for the next token; indent"},
	{"a bracket that is not closed is refused", UNDERLAY "segments: [\n", 4, "",
	 "did not find expected node content while parsing a flow node"},
	{"a quote that is not closed is refused", "underlay:\n  device: \"eth1\n", 3, "",
	 "found unexpected end of stream while scanning a quoted scalar"},
	{"an indentation that fits nothing is refused", "underlay:\n  device: eth1\n ttl: 3\n", 3,
	 "", "did not find expected key"},
	{"a half-written member is refused", UNDERLAY "segm", 4, "", "could not find expected ':'"},
	{"a value after a value is refused", "underlay: a: b\n", 1, "",
	 "mapping values are not allowed in this context"},
	{"bytes that are not UTF-8 are refused in their line", UNDERLAY "segments: \"\xff\"\n", 3,
	 "", "invalid leading UTF-8 octet"},
	{"control characters are refused in their line", UNDERLAY "\n\nsegments: \x01\n", 5, "",
	 "control characters are not allowed"},
	{"a NUL character in quotes is refused", "underlay:\n  device: \"eth\\0one\"\n", 2, "",
	 "NUL characters are not supported"},
	{"a NUL character in a key is refused", UNDERLAY "\"a\\0b\": 1\n", 3, "",
	 "NUL characters are not supported"},
	{"a second document is refused", UNDERLAY "---\nunderlay:\n  device: eth2\n", 3, "",
	 "a second document begins here; a configuration is one document"},
	{"an anchor is refused", "underlay: &u\n  device: eth1\n", 1, "",
	 "anchors (&) are not supported; write the value where it is used"},
	{"an anchor of a scalar is refused", "underlay:\n  device: &d eth1\n", 2, "",
	 "anchors (&) are not supported"},
	{"an anchor of a list is refused", UNDERLAY "segments: &s []\n", 3, "",
	 "anchors (&) are not supported"},
	{"an alias is refused", UNDERLAY "segments: *s\n", 3, "", "aliases (*) are not supported"},
	{"laughs by the billion end at the first anchor",
	 "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", 1, "", "anchors (&) are not supported"},
	{"a merge is refused", UNDERLAY "<<: {a: b}\n", 3, "<<", "is not known here"},
	{"a tag is refused", "underlay:\n  device: !!str eth1\n", 2, "",
	 "tags (!) are not supported; remove it"},
	{"a tag of a mapping is refused", "underlay: !u\n  device: eth1\n", 1, "",
	 "tags (!) are not supported"},
	{"a key that is a list is refused", "[a, b]: c\n", 1, "", "a key must be a word"},
	{"a key that is a mapping is refused", "? {a: b}\n: c\n", 1, "", "a key must be a word"},
	{"an anchor of a key is refused", "&a underlay: {device: eth1}\n", 1, "",
	 "anchors (&) are not supported"},
	{"the same key twice is refused with both lines",
	 UNDERLAY "limits: {}\nunderlay:\n  device: eth2\n", 4, "underlay",
	 "is given twice, first in line 1; remove one"},
	{"the same member twice is refused with both lines",
	 UNDERLAY "segments:\n  - name: blue\n    vni: 1\n    name: red\n", 6, "name",
	 "is given twice, first in line 4; remove one"},
	{"a member twice in a later object is refused with both lines",
	 UNDERLAY
	 "segments:\n  - {name: a, vni: 1}\n  - name: blue\n    aging: 5s\n    aging: 6s\n",
	 7, "aging", "is given twice, first in line 6"},
	{"a bomb of brackets is refused",
	 "underlay: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 1, "",
	 "nested more than 16 deep"},
	{"a list is no configuration", "- underlay\n", 1, "", "the configuration is a list"},
	{"a word is no configuration", "overlaid\n", 1, "", "the configuration is text"},
};

static const struct row not_a_model[] = {
	{"a missing underlay is named at the first line", "\n" SEGMENT, 2, "underlay",
	 "is missing; name"},
	{"an unknown key is named in its line", UNDERLAY "segment:\n  - name: blue\n", 3, "segment",
	 "is not known here; did you mean \"segments\"?"},
	{"an unknown member is named in its line",
	 UNDERLAY SEGMENT "    aging: 300s\n    ageing: 300s\n", 7, "segments[0].ageing",
	 "did you mean \"aging\"?"},
	{"a missing member is named at its object",
	 UNDERLAY "segments:\n  - name: blue\n    vni: 1\n  - vni: 2\n    aging: 5s\n", 6,
	 "segments[1].name", "is missing"},
	{"a member is named at its key, not at its value",
	 UNDERLAY "segments:\n  - name: blue\n    vni:\n      0\n", 5, "segments[0].vni",
	 "is 0, but"},
	{"a list in place of a word is named at its key",
	 UNDERLAY "segments:\n  - name:\n      - blue\n    vni: 1\n", 4, "segments[0].name",
	 "is a list, but must be text"},
	{"an element of a list is named in its line",
	 "underlay:\n  device: eth1\n  address:\n    - 192.0.2.1\n    - nonsense\n", 5,
	 "underlay.address[1]", "is \"nonsense\", but must be an IP address"},
	{"a single value in place of a list is named in its line",
	 "underlay:\n  device: eth1\n  address: nonsense\n", 3, "underlay.address",
	 "is \"nonsense\", but must be an IP address"},
	{"an object in flow style is named in its line",
	 UNDERLAY SEGMENT "ports:\n  - {device: a, segment: blue}\n"
			  "  - {device: b, segment: blue, mac: x}\n",
	 8, "ports[1].mac", "did you mean \"macs\"?"},
	{"a list without dashes is named at its key", UNDERLAY "segments:\n  name: blue\n", 3,
	 "segments", "is a mapping, but must be a list: begin each segment with a dash"},
	{"a number without quotes is no name",
	 UNDERLAY "segments:\n  - name: 5001\n    vni: 5001\n", 4, "segments[0].name",
	 "is a number, but must be text; put it in quotes"},
	{"a number in quotes is no number",
	 UNDERLAY "segments:\n  - name: blue\n    vni: \"5001\"\n", 5, "segments[0].vni",
	 "is the text \"5001\"; write the number without quotes"},
	{"a number in octal is refused", UNDERLAY "segments:\n  - name: blue\n    vni: 010\n", 5,
	 "segments[0].vni", "is \"010\", but must be a number from 1 to 16777215"},
	{"a number in hexadecimal is refused",
	 UNDERLAY "segments:\n  - name: blue\n    vni: 0x10\n", 5, "segments[0].vni",
	 "is \"0x10\", but must be a number"},
	{"a number of 30 digits is refused",
	 UNDERLAY "segments:\n  - name: blue\n    vni: 111111111111111111111111111111\n", 5,
	 "segments[0].vni", "is \"111111111111111111111111111111\", but must be a number"},
	{"yes is refused with a hint", UNDERLAY SEGMENT "    learning: yes\n", 6,
	 "segments[0].learning", "is \"yes\"; write true, in lower case and without quotes"},
	{"True is refused with a hint", UNDERLAY SEGMENT "    learning: True\n", 6,
	 "segments[0].learning", "is \"True\"; write true, in lower case"},
	{"true in quotes is refused with a hint", UNDERLAY SEGMENT "    learning: 'true'\n", 6,
	 "segments[0].learning", "is \"true\"; write true, in lower case and without quotes"},
	{"off is refused with a hint", UNDERLAY SEGMENT "    learning: off\n", 6,
	 "segments[0].learning", "is \"off\"; write false, in lower case and without quotes"},
	{"a required member without a value is refused",
	 UNDERLAY "segments:\n  - name:\n    vni: 1\n", 4, "segments[0].name",
	 "has no value, but is required"},
};

static const struct row not_sound[] = {
	{"a name twice is named at the second", UNDERLAY SEGMENT "  - name: blue\n    vni: 5002\n",
	 6, "segments[1].name", "\"blue\" is the name of segments[0] already"},
	{"a VNI twice is named at the second", UNDERLAY SEGMENT "  - name: red\n    vni: 5001\n", 7,
	 "segments[1].vni", "5001 is the VNI of segment \"blue\" already"},
	{"a port in two segments is named at the second",
	 UNDERLAY SEGMENT "  - name: red\n    vni: 5002\nports:\n  - device: tap0\n"
			  "    segment: blue\n  - device: tap0\n    segment: red\n",
	 11, "ports[1].device", "\"tap0\" is in segment \"blue\" already (ports[0])"},
	{"an unknown segment of a peer is named at the list",
	 UNDERLAY SEGMENT "peers:\n  - address: 192.0.2.2\n    segments:\n      - blue\n"
			  "      - red\n",
	 8, "peers[0].segments", "names segment \"red\", which does not exist"},
	{"a record without a path is named at the record",
	 UNDERLAY SEGMENT "fdb:\n  - segment: blue\n    mac: 52:54:00:00:00:02\n", 7, "fdb[0]",
	 "has neither peer nor port"},
	{"a peer equal to ourselves is named",
	 "underlay:\n  device: eth1\n  address: 192.0.2.1\npeers:\n  - address: 192.0.2.1\n", 5,
	 "peers[0].address", "is this hypervisor's own address"},
	{"what this version cannot do is named",
	 UNDERLAY "peers:\n  - address: 192.0.2.1\n    role: replicator\n", 5, "peers[0].role",
	 "replicator is not available in this version; use vtep"},
	{"Geneve options whose lengths do not add up are named by their line",
	 UNDERLAY "peers:\n  - address: 192.0.2.2\n    encapsulation: geneve\n"
		  "    geneve-options: 01030102deadbeef\n",
	 6, "peers[0].geneve-options", "says it is 12 bytes long, but only 8 are left"},
	{"options of digits alone need quotes, and the message says so",
	 UNDERLAY "peers:\n  - address: 192.0.2.2\n    geneve-options: 1030101\n", 5,
	 "peers[0].geneve-options", "is a number, but must be text; put it in quotes"},
	{"a MAC address in the underlay's list order is named by its element",
	 UNDERLAY SEGMENT "ports:\n  - device: tap0\n    segment: blue\n    macs:\n"
			  "      - 52:54:00:00:00:01\n      - 01:00:5e:00:00:01\n",
	 11, "ports[0].macs[1]", "a group address"},
};

static void run_row(void **state)
{
	const struct row *row = *state;
	struct problem problem = {0};
	struct model model;
	int r;

	memset(&model, 0xaa, sizeof(model));
	r = config_parse("a.yaml", row->text, strlen(row->text), &model, &problem);
	assert_true(r < 0);
	assert_contains(problem.message, row->fragment);
	assert_string_equal(problem.field, row->field);
	assert_int_equal(problem.line, row->line);
	assert_string_equal(problem.file, "a.yaml");
	for (size_t i = 0; i < sizeof(model); i++)
		assert_int_equal(((uint8_t *)&model)[i], 0xaa);
}

struct good_row {
	const char *sentence;
	const char *text;
	const char *printed; /* as config_print writes it, without the first line */
};

static const struct good_row good[] = {
	{"the smallest configuration is read", "underlay: {device: eth1}",
	 "underlay:\n  device: eth1\n"},
	{"the end of a document may be marked", "---\nunderlay: {device: eth1}\n...\n",
	 "underlay:\n  device: eth1\n"},
	{"JSON is read", "{\"underlay\": {\"device\": [\"eth1\"], \"ttl\": 3}}",
	 "underlay:\n  device: eth1\n  ttl: 3\n"},
	{"Windows' line ends are read", "underlay:\r\n  device: eth1\r\n",
	 "underlay:\n  device: eth1\n"},
	{"a byte order mark is read", "\xef\xbb\xbfunderlay: {device: eth1}\n",
	 "underlay:\n  device: eth1\n"},
	{"nothing stands for an empty list", "underlay: {device: eth1}\nsegments:\npeers: ~\n",
	 "underlay:\n  device: eth1\n"},
	{"a block scalar is text", "underlay:\n  device: >-\n    eth1\n",
	 "underlay:\n  device: eth1\n"},
	{"a quoted number is text", UNDERLAY "segments: [{name: '7', vni: 7}]\n",
	 UNDERLAY "segments:\n  - name: \"7\"\n    vni: 7\n"},
	{"the words of truth are names elsewhere",
	 UNDERLAY "segments: [{name: no, vni: 7}, {name: 'true', vni: 8}]\n",
	 UNDERLAY "segments:\n  - name: \"no\"\n    vni: 7\n  - name: \"true\"\n    vni: 8\n"},
	{"a MAC address of digits is text",
	 UNDERLAY SEGMENT "ports: [{device: tap0, segment: blue, macs: 12:34:56:10:11:12}]\n",
	 UNDERLAY SEGMENT "ports:\n  - device: tap0\n    segment: blue\n"
			  "    macs: [12:34:56:10:11:12]\n"},
	{"the example of the design is read and printed as it was written",
	 UNDERLAY "  address: 192.0.2.1\n" SEGMENT "    mtu: 1500\n    flood: head-end\n"
		  "    unknown-unicast: flood\n    suppress-neighbors: true\n    learning: true\n"
		  "    aging: 300s\n"
		  "peers:\n  - address: 192.0.2.2\n    encapsulation: vxlan\n    segments: [blue]\n"
		  "ports:\n  - device: tap0\n    segment: blue\n    macs: [52:54:00:00:00:01]\n"
		  "fdb:\n  - {segment: blue, mac: 52:54:00:00:00:02, peer: 192.0.2.2}\n"
		  "neighbors:\n  - {segment: blue, address: 10.0.0.2, mac: 52:54:00:00:00:02}\n",
	 UNDERLAY "  address: 192.0.2.1\n" SEGMENT
		  "peers:\n  - address: 192.0.2.2\n    segments: [blue]\n"
		  "ports:\n  - device: tap0\n    segment: blue\n    macs: [52:54:00:00:00:01]\n"
		  "fdb:\n  - {segment: blue, mac: 52:54:00:00:00:02, peer: 192.0.2.2}\n"
		  "neighbors:\n  - {segment: blue, address: 10.0.0.2, mac: 52:54:00:00:00:02}\n"},
	{"every member that is not as by default is printed",
	 "underlay: {device: [eth1, eth2], address: ['2001:db8::', 192.0.2.1], vxlan-port: 8472,"
	 " geneve-port: 6082, stt-port: 7472, ttl: 3, fragments: drop, reserved-bits: strict}\nlimits: {fdb-entries: 2048}\n"
	 "segments: [{name: blue, vni: 1, mtu: 9000, flood: none, unknown-unicast: drop,"
	 " suppress-neighbors: false, learning: false, aging: 1h, max-learned: 0,"
	 " vlan-tags: carry, too-big: drop, dscp: copy}, {name: red, vni: 2, dscp: 46}]\n"
	 "peers: [{address: '::2', accept: [vxlan], other-addresses: ['::3'],"
	 " zero-checksum6: false, segments: []}]\n"
	 "ports: [{device: 'tap#0', segment: blue, max-learned: 1}]\n"
	 "fdb: [{segment: blue, mac: 52:54:00:00:00:02, port: 'tap#0'}]\n",
	 "underlay:\n  device: [eth1, eth2]\n  address: [\"2001:db8::\", 192.0.2.1]\n"
	 "  vxlan-port: 8472\n  geneve-port: 6082\n  stt-port: 7472\n  ttl: 3\n  fragments: drop\n  reserved-bits: strict\n"
	 "limits:\n  fdb-entries: 2048\n"
	 "segments:\n  - name: blue\n    vni: 1\n    mtu: 9000\n    flood: none\n"
	 "    unknown-unicast: drop\n    suppress-neighbors: false\n    learning: false\n"
	 "    aging: 3600s\n    max-learned: 0\n    vlan-tags: carry\n    too-big: drop\n"
	 "    dscp: copy\n  - name: red\n    vni: 2\n    dscp: 46\n"
	 "peers:\n  - address: \"::2\"\n    accept: vxlan\n    other-addresses: \"::3\"\n"
	 "    zero-checksum6: false\n    segments: []\n"
	 "ports:\n  - device: \"tap#0\"\n    segment: blue\n    max-learned: 1\n"
	 "fdb:\n  - {segment: blue, mac: 52:54:00:00:00:02, port: \"tap#0\"}\n"},
	{"a long list is printed with a line for each",
	 UNDERLAY "segments: [{name: a, vni: 1}, {name: b, vni: 2}, {name: c, vni: 3},"
		  " {name: d, vni: 4}, {name: e, vni: 5}, {name: f, vni: 6}, {name: g, vni: 7},"
		  " {name: h, vni: 8}, {name: i, vni: 9}]\n"
		  "peers: [{address: 192.0.2.2, segments: [a, b, c, d, e, f, g, h, i]}]\n",
	 UNDERLAY "segments:\n  - name: a\n    vni: 1\n  - name: b\n    vni: 2\n  - name: c\n"
		  "    vni: 3\n  - name: d\n    vni: 4\n  - name: e\n    vni: 5\n  - name: f\n"
		  "    vni: 6\n  - name: g\n    vni: 7\n  - name: h\n    vni: 8\n  - name: i\n"
		  "    vni: 9\n"
		  "peers:\n  - address: 192.0.2.2\n    segments:\n      - a\n      - b\n"
		  "      - c\n      - d\n      - e\n      - f\n      - g\n      - h\n      - i\n"},
};

static char *print(const struct model *model)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	assert_int_equal(config_print(model, out), 0);
	fclose(out);
	return text;
}

/* What another reader would take for a number is quoted. */
static void digits_stay_text_in_the_file(void **state)
{
	static const char json[] =
		"{\"underlay\": {\"device\": \"eth1\"}, \"peers\": ["
		"{\"address\": \"192.0.2.2\", \"geneve-options\": \"1103000100000001\","
		" \"gre-checksum\": true, \"gre-sequence\": true, \"accept\": [\"gre\", \"stt\"]},"
		"{\"address\": \"192.0.2.3\", \"geneve-options\": \"11030001000000ff\"}]}";
	_cleanup_model_ struct model model = {0};
	json_t *value = json_loads(json, 0, NULL);
	char *text;

	assert_int_equal(model_from_json(value, &model, NULL), 0);
	text = print(&model);
	assert_contains(text, "    accept: [gre, stt]\n    geneve-options: \"1103000100000001\"\n"
			      "    gre-checksum: true\n    gre-sequence: true\n");
	assert_contains(text, "    geneve-options: 11030001000000ff\n");
	free(text);
	json_decref(value);
}

static void read_good(const char *text, struct model *ret)
{
	struct problem problem = {0};
	int r = config_parse("a.yaml", text, strlen(text), ret, &problem);

	assert_string_equal(problem.message, "");
	assert_int_equal(r, 0);
}

static void run_good(void **state)
{
	const struct good_row *row = *state;
	_cleanup_model_ struct model model = {0}, again = {0};
	char *first, *second;

	read_good(row->text, &model);
	first = print(&model);
	assert_int_equal(first[0], '#');
	assert_string_equal(strchr(first, '\n') + 1, row->printed);
	read_good(first, &again);
	second = print(&again);
	assert_string_equal(first, second);
	free(first);
	free(second);
}

static void a_text_beyond_16_mib_is_refused(void **state)
{
	struct problem problem = {0};
	struct model model;
	size_t length = CONFIG_BYTES_MAX + 1;
	char *text = malloc(length);

	assert_non_null(text);
	memset(text, '#', length);
	assert_int_equal(config_parse("a.yaml", text, length, &model, &problem), -EFBIG);
	assert_int_equal(problem.code, PROBLEM_TOO_LARGE);
	assert_contains(problem.message, "has 16777217 bytes, but at most 16777216 are possible");
	assert_int_equal(config_parse("a.yaml", text, length - 1, &model, NULL), -EINVAL);
	free(text);
}

/* In the document's first bytes, so that the end of the text is not what stops it. */
static void more_than_a_million_values_are_refused(void **state)
{
	static const char head[] = "underlay:\n  device: eth1\nfdb:\n";
	struct problem problem = {0};
	struct model model;
	size_t n = 1000000;
	char *text = malloc(sizeof(head) + 2 * n), *at = text;

	assert_non_null(text);
	at = stpcpy(at, head);
	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, "-\n");
	assert_int_equal(config_parse("a.yaml", text, (size_t)(at - text), &model, &problem),
			 -E2BIG);
	assert_int_equal(problem.code, PROBLEM_TOO_LARGE);
	/* the mapping, the underlay, its device and the list are values too */
	assert_int_equal(problem.line, 4 + 1000000 - 4);
	free(text);
}

static void ten_megabytes_of_records_are_read(void **state)
{
	size_t n = 160000;
	char *text = malloc(64 * n + 1024), *at = text;
	_cleanup_model_ struct model model = {0};

	assert_non_null(text);
	at = stpcpy(at, UNDERLAY "limits: {fdb-entries: 1048576}\n" SEGMENT
				 "peers:\n  - address: 192.0.2.2\nfdb:\n");
	for (size_t i = 0; i < n; i++)
		at += sprintf(
			at,
			"  - {segment: blue, mac: 52:54:%02zx:%02zx:%02zx:00, peer: 192.0.2.2}\n",
			i >> 16 & 255, i >> 8 & 255, i & 255);
	assert_in_range(at - text, 9 << 20, 16 << 20);
	read_good(text, &model);
	assert_int_equal(model.n_fdb, n);
	free(text);
}

static void a_problem_that_is_filled_keeps_its_first_cause(void **state)
{
	struct problem problem = {0};
	struct model model;

	problem_set(&problem, PROBLEM_CONFLICT, EEXIST, "x", "y");
	assert_int_equal(config_parse("a.yaml", "", 0, &model, &problem), -EINVAL);
	assert_string_equal(problem.field, "x");
	assert_string_equal(problem.file, "");
	assert_int_equal(config_parse("a.yaml", "", 0, &model, /* problem= */ NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_stay_text_in_the_file),
		cmocka_unit_test(a_text_beyond_16_mib_is_refused),
		cmocka_unit_test(more_than_a_million_values_are_refused),
		cmocka_unit_test(ten_megabytes_of_records_are_read),
		cmocka_unit_test(a_problem_that_is_filled_keeps_its_first_cause),
	};

	return run_cases(not_yaml, run_row) + run_cases(not_a_model, run_row) +
	       run_cases(not_sound, run_row) + run_cases(good, run_good) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
