/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a request get from libmicrohttpd to route.c, and its reply back?
 */
#ifndef OVERLAID_API_CONNECTION_H
#define OVERLAID_API_CONNECTION_H

#include "api/request.h"

#include <microhttpd.h>

/* libmicrohttpd's callbacks; cls is a struct service. */
enum MHD_Result connection_handle(void *cls, struct MHD_Connection *mhd, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **state);
void connection_completed(void *cls, struct MHD_Connection *mhd, void **state,
			  enum MHD_RequestTerminationCode code);

#endif
