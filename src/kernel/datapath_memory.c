/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Maps whose memory the daemon shares with the kernel, because a change there
 * must be one store or one atomic addition.
 */
#include "kernel/datapath_state.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PEERS_BYTES		 (TABLE_MAX_PEERS * sizeof(struct table_peer))
#define LEARNED_BY_PORT_BYTES	 (TABLE_MAX_PORTS * sizeof(uint64_t))
#define LEARNED_BY_SEGMENT_BYTES (TABLE_MAX_SEGMENTS * sizeof(uint64_t))

/* *memory is NULL or a former mapping of the same size. */
static int map_one(int map, size_t bytes, void **memory)
{
	void *fresh = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

	if (fresh == MAP_FAILED)
		return -errno;
	if (*memory)
		munmap(*memory, bytes);
	*memory = fresh;
	return 0;
}

int datapath_map_memory(struct datapath *dp)
{
	int r = map_one(datapath_fd(dp, MAP_PEERS), PEERS_BYTES, (void **)&dp->peers);

	if (r < 0)
		return r;
	r = map_one(datapath_fd(dp, MAP_LEARNED_BY_PORT), LEARNED_BY_PORT_BYTES,
		    (void **)&dp->learned_by_port);
	if (r < 0)
		return r;
	return map_one(datapath_fd(dp, MAP_LEARNED_BY_SEGMENT), LEARNED_BY_SEGMENT_BYTES,
		       (void **)&dp->learned_by_segment);
}

void datapath_unmap_memory(struct datapath *dp)
{
	if (dp->peers)
		munmap(dp->peers, PEERS_BYTES);
	if (dp->learned_by_port)
		munmap(dp->learned_by_port, LEARNED_BY_PORT_BYTES);
	if (dp->learned_by_segment)
		munmap(dp->learned_by_segment, LEARNED_BY_SEGMENT_BYTES);
}

/* Programs run inside an RCU read section; this command is synchronize_rcu(). */
void datapath_wait_for_programs(void)
{
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}
