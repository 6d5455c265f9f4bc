/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can become of a frame, as one assertion each.  See assert.h.
 */
#include "test.h"

static const struct {
	enum drop_reason reason;
	const char *name;
} drop_names[] = {
#define X(symbol, number, name, sentence) {DROP_##symbol, name},
	DROP_REASONS(X)
#undef X
};

#define N_DROP_NAMES (sizeof(drop_names) / sizeof(drop_names[0]))

const char *drop_name(uint32_t reason)
{
	for (size_t i = 0; i < N_DROP_NAMES; i++)
		if (drop_names[i].reason == reason)
			return drop_names[i].name;
	return "none";
}

enum drop_reason drop_by_name(const char *name)
{
	for (size_t i = 0; i < N_DROP_NAMES; i++)
		if (!strcmp(drop_names[i].name, name))
			return drop_names[i].reason;
	return DROP_NONE;
}

static void explain(const struct outcome *outcome)
{
	print_error("verdict %d, %zu events\n", outcome->verdict, outcome->n_events);
	for (uint32_t reason = 0; reason < DROP_REASON_END; reason++)
		if (outcome->drops[reason])
			print_error("dropped %llu: %s\n",
				    (unsigned long long)outcome->drops[reason], drop_name(reason));
	if (outcome->out)
		frame_print("frame afterwards", outcome->out);
}

static bool counted_nothing(const struct outcome *outcome)
{
	static const struct outcome nothing;

	return outcome->n_dropped == 0 && outcome->n_events == 0 &&
	       !memcmp(outcome->ports, nothing.ports, sizeof(nothing.ports)) &&
	       !memcmp(outcome->segments, nothing.segments, sizeof(nothing.segments)) &&
	       !memcmp(outcome->peers, nothing.peers, sizeof(nothing.peers));
}

void outcome_assert_host(const struct outcome *outcome, const struct frame *frame, const char *file,
			 int line)
{
	if (outcome->verdict != TC_ACT_UNSPEC || !counted_nothing(outcome)) {
		explain(outcome);
		_fail(file, line);
	}
	frame_assert(outcome->out, frame, file, line);
}

void outcome_assert_dropped(const struct outcome *outcome, enum drop_reason reason, int verdict,
			    const char *file, int line)
{
	if ((verdict == VERDICT_UNKNOWN || outcome->verdict == verdict) &&
	    outcome->n_dropped == 1 && outcome->drops[reason] == 1)
		return;
	print_error("expected one drop: %s\n", drop_name(reason));
	explain(outcome);
	_fail(file, line);
}

void outcome_assert_sent(const struct outcome *outcome, int verdict, const char *file, int line)
{
	if ((verdict == VERDICT_UNKNOWN || outcome->verdict == verdict) && !outcome->n_dropped)
		return;
	explain(outcome);
	_fail(file, line);
}

void device_assert_silent(const struct device *device, const char *file, int line)
{
	const struct frame *frame = device_receive(device);

	if (!frame)
		return;
	print_error("%s was to be silent\n", device->name);
	frame_print("it sent", frame);
	_fail(file, line);
}
