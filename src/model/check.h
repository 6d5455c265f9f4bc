/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a desired state sound in itself?  Everything that can be refused without
 * asking the kernel: ranges, duplicates, references, what this version cannot
 * do.  Called on every model before anything is changed.
 */
#ifndef OVERLAID_MODEL_CHECK_H
#define OVERLAID_MODEL_CHECK_H

#include "model/model.h"

struct problem;

/* 0, or -errno with problem->field as a path into the model: "segments[2].vni". */
int model_check(const struct model *model, struct problem *problem);

#endif
