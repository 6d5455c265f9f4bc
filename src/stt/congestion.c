/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merges the outer packet's congestion mark into the inner IP header.
 */
#include "stt/congestion.h"

#include "stt/checksum.h"
#include "stt/inner.h"

#include <string.h>

/* By inner, then outer codepoint. */
static const uint8_t merged[4][4] = {
	[STT_ECN_NOT_ECT] = {STT_ECN_NOT_ECT, STT_ECN_NOT_ECT, STT_ECN_NOT_ECT, STT_ECN_NOT_ECT},
	[STT_ECN_ECT1] = {STT_ECN_ECT1, STT_ECN_ECT1, STT_ECN_ECT1, STT_ECN_CE},
	[STT_ECN_ECT0] = {STT_ECN_ECT0, STT_ECN_ECT1, STT_ECN_ECT0, STT_ECN_CE},
	[STT_ECN_CE] = {STT_ECN_CE, STT_ECN_CE, STT_ECN_CE, STT_ECN_CE},
};

/* RFC 1624: the header's sum without the old word and with the new one. */
static void write4(uint8_t *ip, uint8_t ecn)
{
	uint16_t check, before, after;
	uint64_t sum;

	memcpy(&check, ip + 10, sizeof(check));
	memcpy(&before, ip, sizeof(before));
	ip[1] = (uint8_t)((ip[1] & ~STT_ECN_MASK) | ecn);
	memcpy(&after, ip, sizeof(after));
	sum = (uint64_t)(uint16_t)~check + (uint16_t)~before + after;
	check = (uint16_t)~checksum_fold(sum);
	memcpy(ip + 10, &check, sizeof(check));
}

static void write6(uint8_t *ip, uint8_t ecn)
{
	ip[1] = (uint8_t)((ip[1] & ~(STT_ECN_MASK << 4)) | ecn << 4);
}

enum drop_reason stt_merge_ecn(struct stt_span *frame, uint8_t outer)
{
	struct stt_inner inner;
	uint8_t before, after;

	stt_inner_read(frame, &inner);
	if (!inner.ip_version)
		return DROP_NONE;
	before = inner.tos & STT_ECN_MASK;
	outer &= STT_ECN_MASK;
	if (before == STT_ECN_NOT_ECT && outer == STT_ECN_CE)
		return DROP_ECN_CE_ON_NOT_ECT;
	after = merged[before][outer];
	if (after == before)
		return DROP_NONE;
	if (inner.ip_version == 4)
		write4(frame->at + inner.l3_offset, after);
	else
		write6(frame->at + inner.l3_offset, after);
	return DROP_NONE;
}
