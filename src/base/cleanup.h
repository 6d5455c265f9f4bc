/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a function free what it took on every way out?  Variables marked
 * _cleanup_(f) call f when they go out of scope; TAKE_PTR and TAKE_FD hand
 * ownership over.  A descriptor that is not open is -1.
 */
#ifndef OVERLAID_BASE_CLEANUP_H
#define OVERLAID_BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f)	 __attribute__((cleanup(f)))
#define _cleanup_free_	 _cleanup_(cleanup_free)
#define _cleanup_close_	 _cleanup_(cleanup_close)
#define _cleanup_fclose_ _cleanup_(cleanup_fclose)

#define TAKE_PTR(pointer)                                                                          \
	({                                                                                         \
		__typeof__(pointer) *_from = &(pointer);                                           \
		__typeof__(pointer) _taken = *_from;                                               \
		*_from = NULL;                                                                     \
		_taken;                                                                            \
	})

#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int *_from = &(fd);                                                                \
		int _taken = *_from;                                                               \
		*_from = -1;                                                                       \
		_taken;                                                                            \
	})

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

#endif
