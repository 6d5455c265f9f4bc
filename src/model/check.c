/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a desired state sound in itself?  Runs the rules of each noun and offers
 * what they have in common.  Asks the model only, never the kernel.
 */
#include "model/check.h"

#include "base/text.h"
#include "model/check_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void spot_format(struct spot spot, struct text *text)
{
	text_append(text, "%s", spot.noun->plural);
	if (spot.noun->is_list)
		text_append(text, "[%zu]", spot.position);
	if (spot.member)
		text_append(text, ".%s", spot.member);
	if (spot.index >= 0)
		text_append(text, "[%d]", spot.index);
}

int check_refuse(const struct check *check, enum problem_code code, int error, struct spot spot,
		 const char *format, ...)
{
	struct problem *problem = check->problem;
	char field[sizeof(problem->field)], message[sizeof(problem->message)];
	struct text text = text_into(field, sizeof(field));
	va_list arguments;

	spot_format(spot, &text);
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	return problem_set(problem, code, error, field, "%s", message);
}

int check_members(const struct check *check, const struct noun *noun, size_t position)
{
	char path[64];
	struct text text = text_into(path, sizeof(path));
	size_t n;
	const char *objects = noun_objects(noun, check->model, &n);

	spot_format((struct spot){noun, position, NULL, -1}, &text);
	return noun_check(noun, objects + position * noun->size, path, check->problem);
}

int check_count(const struct check *check, const struct noun *noun, size_t n, size_t most)
{
	if (n <= most)
		return 0;
	return problem_set(check->problem, PROBLEM_TOO_LARGE, E2BIG, noun->plural,
			   "has %zu entries, but at most %zu are possible", n, most);
}

int check_no_memory(const struct check *check)
{
	return problem_set(check->problem, PROBLEM_SYSTEM, ENOMEM, /* field= */ NULL,
			   "out of memory");
}

const struct segment *check_segment_name(const struct check *check, struct spot spot,
					 const char *name)
{
	struct index_key key = index_key_of_text(name);
	size_t position;

	if (index_find(&check->segments, &key, &position))
		return &check->model->segments[position];
	check_refuse(check, PROBLEM_UNKNOWN, ENOENT, spot,
		     "names segment \"%s\", which does not exist; add it to segments or correct "
		     "the name",
		     name);
	return NULL;
}

int check_unicast_mac(const struct check *check, struct spot spot, const struct mac *mac)
{
	char text[MAC_TEXT_MAX];

	if (mac_is_zero(mac))
		return check_refuse(check, PROBLEM_INVALID, EINVAL, spot,
				    "is all zeros; give the MAC address of a VM");
	if (mac_is_group(mac))
		return check_refuse(check, PROBLEM_INVALID, EINVAL, spot,
				    "is %s, a group address; give the MAC address of a VM",
				    mac_format(mac, text));
	return 0;
}

static bool address_is_broadcast(const struct address *address)
{
	static const uint8_t ones[4] = {0xff, 0xff, 0xff, 0xff};

	return address_is_ipv4(address) && !memcmp(address->bytes + 12, ones, sizeof(ones));
}

int check_unicast_address(const struct check *check, struct spot spot,
			  const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];
	const char *kind = address_is_unspecified(address) ? "the unspecified" :
			   address_is_multicast(address)   ? "a multicast" :
			   address_is_loopback(address)	   ? "a loopback" :
			   address_is_broadcast(address)   ? "the broadcast" :
							     NULL;

	if (!kind)
		return 0;
	return check_refuse(check, PROBLEM_INVALID, EINVAL, spot,
			    "is %s, %s address; give the address of one host",
			    address_format(address, text), kind);
}

static void check_clear(struct check *check)
{
	index_clear(&check->segments);
	index_clear(&check->vnis);
	index_clear(&check->peers);
	index_clear(&check->others);
	index_clear(&check->ports);
}

int model_check(const struct model *model, struct problem *problem)
{
	static int (*const parts[])(struct check * check) = {
		check_underlay, check_segments, check_peers,
		check_ports,	check_fdb,	check_neighbors,
	};
	__attribute__((cleanup(check_clear))) struct check check = {
		.model = model,
		.problem = problem,
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		r = parts[i](&check);
	return r;
}
