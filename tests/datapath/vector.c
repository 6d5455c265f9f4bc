/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What do the files of tests/vectors say?  See vector.h.
 */
#include "vector.h"

#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static void give_up(const char *name, const char *what)
{
	fprintf(stderr, "vector %s: %s\n", name, what);
	exit(EXIT_FAILURE);
}

static glob_t found; /* paths, cut down to names in place */

size_t vector_names(const char *prefix, const char *const **ret_names)
{
	char pattern[256];

	snprintf(pattern, sizeof(pattern), VECTOR_DIRECTORY "/%s*.json", prefix);
	if (glob(pattern, 0, NULL, &found))
		give_up(pattern, "no such file; run the tests at the top of the tree");
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *path = found.gl_pathv[i];

		memmove(path, path + strlen(VECTOR_DIRECTORY "/"),
			strlen(path) - strlen(VECTOR_DIRECTORY "/") + 1);
		*strrchr(path, '.') = '\0';
	}
	*ret_names = (const char *const *)found.gl_pathv;
	return found.gl_pathc;
}

static void read_hex(const char *name, struct vector *vector)
{
	static char text[2 * FRAME_MAX];
	char path[256];
	_cleanup_fclose_ FILE *file = NULL;

	snprintf(path, sizeof(path), VECTOR_DIRECTORY "/%s.hex", name);
	file = fopen(path, "re");
	if (!file || !fgets(text, sizeof(text), file))
		give_up(name, "cannot read the frame");
	vector->frame = frame_from_hex(text);
	if (fgets(text, sizeof(text), file))
		vector->second = frame_from_hex(text);
}

static void copy_string(json_t *object, const char *key, char *ret, size_t size)
{
	const char *value = json_string_value(json_object_get(object, key));

	snprintf(ret, size, "%s", value ? value : "");
}

static void read_ok(struct vector *vector, json_t *ok)
{
	static const char *const ids[] = {"vni", "vsid", "key"};
	const char *inner = json_string_value(json_object_get(ok, "inner_hex"));

	if (!inner)
		give_up(vector->name, "no inner_hex");
	vector->ok = true;
	vector->inner = frame_from_hex(inner);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (json_is_integer(json_object_get(ok, ids[i])))
			vector->vni = (uint32_t)json_integer_value(json_object_get(ok, ids[i]));
	vector->key_absent = json_is_null(json_object_get(ok, "key"));
	vector->carry_tags = json_is_integer(json_object_get(ok, "inner_vlan_id"));
	copy_string(ok, "outer_src", vector->outer_src, sizeof(vector->outer_src));
	copy_string(ok, "outer_dst", vector->outer_dst, sizeof(vector->outer_dst));
}

static void read_config(struct vector *vector, json_t *config)
{
	const char *tags = json_string_value(json_object_get(config, "inner_vlan"));

	vector->carry_tags |= tags && !strcmp(tags, "keep");
	vector->zero_checksum6_refused =
		json_is_false(json_object_get(config, "udp6_zero_csum_rx"));
}

static enum encap_kind kind_of(const char *name)
{
#define X(symbol, number, word, spoken)                                                            \
	if (!strncmp(name, word "-", strlen(word "-")))                                            \
		return ENCAP_##symbol;
	ENCAP_KINDS(X)
#undef X
	return ENCAP_NONE;
}

struct vector vector_read(const char *name)
{
	struct vector vector = {.kind = kind_of(name)};
	char path[256];
	json_t *root, *expect;

	read_hex(name, &vector);
	snprintf(vector.name, sizeof(vector.name), "%s", name);
	snprintf(path, sizeof(path), VECTOR_DIRECTORY "/%s.json", name);
	root = json_load_file(path, 0, NULL);
	expect = json_object_get(root, "expect");
	if (!expect)
		give_up(name, "cannot read what is expected");
	if (json_object_get(expect, "ok"))
		read_ok(&vector, json_object_get(expect, "ok"));
	else
		copy_string(expect, "drop", vector.drop, sizeof(vector.drop));
	read_config(&vector, json_object_get(root, "config"));
	json_decref(root);
	return vector;
}
