/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must be done to get from one state to another?  An ordered list of
 * operations.  Start-up (from the empty model), `apply`, SIGHUP and single
 * changes all come through here.
 *
 * An operation holds the object before and after: create has no before,
 * delete no after.  Undoing it is doing it with the two exchanged.
 */
#ifndef OVERLAID_MODEL_PLAN_H
#define OVERLAID_MODEL_PLAN_H

#include "model/field.h"

/*
 * In the order in which creations and changes run; deletions run first, in the
 * opposite order.  A rename of a key (name, VNI, address, device) is a
 * deletion and a creation.  So is what happens to a port, an FDB or a neighbor
 * record when the segment, port or peer that it refers to is deleted, also if
 * one of the same name is created: at no point of the list does anything of
 * these refer to what is not there.  A peer stays: its membership is derived.
 *
 * There is always one `limits`: it is never created or deleted.  An underlay
 * without a device is none.
 */
#define PLAN_OBJECTS(X)                                                                            \
	X(LIMITS, limits)                                                                          \
	X(UNDERLAY, underlay)                                                                      \
	X(SEGMENT, segment)                                                                        \
	X(PEER, peer)                                                                              \
	X(PORT, port)                                                                              \
	X(FDB, fdb_record)                                                                         \
	X(NEIGHBOR, neighbor_record)

enum plan_object {
#define X(symbol, type) PLAN_##symbol,
	PLAN_OBJECTS(X)
#undef X
	/* clang-format off */
	N_PLAN_OBJECTS
	/* clang-format on */
};

union plan_value {
	const void *any;
#define X(symbol, type) const struct type *type;
	PLAN_OBJECTS(X)
#undef X
};

struct operation {
	enum plan_object object;
	union plan_value before; /* NULL: create.  Points into the model `from` */
	union plan_value after;	 /* NULL: delete.  Points into the model `to` */
};

struct plan {
	struct operation *operations;
	size_t n_operations;
};

/*
 * Fills *ret with what leads from `from` to `to`; objects that are equal do
 * not appear.  Both models must live as long as the plan.  0 or -ENOMEM.
 * A peer that is in all segments appears when the set of segments changes only
 * through the SEGMENT operations: the kernel layer derives membership.
 */
int plan_make(const struct model *from, const struct model *to, struct plan *ret);
void plan_clear(struct plan *plan);

/* Whose tables describe the objects of this kind. */
const struct noun *plan_noun(enum plan_object object);

/*
 * One line for people: "segment blue: aging 300s -> 600s", "+ port tap0
 * segment=blue", "- port tap0".  0, or -ENOMEM; cut at size, always terminated.
 */
int operation_describe(const struct operation *operation, char *buffer, size_t size);

#define _cleanup_plan_ __attribute__((cleanup(plan_clear)))

#endif
