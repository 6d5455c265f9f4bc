/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a fuzz target survive everything that is in its corpus?  A main() for
 * targets that are built without libFuzzer, so that `make test` replays what
 * `make fuzz` once found.  Arguments are files or folders of files; it refuses
 * to pass when it was given nothing to feed.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define INPUT_MAX (16u << 20)

/* Returns 1 when the file was fed, or -errno. */
static int replay_file(const char *path)
{
	struct stat status;
	FILE *file = fopen(path, "re");
	uint8_t *data;
	size_t size;

	if (!file)
		return -errno;
	if (fstat(fileno(file), &status) < 0 || status.st_size > INPUT_MAX) {
		fclose(file);
		return -EFBIG;
	}
	/* exactly as long as the input: a sanitizer sees every read beyond it */
	data = malloc(status.st_size ? (size_t)status.st_size : 1);
	if (!data) {
		fclose(file);
		return -ENOMEM;
	}
	size = fread(data, 1, (size_t)status.st_size, file);
	fclose(file);
	/* before the target runs, so that the culprit of a crash is named */
	fprintf(stderr, "%s: %zu bytes\n", path, size);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

static int by_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Returns how many files were fed, or -errno. */
static int replay_directory(const char *path)
{
	struct dirent **entries;
	int n_fed = 0, n_entries = scandir(path, &entries, by_name, alphasort);

	if (n_entries < 0)
		return -errno;
	for (int i = 0; i < n_entries; i++) {
		char file[4096];
		int r;

		snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		free(entries[i]);
		r = n_fed < 0 ? n_fed : replay_file(file);
		n_fed = r < 0 ? r : n_fed + r;
	}
	free(entries);
	return n_fed;
}

int main(int argc, char **argv)
{
	int n_fed = 0;

	for (int i = 1; i < argc; i++) {
		struct stat status;
		int r = stat(argv[i], &status) < 0 ? -errno :
			S_ISDIR(status.st_mode)	   ? replay_directory(argv[i]) :
						     replay_file(argv[i]);

		if (r < 0) {
			fprintf(stderr, "%s: %s\n", argv[i], strerror(-r));
			return EXIT_FAILURE;
		}
		n_fed += r;
	}
	printf("%d inputs replayed\n", n_fed);
	return n_fed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
