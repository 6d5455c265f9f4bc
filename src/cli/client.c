/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does a request reach the daemon?  HTTP over its Unix socket, by libcurl.
 * Called by run.c; knows nothing of commands.
 */
#include "cli/client.h"

#include "base/cleanup.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct client {
	CURL *curl;
	const struct place *place;
	char reason[CURL_ERROR_SIZE];
};

struct client *client_open(const struct place *place)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->place = place;
	client->curl = curl_easy_init();
	if (client->curl)
		return client;
	free(client);
	return NULL;
}

void client_close(struct client *client)
{
	if (!client)
		return;
	curl_easy_cleanup(client->curl);
	free(client);
}

struct receiver {
	const struct call *call;
	CURL *curl;
	long status; /* 0: no answer has begun */
};

static size_t receive(char *bytes, size_t size, size_t count, void *arg)
{
	struct receiver *receiver = arg;

	curl_easy_getinfo(receiver->curl, CURLINFO_RESPONSE_CODE, &receiver->status);
	return receiver->call->receive(receiver->call->arg, receiver->status, bytes, size * count) ?
		       size * count :
		       0;
}

static int no_daemon(const struct client *client, char *message, size_t size)
{
	snprintf(message, size,
		 "no daemon answers at %s; start it with `systemctl start overlaid`, or name its "
		 "socket with --socket or OVERLAID_SOCKET",
		 client->place->name);
	return -ECONNREFUSED;
}

static int no_connection(const struct client *client, char *message, size_t size)
{
	long error = 0;

	curl_easy_getinfo(client->curl, CURLINFO_OS_ERRNO, &error);
	if (error == ENOENT || error == ECONNREFUSED)
		return no_daemon(client, message, size);
	if (error == EACCES)
		snprintf(message, size,
			 "%s: permission denied; become root or a member of group overlaid",
			 client->place->name);
	else
		snprintf(message, size, "%s: %s", client->place->name,
			 error ? strerror((int)error) : client->reason);
	return error ? -(int)error : -ECONNREFUSED;
}

static void set_request(struct client *client, const struct call *call, const char *url,
			struct curl_slist *headers, struct receiver *receiver)
{
	CURL *curl = client->curl;

	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->reason);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->place->socket);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	if (call->body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->length);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body);
	} else if (!strcmp(call->method, "POST")) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "");
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, receiver);
}

int client_call(struct client *client, const struct call *call, char *message, size_t size)
{
	struct receiver receiver = {.call = call, .curl = client->curl};
	struct curl_slist *headers = NULL;
	_cleanup_free_ char *url = NULL;
	char type[128];
	CURLcode code;

	if (asprintf(&url, "http://overlaid%s", call->target) < 0) {
		snprintf(message, size, "out of memory");
		return -ENOMEM;
	}
	snprintf(type, sizeof(type), "Content-Type: %s",
		 call->content_type ? call->content_type : "application/json");
	headers = curl_slist_append(headers, type);
	client->reason[0] = '\0';
	set_request(client, call, url, headers, &receiver);
	code = curl_easy_perform(client->curl);
	curl_slist_free_all(headers);
	if (code == CURLE_OK || code == CURLE_WRITE_ERROR)
		return 0;
	if (code == CURLE_COULDNT_CONNECT)
		return no_connection(client, message, size);
	if (client->place->is_remote && !receiver.status)
		return no_daemon(client, message, size);
	snprintf(message, size, "%s: the answer broke off: %s", client->place->name,
		 client->reason[0] ? client->reason : curl_easy_strerror(code));
	return -EIO;
}

char *client_escape(const char *text)
{
	char *escaped = curl_easy_escape(/* handle= */ NULL, text, 0), *copy;

	copy = escaped ? strdup(escaped) : NULL;
	curl_free(escaped);
	return copy;
}
