/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How are the values that several nouns share written in JSON?
 */
#ifndef OVERLAID_API_VIEW_H
#define OVERLAID_API_VIEW_H

#include "model/switch.h"

#include <jansson.h>

/* New references; NULL: no memory, which json_pack's "o" and the setters pass on. */
json_t *view_address(const struct address *address); /* null when unspecified */
json_t *view_mac(const struct mac *mac);
const char *view_encap_name(unsigned int kind); /* "none" for what is no kind */
json_t *view_encaps(uint32_t bits);		/* their names, bits 1 << kind */
json_t *view_traffic(const struct table_traffic *traffic);
json_t *view_finding(const struct finding *finding);
/* reason, sentence, and what is known of where; without numbers. */
json_t *view_drop(const struct drop_view *drop);
/* Sets "port" or "peer" in object, or nothing when there is no path. */
void view_set_path(json_t *object, const struct path_view *path);

/* {"findings": [...], "errors": n, "warnings": n}; NULL: no memory. */
json_t *view_findings(const struct switch_ops *ops, void *self);

#endif
