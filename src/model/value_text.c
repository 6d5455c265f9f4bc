/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members that are a word: names of segments and devices, IP and MAC
 * addresses.
 */
#include "model/value.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>

static json_t *text_to_json(const struct field *field, const void *object)
{
	return json_string(value_slot(field, object));
}

static bool text_equal(const struct field *field, const void *a, const void *b)
{
	return !strcmp(value_slot(field, a), value_slot(field, b));
}

static bool text_is_absent(const struct field *field, const void *object)
{
	return !*(const char *)value_slot(field, object);
}

/* The C library's isalnum depends on the locale. */
static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static int name_check(const struct field *field, const void *object, const struct place *place)
{
	const char *name = value_slot(field, object);

	if (!name[0])
		return value_refuse(place, "is empty; give a name");
	if (!is_letter_or_digit(name[0]))
		return value_refuse(place, "is \"%s\"; a name starts with a letter or a digit",
				    name);
	for (const char *at = name; *at; at++) {
		if (!is_letter_or_digit(*at) && !strchr("._-", *at))
			return value_refuse(place,
					    "is \"%s\"; a name has only letters, digits, '.', '_' "
					    "and '-'",
					    name);
	}
	if (!strcmp(name, "all"))
		return value_refuse(place, "is \"all\", which stands for every segment; choose "
					   "another name");
	return 0;
}

static int name_from_json(const struct field *field, const json_t *json, const struct place *place,
			  void *object)
{
	const char *text = value_string(json, place);

	if (!text)
		return -EINVAL;
	if (text_copy(value_slot(field, object), MODEL_NAME_MAX, text) < 0)
		return value_refuse(place, "is longer than %d characters", MODEL_NAME_MAX - 1);
	return name_check(field, object, place);
}

const struct value_kind value_name = {
	.from_json = name_from_json,
	.to_json = text_to_json,
	.equal = text_equal,
	.check = name_check,
	.is_absent = text_is_absent,
};

/* What the kernel's dev_valid_name takes, and nothing that could upset a terminal. */
static int device_check(const struct field *field, const void *object, const struct place *place)
{
	const char *device = value_slot(field, object);

	if (!device[0])
		return value_refuse(place, "is empty; give the name of a network device");
	if (!strcmp(device, ".") || !strcmp(device, ".."))
		return value_refuse(place, "is \"%s\", which is no name of a network device",
				    device);
	for (const char *at = device; *at; at++) {
		if (*at <= ' ' || *at == 0x7f || (signed char)*at < 0)
			return value_refuse(place,
					    "has a space or an unprintable character; network "
					    "devices do not");
		if (*at == '/' || *at == ':')
			return value_refuse(place,
					    "is \"%s\"; the name of a network device has no '%c'",
					    device, *at);
	}
	return 0;
}

static int device_from_json(const struct field *field, const json_t *json,
			    const struct place *place, void *object)
{
	const char *text = value_string(json, place);

	if (!text)
		return -EINVAL;
	if (text_copy(value_slot(field, object), MODEL_DEVICE_MAX, text) < 0)
		return value_refuse(place,
				    "is longer than the %d characters that the name of a network "
				    "device may have",
				    MODEL_DEVICE_MAX - 1);
	return device_check(field, object, place);
}

const struct value_kind value_device = {
	.from_json = device_from_json,
	.to_json = text_to_json,
	.equal = text_equal,
	.check = device_check,
	.is_absent = text_is_absent,
};

static int address_from_json(const struct field *field, const json_t *json,
			     const struct place *place, void *object)
{
	const char *text = value_string(json, place);

	if (!text)
		return -EINVAL;
	if (address_parse(text, value_slot(field, object)) < 0)
		return value_refuse(place,
				    "is \"%.60s\", but must be an IP address as in 192.0.2.1 or "
				    "2001:db8::1",
				    text);
	return 0;
}

static json_t *address_to_json(const struct field *field, const void *object)
{
	char text[ADDRESS_TEXT_MAX];

	return json_string(address_format(value_slot(field, object), text));
}

static bool address_is_same(const struct field *field, const void *a, const void *b)
{
	return address_equal(value_slot(field, a), value_slot(field, b));
}

static bool address_is_absent(const struct field *field, const void *object)
{
	return address_is_unspecified(value_slot(field, object));
}

const struct value_kind value_address = {
	.from_json = address_from_json,
	.to_json = address_to_json,
	.equal = address_is_same,
	.is_absent = address_is_absent,
};

static int mac_from_json(const struct field *field, const json_t *json, const struct place *place,
			 void *object)
{
	const char *text = value_string(json, place);

	if (!text)
		return -EINVAL;
	if (mac_parse(text, value_slot(field, object)) < 0)
		return value_refuse(place,
				    "is \"%.40s\", but must be a MAC address as in "
				    "52:54:00:00:00:01",
				    text);
	return 0;
}

static json_t *mac_to_json(const struct field *field, const void *object)
{
	char text[MAC_TEXT_MAX];

	return json_string(mac_format(value_slot(field, object), text));
}

static bool mac_is_same(const struct field *field, const void *a, const void *b)
{
	return mac_equal(value_slot(field, a), value_slot(field, b));
}

const struct value_kind value_mac = {
	.from_json = mac_from_json,
	.to_json = mac_to_json,
	.equal = mac_is_same,
};
