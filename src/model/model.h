/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does the administrator want?  The whole desired state of one
 * hypervisor, as values: no descriptor, no ifindex, no map slot, no syscall.
 * YAML, the API and the state file are forms of it; model/field.h says how
 * each member is spelled there.
 *
 * A struct model owns its arrays.  Requests never change the running model:
 * they copy it, change the copy, check it (model/check.h), and hand both to
 * model/plan.h, which says what to do.
 */
#ifndef OVERLAID_MODEL_MODEL_H
#define OVERLAID_MODEL_MODEL_H

#include "abi/encap_kind.h"
#include "base/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_NAME_MAX		  64 /* of a segment, with the final NUL: [A-Za-z0-9][A-Za-z0-9._-]* */
#define MODEL_DEVICE_MAX	  16 /* IFNAMSIZ */
#define MODEL_MACS_MAX		  8  /* per port */
#define MODEL_DEVICES_MAX	  8
#define MODEL_ADDRESSES_MAX	  8
#define MODEL_VNI_MAX		  16777215u
#define MODEL_OTHER_ADDRESSES_MAX 4   /* per peer */
#define MODEL_GENEVE_OPTIONS_MAX  252 /* bytes, RFC 8926 section 3.4 */

enum flood_mode { FLOOD_HEAD_END, FLOOD_MULTICAST, FLOOD_REPLICATOR, FLOOD_NONE_MODE };
enum unknown_unicast { UNKNOWN_FLOOD, UNKNOWN_DROP };
enum vlan_tags { VLAN_DROP, VLAN_CARRY };
enum too_big { TOO_BIG_FRAGMENT, TOO_BIG_DROP }; /* IPv4 without DF that does not fit */
enum fragments { FRAGMENTS_REASSEMBLE, FRAGMENTS_DROP };
enum reserved_bits { RESERVED_IGNORE, RESERVED_STRICT };
enum peer_role { ROLE_VTEP, ROLE_REPLICATOR };

#define MODEL_DSCP_COPY 64 /* segment.dscp: copy the inner packet's */

struct underlay {
	char devices[MODEL_DEVICES_MAX][MODEL_DEVICE_MAX];
	size_t n_devices;
	/* empty: the first global address of each family of the first device, found by the kernel layer */
	struct address addresses[MODEL_ADDRESSES_MAX];
	size_t n_addresses;
	uint16_t vxlan_port;		  /* 4789 */
	uint16_t geneve_port;		  /* 6081 */
	uint16_t stt_port;		  /* 7471 */
	uint8_t ttl;			  /* 64 */
	enum fragments fragments;	  /* reassemble */
	enum reserved_bits reserved_bits; /* ignore */
};

struct limits {
	uint32_t fdb_entries; /* capacity of the whole FDB, 131072 */
};

struct segment {
	char name[MODEL_NAME_MAX];
	uint32_t vni; /* 1..MODEL_VNI_MAX */
	uint16_t mtu; /* the VMs' MTU, 1500 */
	enum flood_mode flood;
	struct address group; /* with multicast; unspecified otherwise */
	enum unknown_unicast unknown_unicast;
	bool suppress_neighbors;
	bool learning;
	uint32_t aging_seconds; /* 300; 0: never */
	uint32_t max_learned;	/* 65536; of the whole segment */
	enum vlan_tags vlan_tags;
	enum too_big too_big;
	uint8_t dscp; /* 0..63 or MODEL_DSCP_COPY */
};

struct peer {
	struct address address;	       /* its name */
	enum encap_kind encapsulation; /* what we send to it */
	/* bits 1 << kind: what it may send; 0: not given, see peer_accepts() */
	uint32_t accept;
	/* Other addresses that it may send from: one hypervisor, so one peer, and one copy of a flood. */
	struct address other_addresses[MODEL_OTHER_ADDRESSES_MAX];
	size_t n_other_addresses;
	uint8_t geneve_options
		[MODEL_GENEVE_OPTIONS_MAX]; /* sent with each packet, as on the wire */
	size_t n_geneve_options;	    /* bytes, a multiple of four */
	bool gre_checksum;		    /* send GRE's checksum field */
	bool gre_sequence;		    /* send GRE's sequence number */
	enum peer_role role;
	bool zero_checksum6; /* accept UDP over IPv6 without checksum from it, true */
	bool in_all_segments;
	char (*segments)[MODEL_NAME_MAX]; /* owned; sorted; only without in_all_segments */
	size_t n_segments;
};

struct port {
	char device[MODEL_DEVICE_MAX]; /* its name */
	char segment[MODEL_NAME_MAX];
	struct mac macs[MODEL_MACS_MAX]; /* empty: any source MAC may send */
	size_t n_macs;
	uint32_t max_learned; /* 1024 */
};

/* A static FDB record: exactly one of peer and port is given. */
struct fdb_record {
	char segment[MODEL_NAME_MAX];
	struct mac mac;
	struct address peer;	     /* unspecified with port */
	char port[MODEL_DEVICE_MAX]; /* empty with peer */
};

struct neighbor_record {
	char segment[MODEL_NAME_MAX];
	struct address address;
	struct mac mac;
};

struct model {
	struct underlay underlay;
	struct limits limits;
	struct segment *segments;
	size_t n_segments;
	struct peer *peers;
	size_t n_peers;
	struct port *ports;
	size_t n_ports;
	struct fdb_record *fdb;
	size_t n_fdb;
	struct neighbor_record *neighbors;
	size_t n_neighbors;
};

/* Every default of the configuration, no object. */
void model_init(struct model *model);
/* Frees what the model owns and leaves it as model_init does.  Takes zeroed models too. */
void model_clear(struct model *model);
/* 0, or -ENOMEM with *ret untouched. */
int model_copy(const struct model *from, struct model *ret);

#define _cleanup_model_ __attribute__((cleanup(model_clear)))

/* NULL when there is none.  The result lives until the model's array changes. */
struct segment *model_segment(const struct model *model, const char *name);
struct segment *model_segment_by_vni(const struct model *model, uint32_t vni);
struct peer *model_peer(const struct model *model, const struct address *address);
struct port *model_port(const struct model *model, const char *device);
struct fdb_record *model_fdb(const struct model *model, const char *segment, const struct mac *mac);
struct neighbor_record *model_neighbor(const struct model *model, const char *segment,
				       const struct address *address);

bool peer_in_segment(const struct peer *peer, const char *segment);
/*
 * Bits 1 << kind of the envelopes that the peer may send.  Where none are
 * given: every one that is spoken, but of NVGRE and GRE, which cannot be told
 * apart on the wire, NVGRE only if that is what we send, and STT, which takes a
 * TCP port from the host, likewise.
 */
uint32_t peer_accepts(const struct peer *peer);

#endif
