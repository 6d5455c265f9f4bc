/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does every test program of this folder include?  cmocka with the
 * headers that it forgets, the harness, and the assertions in its terms.
 */
#ifndef OVERLAID_TESTS_TEST_H
#define OVERLAID_TESTS_TEST_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assert.h"
#include "envelope.h"
#include "frame.h"
#include "harness.h"
#include "tables.h"

#endif
