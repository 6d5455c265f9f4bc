/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BPF object that is built into the daemon, and what tells it from that of
 * another build.
 */
#include "kernel/datapath_state.h"

#include "datapath.skel.h"

const void *object_built_in(size_t *ret_size)
{
	return datapath_bpf__elf_bytes(ret_size);
}

/* FNV-1a: tells builds apart, guards against nothing. */
uint64_t object_hash(const void *bytes, size_t size)
{
	const uint8_t *byte = bytes;
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ byte[i]) * 0x100000001b3u;
	return hash;
}
