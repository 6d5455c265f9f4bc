/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does bash need to complete overlayctl's words?  packaging/completion is
 * what this writes: the table of commands as bash arrays, and one function.
 */
#include "cli/command.h"
#include "cli/document.h"

#include <string.h>

static const char head[] =
	"# SPDX-License-Identifier: GPL-2.0-or-later\n"
	"# bash completion for overlayctl(8).  Made by `overlayctl --generate-completion` from the\n"
	"# table of commands; change that.\n\n";

/*
 * Names are asked of the daemon: "@segment" in a table stands for all segments'.
 * The words before the last are taken as they are, not as abbreviations.
 */
static const char function[] =
	"_overlayctl_words()\n"
	"{\n"
	"\tlocal word\n"
	"\tfor word in $1; do\n"
	"\t\tcase $word in\n"
	"\t\t@*) overlayctl \"${asked[@]}\" --names \"${word#@}\" 2>/dev/null ;;\n"
	"\t\t*) printf '%s\\n' \"$word\" ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"}\n\n"
	"_overlayctl()\n"
	"{\n"
	"\tlocal line=${COMP_LINE:0:COMP_POINT} words cur='' prev i command candidates=\n"
	"\tlocal plain=() asked=()\n"
	"\t# by spaces: COMP_WORDS is cut at the colons of MAC and IPv6 addresses too\n"
	"\tread -ra words <<<\"$line\"\n"
	"\tif [[ $line != *[[:space:]] ]]; then\n"
	"\t\tcur=${words[-1]}\n"
	"\t\tunset 'words[-1]'\n"
	"\tfi\n"
	"\tprev=${words[-1]}\n"
	"\tfor ((i = 1; i < ${#words[@]}; i++)); do\n"
	"\t\tcase ${words[i]} in\n"
	"\t\t-s | --socket | -H | --host) asked+=(\"${words[i]}\" \"${words[++i]}\") ;;\n"
	"\t\t-*) ;;\n"
	"\t\t*) plain+=(\"${words[i]}\") ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tcase $prev in\n"
	"\t-s | --socket) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
	"\t-H | --host) COMPREPLY=($(compgen -W ssh:// -- \"$cur\")); return ;;\n"
	"\tesac\n"
	"\tif [[ $cur == -* ]]; then\n"
	"\t\tcandidates='--socket --host --json --dry-run --version --help'\n"
	"\telif ((${#plain[@]} == 0)); then\n"
	"\t\tcandidates=${!_overlayctl_verbs[*]}\n"
	"\telse\n"
	"\t\tcommand=${plain[0]}\n"
	"\t\tplain=(\"${plain[@]:1}\")\n"
	"\t\tif ((${#plain[@]} == 0)); then\n"
	"\t\t\tcandidates=${_overlayctl_verbs[$command]}\n"
	"\t\telif [[ \" ${_overlayctl_verbs[$command]} \" == *\" ${plain[0]} \"* ]]; then\n"
	"\t\t\tcommand+=\" ${plain[0]}\"\n"
	"\t\t\tplain=(\"${plain[@]:1}\")\n"
	"\t\tfi\n"
	"\t\tif [[ ${_overlayctl_names[$command]+set} && ${#plain[@]} -eq 0 ]]; then\n"
	"\t\t\tcandidates+=\" ${_overlayctl_names[$command]}\"\n"
	"\t\telse\n"
	"\t\t\t[[ ${_overlayctl_names[$command]+set} ]] && plain=(\"${plain[@]:1}\")\n"
	"\t\t\tif ((${#plain[@]} % 2)); then\n"
	"\t\t\t\tcandidates=${_overlayctl_values[\"$command $prev\"]}\n"
	"\t\t\telse\n"
	"\t\t\t\tcandidates+=\" ${_overlayctl_keys[$command]}\"\n"
	"\t\t\tfi\n"
	"\t\tfi\n"
	"\tfi\n"
	"\tif [[ $candidates == *FILE* ]]; then\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	"\telse\n"
	"\t\tCOMPREPLY=($(compgen -W \"$(_overlayctl_words \"$candidates\")\" -- \"$cur\"))\n"
	"\tfi\n"
	"\t# bash replaces only what stands behind the last colon\n"
	"\t[[ $COMP_WORDBREAKS == *:* ]] && COMPREPLY=(\"${COMPREPLY[@]#\"${cur%\"${cur##*:}\"}\"}\")\n"
	"}\n\n"
	"complete -F _overlayctl overlayctl\n";

static void begin(FILE *file, const char *array)
{
	fprintf(file, "declare -gA _overlayctl_%s=(\n", array);
}

static void end(FILE *file)
{
	fprintf(file, ")\n\n");
}

static void write_key(FILE *file, const struct command *command, const char *further)
{
	fprintf(file, "\t['%s%s%s%s%s']='", command->object, *command->verb ? " " : "",
		command->verb, further ? " " : "", further ? further : "");
}

static void write_verbs(FILE *file)
{
	const char *object = "";

	begin(file, "verbs");
	for (const struct command *command = commands; command->object; command++) {
		bool first = strcmp(object, command->object) != 0;

		if (first)
			fprintf(file, "%s\t[%s]='%s", *object ? "'\n" : "", command->object,
				command->verb);
		else
			fprintf(file, " %s", command->verb);
		object = command->object;
	}
	fprintf(file, "'\n");
	end(file);
}

/* What the name may be: a file, an object that exists, or anything new. */
static void write_names(FILE *file)
{
	begin(file, "names");
	for (const struct command *command = commands; command->object; command++) {
		if (!command->name)
			continue;
		write_key(file, command, /* further= */ NULL);
		if (command->reads_file)
			fprintf(file, "FILE'\n");
		else if (command->path && strstr(command->path, "%s"))
			fprintf(file, "@%s'\n", command->object);
		else
			fprintf(file, "'\n");
	}
	end(file);
}

static void write_keys(FILE *file)
{
	begin(file, "keys");
	for (const struct command *command = commands; command->object; command++) {
		if (!command->keys)
			continue;
		write_key(file, command, /* further= */ NULL);
		for (const struct key *key = command->keys; key->name; key++)
			fprintf(file, "%s%s", key == command->keys ? "" : " ", key->name);
		fprintf(file, "'\n");
	}
	end(file);
}

/* "flood|drop" as two words, SEGMENT as the segments' names; nothing for what is free. */
static void write_value(FILE *file, const struct command *command, const struct key *key)
{
	static const char *const objects[][2] = {
		{"SEGMENT", "@segment"}, {"PORT", "@port"}, {"PEER", "@peer"}};
	const char *names = NULL;

	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		if (!strncmp(key->value, objects[i][0], strlen(objects[i][0])))
			names = objects[i][1];
	if (!names && !strchr(key->value, '|'))
		return;
	write_key(file, command, key->name);
	for (const char *at = key->value; !names && *at; at++)
		fputc(*at == '|' ? ' ' : *at, file);
	fprintf(file, "%s'\n", names ? names : "");
}

static void write_values(FILE *file)
{
	begin(file, "values");
	for (const struct command *command = commands; command->object; command++)
		for (const struct key *key = command->keys; key && key->name; key++)
			write_value(file, command, key);
	end(file);
}

void document_completion(FILE *file)
{
	fputs(head, file);
	write_verbs(file);
	write_names(file);
	write_keys(file);
	write_values(file);
	fputs(function, file);
}
