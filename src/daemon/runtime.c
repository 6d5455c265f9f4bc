/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept in the runtime directory, and which state does a start begin
 * with?
 */
#include "daemon/runtime.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/problem.h"
#include "config/config.h"
#include "model/field.h"
#include "model/index.h"
#include "model/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define DESCRIPTION_MAX 256

static int set_paths(const char *directory, struct runtime *ret, struct problem *problem)
{
	int length = snprintf(ret->socket, sizeof(ret->socket), "%s/overlaid.sock", directory);

	if (length >= (int)sizeof(ret->socket))
		return problem_set(problem, PROBLEM_INVALID, ENAMETOOLONG, "runtime-dir",
				   "%s is too long for a socket's path: %d bytes are possible",
				   directory, RUNTIME_PATH_MAX - (int)sizeof("/overlaid.sock"));
	snprintf(ret->directory, sizeof(ret->directory), "%s", directory);
	snprintf(ret->bpf, sizeof(ret->bpf), "%s/bpf", directory);
	snprintf(ret->running, sizeof(ret->running), "%s/running.yaml", directory);
	snprintf(ret->declared, sizeof(ret->declared), "%s/declared.yaml", directory);
	return 0;
}

static int make_directory(const char *directory, struct problem *problem)
{
	char path[RUNTIME_PATH_MAX];

	snprintf(path, sizeof(path), "%s", directory);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0755);
		*slash = '/';
	}
	if (mkdir(path, 0755) == 0 || errno == EEXIST)
		return 0;
	return problem_set(problem, PROBLEM_SYSTEM, errno, "runtime-dir", "%s cannot be made: %s",
			   directory, strerror(errno));
}

static int refuse_second(int lock, const char *directory, struct problem *problem)
{
	char pid[16] = "";
	ssize_t length = pread(lock, pid, sizeof(pid) - 1, 0);

	if (length > 0)
		pid[strcspn(pid, "\n")] = '\0';
	return problem_set(problem, PROBLEM_CONFLICT, EBUSY, "runtime-dir",
			   "another overlaid%s%s runs on %s; give each its own --runtime-dir",
			   pid[0] ? " with pid " : "", pid, directory);
}

static int take_lock(struct runtime *runtime, struct problem *problem)
{
	_cleanup_close_ int lock = -1;
	char path[RUNTIME_PATH_MAX + 8], pid[16];
	int length = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());

	snprintf(path, sizeof(path), "%s/lock", runtime->directory);
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (lock < 0)
		return problem_set(problem, PROBLEM_SYSTEM, errno, "runtime-dir",
				   "%s cannot be opened: %s", path, strerror(errno));
	if (flock(lock, LOCK_EX | LOCK_NB) < 0)
		return refuse_second(lock, runtime->directory, problem);
	/* the pid is for people; a full disk does not matter */
	if (ftruncate(lock, 0) == 0 && pwrite(lock, pid, (size_t)length, 0) != length)
		log_debug("%s: the pid cannot be written", path);
	runtime->lock = TAKE_FD(lock);
	return 0;
}

int runtime_open(const char *directory, struct runtime *ret, struct problem *problem)
{
	struct runtime runtime = {.lock = -1};
	int error = set_paths(directory, &runtime, problem);

	if (!error)
		error = make_directory(directory, problem);
	if (!error)
		error = take_lock(&runtime, problem);
	if (error)
		return error;
	*ret = runtime;
	return 0;
}

void runtime_close(struct runtime *runtime)
{
	if (runtime->lock >= 0)
		close(TAKE_FD(runtime->lock));
}

/* False when there is none, or none that can be used. */
static bool load_kept(const char *path, struct model *ret)
{
	struct problem problem = {0};
	char text[sizeof(problem.file) + sizeof(problem.field) + sizeof(problem.message) + 32];

	if (access(path, F_OK) < 0)
		return false;
	if (config_load(path, ret, &problem) == 0)
		return true;
	problem_format(&problem, text, sizeof(text));
	log_warning("what an earlier daemon kept is of no use, the configuration file counts: %s",
		    text);
	return false;
}

static bool is_equal(const struct model *a, const struct model *b)
{
	_cleanup_plan_ struct plan plan = {0};

	return plan_make(a, b, &plan) == 0 && plan.n_operations == 0;
}

/* Do both operations concern the same object? */
static bool same_object(const struct operation *a, const struct operation *b)
{
	const struct noun *noun = plan_noun(a->object);
	struct index_key one, other;

	if (a->object != b->object)
		return false;
	one = index_key_of(noun, a->before.any ? a->before.any : a->after.any);
	other = index_key_of(noun, b->before.any ? b->before.any : b->after.any);
	return one.length == other.length && memcmp(one.bytes, other.bytes, one.length) == 0;
}

static int report_undone(const struct model *declared, const struct model *running,
			 const struct model *file)
{
	_cleanup_plan_ struct plan made = {0}, next = {0};
	int error = plan_make(declared, running, &made);

	if (!error)
		error = plan_make(running, file, &next);
	for (size_t i = 0; !error && i < made.n_operations; i++) {
		char text[DESCRIPTION_MAX];

		for (size_t k = 0; k < next.n_operations; k++) {
			if (!same_object(&made.operations[i], &next.operations[k]))
				continue;
			(void)operation_describe(&made.operations[i], text, sizeof(text));
			log_warning("the configuration file was edited: it undoes %s", text);
			break;
		}
	}
	return error;
}

int runtime_choose(const struct runtime *runtime, const struct model *file, struct model *ret,
		   bool *ret_kept)
{
	_cleanup_model_ struct model running = {0}, declared = {0};
	int error = 0;

	*ret_kept = false;
	if (!load_kept(runtime->running, &running) || !load_kept(runtime->declared, &declared))
		return model_copy(file, ret);
	if (!is_equal(file, &declared)) {
		error = report_undone(&declared, &running, file);
		return error ? error : model_copy(file, ret);
	}
	*ret_kept = true;
	*ret = running;
	memset(&running, 0, sizeof(running));
	return 0;
}

/* What the file says already is not written again: a full disk must not matter then. */
static int keep(const char *path, const struct model *model, struct problem *problem)
{
	_cleanup_model_ struct model kept = {0};

	if (load_kept(path, &kept) && is_equal(&kept, model))
		return 0;
	return config_save(path, model, problem);
}

int runtime_keep_running(const struct runtime *runtime, const struct model *running,
			 struct problem *problem)
{
	return keep(runtime->running, running, problem);
}

int runtime_keep_declared(const struct runtime *runtime, const struct model *declared,
			  struct problem *problem)
{
	return keep(runtime->declared, declared, problem);
}
