/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is not as good as it could be?  The list of all that is looked at.
 */
#include "control/finding.h"

#include "control/state.h"
#include "kernel/fdb.h"

#include <stdarg.h>

#define FDB_NEARLY_FULL_PERCENT 90u

void finding_report(struct finding_sink *sink, int level, const char *field, const char *format,
		    ...)
{
	struct finding finding = {.level = level};
	va_list arguments;

	if (sink->result)
		return;
	snprintf(finding.field, sizeof(finding.field), "%s", field);
	va_start(arguments, format);
	vsnprintf(finding.message, sizeof(finding.message), format, arguments);
	va_end(arguments);
	sink->result = sink->visit(sink->arg, &finding);
}

static void finding_fdb(const struct control *control, struct finding_sink *sink)
{
	const struct datapath *dp = control->host->datapath;
	uint64_t n = fdb_count_learned(dp) + control->running.n_fdb,
		 left = datapath_fdb_left_behind(dp);
	uint32_t capacity = fdb_capacity(dp);

	if (n * 100 >= (uint64_t)capacity * FDB_NEARLY_FULL_PERCENT)
		finding_report(
			sink, FINDING_WARNING, "limits.fdb-entries",
			"more than %u%% of the FDB's %u entries are in use; when it is full, "
			"frames to MACs beyond it are flooded; a larger number ends that",
			FDB_NEARLY_FULL_PERCENT, capacity);
	if (left)
		finding_report(sink, FINDING_WARNING, "limits.fdb-entries",
			       "%llu learned entries did not fit when the FDB was made smaller",
			       (unsigned long long)left);
}

int control_findings(void *self, finding_visit visit, void *arg)
{
	const struct control *control = self;
	struct finding_sink sink = {.visit = visit, .arg = arg};

	finding_devices(control->host, &sink);
	finding_anchor(control->host, &sink);
	finding_ports(control->host, &control->running, &sink);
	finding_peers(control->host, &control->running, &sink);
	finding_mtus(control->host, &control->running, &sink);
	finding_fdb(control, &sink);
	return sink.result;
}
