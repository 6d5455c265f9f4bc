/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which envelopes exist?  One line each; every switch, table and name in the
 * datapath, the daemon and the tools expands this list.
 *
 * X(SYMBOL, number, name, spoken)
 *   number  stored in maps and state files: never reuse or renumber
 *   name    the configuration's and the CLI's word
 *   spoken  1 when this version can send and receive it; a kind that is only
 *           planned is refused by name in the configuration
 */
#ifndef OVERLAID_ABI_ENCAP_KIND_H
#define OVERLAID_ABI_ENCAP_KIND_H

#define ENCAP_KINDS(X)                                                                             \
	X(VXLAN, 1, "vxlan", 1)	  /* RFC 7348 */                                                   \
	X(GENEVE, 2, "geneve", 1) /* RFC 8926 */                                                   \
	X(NVGRE, 3, "nvgre", 1)	  /* RFC 7637 */                                                   \
	X(GRE, 4, "gre", 1)	  /* RFC 2784, RFC 2890 */                                         \
	X(STT, 5, "stt", 1)	  /* draft-davie-stt-08 */

enum encap_kind {
	ENCAP_NONE = 0,
#define X(symbol, number, name, spoken) ENCAP_##symbol = number,
	ENCAP_KINDS(X)
#undef X
	/* clang-format off */
	N_ENCAP_KINDS
	/* clang-format on */
};

#endif
