/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does a fuzz target look like?  One function, called by libFuzzer
 * (make fuzz) or by replay.c (make test).  It returns 0 and leaks nothing.
 */
#ifndef OVERLAID_TESTS_FUZZ_H
#define OVERLAID_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
