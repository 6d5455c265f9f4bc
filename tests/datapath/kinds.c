/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which envelopes are there?  See kinds.h.
 */
#include "kinds.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "datapath.skel.h"

#include "outer/outer.h"

#include "tables.h"

#define TCX_INGRESS 46 /* enum bpf_attach_type, Linux 6.6 */
#define TCX_EGRESS  47

/* Two options, the second one without data. */
static const uint8_t options[12] = {0x01, 0x09, 0x03, 1,    0xde, 0xad,
				    0xbe, 0xef, 0xff, 0xf0, 0x7f, 0};
/* Two options of the longest kind, and what is left. */
static const uint8_t longest[252] = {
	0x01, 0x09, 0x03, 31, [4] = 0x11, [127] = 0x22, [128] = 0x01, 0x09, 0x04, 30, [251] = 0x33,
};

const struct spoken spoken[N_SPOKEN] = {
	[SPOKEN_VXLAN] = {"vxlan", {.kind = ENCAP_VXLAN}, false},
	[SPOKEN_GENEVE] = {"geneve", {.kind = ENCAP_GENEVE}, false},
	[SPOKEN_GENEVE_OPTIONS] = {"geneve with options",
				   {.kind = ENCAP_GENEVE,
				    .options = options,
				    .n_options = sizeof(options)},
				   false},
	[SPOKEN_GENEVE_LONGEST] = {"geneve with 252 bytes of options",
				   {.kind = ENCAP_GENEVE,
				    .options = longest,
				    .n_options = sizeof(longest)},
				   false},
	[SPOKEN_NVGRE] = {"nvgre", {.kind = ENCAP_NVGRE}, false},
	[SPOKEN_GRE] = {"gre", {.kind = ENCAP_GRE}, false},
	[SPOKEN_GRE_CHECKSUM] = {"gre with checksum",
				 {.kind = ENCAP_GRE, .gre_flags = GRE_KEY | GRE_CHECKSUM},
				 true},
	[SPOKEN_GRE_SEQUENCE] = {"gre with sequence number",
				 {.kind = ENCAP_GRE, .gre_flags = GRE_KEY | GRE_SEQUENCE},
				 true},
	[SPOKEN_GRE_BOTH] = {"gre with checksum and sequence number",
			     {.kind = ENCAP_GRE,
			      .gre_flags = GRE_KEY | GRE_CHECKSUM | GRE_SEQUENCE},
			     true},
};

static void must(int error, const char *what)
{
	if (error) {
		fprintf(stderr, "%s: %s\n", what, strerror(error < 0 ? -error : error));
		exit(EXIT_FAILURE);
	}
}

void spoken_set_sequence(struct harness *harness, uint32_t peer, uint32_t next)
{
	must(bpf_map_update_elem(bpf_map__fd(harness->datapath->maps.sequences), &peer, &next,
				 BPF_ANY),
	     "cannot set a sequence number");
}

void spoken_set(struct harness *harness, uint32_t peer, const struct spoken *to)
{
	const struct envelope *envelope = &to->envelope;
	struct table_peer record = tables_peer(harness, peer);
	struct peer wanted = {
		.encapsulation = envelope->kind,
		.n_geneve_options = envelope->n_options,
		.gre_checksum = envelope->gre_flags & GRE_CHECKSUM,
		.gre_sequence = envelope->gre_flags & GRE_SEQUENCE,
		.zero_checksum6 = true,
	};
	struct address local;
	struct model model;

	memcpy(&wanted.address, &record.remote, sizeof(wanted.address));
	memcpy(&local, &record.local, sizeof(local));
	if (envelope->n_options)
		memcpy(wanted.geneve_options, envelope->options, envelope->n_options);
	model_init(&model);
	must(outer_build(&model.underlay, &wanted, &local, &record), "cannot build a header");
	model_clear(&model);
	record.flags |= PEER_IN_USE;
	record.limit = (uint16_t)outer_limit(&wanted, UNDERLAY_MTU, /* tagged= */ false);
	tables_set_peer(harness, peer, record);
	spoken_set_sequence(harness, peer, 0);
}

size_t spoken_outer_bytes(struct harness *harness, uint32_t peer)
{
	return 14u + tables_peer(harness, peer).header_bytes;
}

static void attach(struct bpf_program *program, int ifindex, bool egress)
{
	int fd = bpf_program__fd(program);
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
		    .attach_point = egress ? BPF_TC_EGRESS : BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, tc, .prog_fd = fd, .handle = 1, .priority = 1);
	int error;

	if (bpf_link_create(fd, ifindex, (enum bpf_attach_type)(egress ? TCX_EGRESS : TCX_INGRESS),
			    NULL) >= 0)
		return;
	error = bpf_tc_hook_create(&hook);
	must(error == -EEXIST ? 0 : error, "cannot make a clsact hook");
	must(bpf_tc_attach(&hook, &tc), "cannot attach a program");
}

/* The device leaves no checksum to who receives from it. */
static void finish_checksums(const char *device)
{
	struct ethtool_value value = {.cmd = ETHTOOL_STXCSUM};
	struct ifreq request = {.ifr_data = (char *)&value};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	must(fd < 0 || ioctl(fd, SIOCETHTOOL, &request) ? errno : 0, "cannot set offloads");
	close(fd);
}

/* Its near end takes no super-frame of more than 511 bytes, so the kernel cuts each. */
void relay_open(struct harness *harness)
{
	if (!if_nametoindex("ovl-relay0")) {
		device_ip("link add ovl-relay0 type veth peer name ovl-relay1");
		device_write_sysctl("net/ipv6/conf/ovl-relay0/disable_ipv6", "1");
		device_write_sysctl("net/ipv6/conf/ovl-relay1/disable_ipv6", "1");
		device_ip("link set ovl-relay0 mtu 65535 gso_max_size 512 up");
		device_ip("link set ovl-relay1 mtu 65535 up");
		finish_checksums("ovl-relay0");
		attach(harness->datapath->progs.from_relay, (int)if_nametoindex("ovl-relay0"),
		       /* egress= */ true);
		attach(harness->datapath->progs.from_cutter, (int)if_nametoindex("ovl-relay1"),
		       /* egress= */ false);
	}
	tables_set_relay(harness, if_nametoindex("ovl-relay0"));
}

int relay_run(struct harness *harness, bool far_end, uint32_t mark, const struct frame *frame)
{
	static uint8_t out[FRAME_MAX];
	struct __sk_buff context = {.mark = mark};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->bytes,
		    .data_size_in = (uint32_t)frame->length, .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = 1);
	struct bpf_program *program = far_end ? harness->datapath->progs.from_cutter :
						harness->datapath->progs.from_relay;

	must(bpf_prog_test_run_opts(bpf_program__fd(program), &run), "cannot run a program");
	return (int)run.retval;
}
