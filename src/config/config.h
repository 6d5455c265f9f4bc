/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file: YAML to model and back.  Knows files and lines;
 * what the members mean is model/field.h's.
 */
#ifndef OVERLAID_CONFIG_CONFIG_H
#define OVERLAID_CONFIG_CONFIG_H

#include "model/model.h"

#include <stdio.h>

#define CONFIG_BYTES_MAX (16u << 20)

struct problem;

/*
 * Reads, decodes and checks (model_check) a file.  0, or -errno with
 * problem->file, line and field; *ret is untouched then.
 */
int config_load(const char *path, struct model *ret, struct problem *problem);
/* The same from memory; `name` stands for the file in problems. */
int config_parse(const char *name, const char *text, size_t length, struct model *ret,
		 struct problem *problem);
/* For a problem that was found later in the model of this file: fills file and line. */
void config_locate(const char *path, struct problem *problem);
/*
 * Writes the model so that config_load gives it back: to a new file beside
 * path, synced, then renamed over it (a full disk changes nothing).
 */
int config_save(const char *path, const struct model *model, struct problem *problem);
/* What config_save would write.  0, -ENOMEM, or -EIO when `out` failed. */
int config_print(const struct model *model, FILE *out);

#endif
