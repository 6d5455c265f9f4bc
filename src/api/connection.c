/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a request get from libmicrohttpd to route.c, and its reply back?
 * Called by libmicrohttpd, which api.c runs: once when the headers are read,
 * once for each piece of the body, once when all is there.  Nothing is judged
 * here; how large a body may be is body.c's.
 */
#include "api/connection.h"

#include "api/body.h"
#include "api/route.h"
#include "base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define BLOCK_BYTES 32768u /* of a stream, read at a time */

struct connection {
	struct service *service;
	struct MHD_Connection *mhd;
	struct request request;
	struct body body;
	bool bad_arguments;
	struct stream *stream; /* of the reply */
	bool suspended;
};

static enum MHD_Result keep_argument(void *cls, enum MHD_ValueKind kind, const char *name,
				     size_t name_size, const char *value, size_t value_size)
{
	struct connection *connection = cls;
	struct request *request = &connection->request;

	/* a zero byte in a name would hide what follows it */
	if (request->n_arguments == REQUEST_ARGUMENTS_MAX || strlen(name) != name_size ||
	    (value && strlen(value) != value_size)) {
		connection->bad_arguments = true;
		return MHD_NO;
	}
	request->arguments[request->n_arguments++] =
		(struct argument){.name = name, .value = value ? value : ""};
	return MHD_YES;
}

static struct connection *connection_new(struct service *service, struct MHD_Connection *mhd,
					 const char *url, const char *method)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection)
		return NULL;
	connection->service = service;
	connection->mhd = mhd;
	connection->request.service = service;
	connection->request.method = method;
	connection->request.path = url;
	MHD_get_connection_values_n(mhd, MHD_GET_ARGUMENT_KIND, keep_argument, connection);
	return connection;
}

void connection_completed(void *cls, struct MHD_Connection *mhd, void **state,
			  enum MHD_RequestTerminationCode code)
{
	struct connection *connection = *state;

	if (!connection)
		return;
	if (connection->stream)
		connection->stream->close(connection->stream);
	body_clear(&connection->body, &connection->service->budget);
	free(connection);
	*state = NULL;
}

static ssize_t read_stream(void *cls, uint64_t position, char *buffer, size_t size)
{
	struct connection *connection = cls;
	ssize_t n = connection->stream->read(connection->stream, buffer, size);

	if (n > 0)
		return n;
	if (!n)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n != -EAGAIN)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	MHD_suspend_connection(connection->mhd);
	connection->suspended = true;
	return 0;
}

static void wake(struct stream *stream)
{
	struct connection *connection = stream->server;

	if (!connection->suspended)
		return;
	connection->suspended = false;
	MHD_resume_connection(connection->mhd);
	/* with an event loop that is not its own, libmicrohttpd has no way to say so */
	connection->service->run_soon(connection->service);
}

/* The kernel tells libmicrohttpd at once that the other side is gone. */
static void drop(struct stream *stream)
{
	struct connection *connection = stream->server;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection->mhd, MHD_CONNECTION_INFO_CONNECTION_FD);

	if (info)
		shutdown(info->connect_fd, SHUT_RDWR);
	wake(stream);
}

static struct MHD_Response *stream_response(struct connection *connection, struct stream *stream)
{
	connection->stream = stream;
	stream->wake = wake;
	stream->drop = drop;
	stream->server = connection;
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream,
						 connection, /* crfc= */ NULL);
}

static struct MHD_Response *json_response(const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	size_t length;

	if (!text)
		return NULL;
	length = strlen(text);
	text[length] = '\n'; /* in place of the final NUL */
	return MHD_create_response_from_buffer(length + 1, text, MHD_RESPMEM_MUST_FREE);
}

/* Takes over *reply.  `early`: the body has not been read, so the connection must end. */
static enum MHD_Result send_reply(struct connection *connection, struct reply *reply, bool early)
{
	struct stream *stream = TAKE_PTR(reply->stream);
	struct MHD_Response *response;
	enum MHD_Result result;

	if (stream)
		response = stream_response(connection, stream);
	else if (reply->json)
		response = json_response(reply->json);
	else
		response = MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
	if (response && (stream || reply->json))
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
	if (response && reply->allow[0])
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, reply->allow);
	if (response && early)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	result = response ? MHD_queue_response(connection->mhd, (unsigned int)reply->status,
					       response) :
			    MHD_NO;
	if (response)
		MHD_destroy_response(response);
	reply_clear(reply);
	return result;
}

static bool announces_too_much(struct MHD_Connection *mhd)
{
	const char *length =
		MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return length && strtoull(length, /* endptr= */ NULL, 10) > REQUEST_BODY_MAX;
}

/* The headers are read: what they alone decide is answered without waiting for the body. */
static enum MHD_Result begin(struct connection *connection)
{
	struct problem problem = {};
	struct reply reply = {};

	if (connection->bad_arguments) {
		problem_set(&problem, PROBLEM_INVALID, EINVAL, /* field= */ NULL,
			    "too many arguments behind the `?`, or a zero byte in one");
		reply_problem(&reply, &problem);
	} else if (announces_too_much(connection->mhd)) {
		body_refuse(PROBLEM_TOO_LARGE, &reply);
	} else if (route_find(&connection->request, &reply)) {
		return MHD_YES;
	}
	return send_reply(connection, &reply, /* early= */ true);
}

static enum MHD_Result finish(struct connection *connection)
{
	struct reply reply = {};

	connection->request.body = connection->body.bytes;
	connection->request.length = connection->body.length;
	if (connection->body.refused != PROBLEM_NONE)
		body_refuse(connection->body.refused, &reply);
	else
		route_run(&connection->request, &reply);
	return send_reply(connection, &reply, /* early= */ false);
}

enum MHD_Result connection_handle(void *cls, struct MHD_Connection *mhd, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **state)
{
	struct connection *connection = *state;

	if (!connection) {
		*state = connection = connection_new(cls, mhd, url, method);
		return connection ? begin(connection) : MHD_NO;
	}
	if (*upload_size) {
		body_append(&connection->body, &connection->service->budget, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	return finish(connection);
}
