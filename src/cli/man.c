/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does overlayctl(8) say?  docs/man/overlayctl.8 is what this writes; a
 * test holds it to be current.
 */
#include "cli/command.h"
#include "cli/document.h"

#include <string.h>

#define USAGE_MAX 512

/* What roff would read as its own: hyphens, backslashes, and a dot that begins a line. */
static void write_text(FILE *file, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", file);
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", file);
		else if (*text == '-')
			fputs("\\-", file);
		else
			fputc(*text, file);
	}
}

static const char head[] =
	".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n"
	".\\\" Made by `overlayctl --generate-man` from the table of commands; change that.\n"
	".TH OVERLAYCTL 8 2026-11-23 overlaid \"System administration\"\n"
	".SH NAME\n"
	"overlayctl \\- ask and change the overlay switch overlaid\n"
	".SH SYNOPSIS\n"
	".B overlayctl\n"
	"[\\fB\\-\\-socket\\fR \\fIPATH\\fR | \\fB\\-\\-host\\fR \\fIssh://HOST\\fR]\n"
	"[\\fB\\-\\-json\\fR]\n"
	"\\fIOBJECT\\fR [\\fIVERB\\fR] [\\fINAME\\fR] [\\fIKEY VALUE\\fR ...]\n"
	".SH DESCRIPTION\n"
	"overlayctl speaks to the daemon\n"
	".BR overlaid (8)\n"
	"through its socket. Changes are live at once and outlive the daemon, not the machine:\n"
	".B overlayctl save\n"
	"writes them to the configuration file.\n"
	".PP\n"
	"Objects, verbs and keys may be shortened as long as only one fits:\n"
	".B overlayctl seg sh blue\n"
	"is\n"
	".BR \"overlayctl segment show blue\" .\n"
	"An object without a verb means the first verb that is listed for it here.\n"
	"Values are those of\n"
	".BR overlaid.yaml (5);\n"
	"lists are written with commas, and none or an empty word is the empty list.\n"
	".SH OPTIONS\n"
	".TP\n"
	".BR \\-s \", \" \\-\\-socket \" \\fIPATH\\fR\"\n"
	"The daemon's socket. Default: the environment's OVERLAID_SOCKET, or\n"
	"/run/overlaid/overlaid.sock.\n"
	".TP\n"
	".BR \\-H \", \" \\-\\-host \" \\fIssh://[USER@]HOST[:PORT]\\fR\"\n"
	"Ask the daemon of another hypervisor:\n"
	".BR ssh (1)\n"
	"forwards its socket. With\n"
	".BR \\-\\-socket ,\n"
	"that is the socket's path over there.\n"
	".TP\n"
	".BR \\-j \", \" \\-\\-json\n"
	"Print the API's JSON as it is, errors too.\n"
	".TP\n"
	".B \\-\\-dry\\-run\n"
	"With\n"
	".BR apply :\n"
	"only show what would change.\n"
	".TP\n"
	".BR \\-V \", \" \\-\\-version\n"
	"Print the version.\n"
	".TP\n"
	".BR \\-h \", \" \\-\\-help\n"
	"Print all commands.\n"
	".SH COMMANDS\n";

static const char tail[] =
	".SH OUTPUT\n"
	"Tables are coloured on a terminal, unless NO_COLOR is set, and plain elsewhere.\n"
	"Programs should use\n"
	".BR \\-\\-json :\n"
	"docs/api/openapi.yaml describes it.\n"
	".SH EXIT STATUS\n"
	".TP\n"
	".B 0\n"
	"Done.\n"
	".TP\n"
	".B 1\n"
	"Refused or failed; nothing was changed. Of\n"
	".BR check :\n"
	"something is wrong.\n"
	".TP\n"
	".B 2\n"
	"The words were not understood; the daemon was not asked.\n"
	".SH ENVIRONMENT\n"
	".TP\n"
	".B OVERLAID_SOCKET\n"
	"The daemon's socket where\n"
	".B \\-\\-socket\n"
	"is not given.\n"
	".TP\n"
	".B NO_COLOR\n"
	"If set, nothing is coloured.\n"
	".SH FILES\n"
	".TP\n"
	".I /run/overlaid/overlaid.sock\n"
	"The daemon's socket. Root and members of the group overlaid may use it.\n"
	".SH EXAMPLES\n"
	".EX\n"
	"overlayctl segment add blue vni 5001\n"
	"overlayctl port add tap0 segment blue macs 52:54:00:00:00:01\n"
	"overlayctl peer add 192.0.2.2 encapsulation vxlan\n"
	"overlayctl fdb add segment blue mac 52:54:00:00:00:02 peer 192.0.2.2\n"
	"overlayctl segment show blue        # does it fit the underlay?\n"
	"overlayctl drops                    # why does it not arrive?\n"
	"overlayctl apply new.yaml \\-\\-dry\\-run\n"
	"overlayctl \\-\\-host ssh://h2 \\-\\-json fdb list segment blue\n"
	".EE\n"
	".SH SEE ALSO\n"
	".BR overlaid (8),\n"
	".BR overlaid.yaml (5)\n";

static void write_keys(FILE *file, const struct command *command)
{
	const struct key *key = command->keys;

	fputs(".RS\n", file);
	for (; key && key->name; key++) {
		fputs(".br\n.B ", file);
		write_text(file, key->name);
		fputs("\n.I ", file);
		write_text(file, key->value);
		fputs(command_requires(command, key) ? "\n(required)\n" : "\n", file);
	}
	fputs(".RE\n", file);
}

static void write_command(FILE *file, const struct command *command)
{
	char usage[USAGE_MAX];

	command_usage(command, usage, sizeof(usage));
	fputs(".TP\n.B ", file);
	write_text(file, usage);
	fputs("\n", file);
	write_text(file, command->help);
	fputs(".\n", file);
	if (command->keys && command->use == KEYS_BODY)
		write_keys(file, command);
}

void document_man(FILE *file)
{
	fputs(head, file);
	for (const struct command *command = commands; command->object; command++)
		write_command(file, command);
	fputs(tail, file);
}
