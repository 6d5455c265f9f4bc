/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How is each member read from JSON and written back, and what is refused with
 * which words?  A row each.
 */
#include "../json_text.h"

#include "base/problem.h"
#include "model/field.h"

#include <errno.h>
#include <stdio.h>

struct row {
	const char *sentence;
	const struct noun *noun;
	const char *json;
	/* read: the member as it is written back; refused: the problem */
	const char *field;
	const char *result;
};

#define BLUE "'name': 'blue', 'vni': 5001"

static const struct row rows_read[] = {
	{"a segment's MTU is 1500 by default", &noun_segment, "{" BLUE "}", "mtu", "1500"},
	{"BUM goes head-end by default", &noun_segment, "{" BLUE "}", "flood", "'head-end'"},
	{"unknown unicast floods by default", &noun_segment, "{" BLUE "}", "unknown-unicast",
	 "'flood'"},
	{"neighbors are suppressed by default", &noun_segment, "{" BLUE "}", "suppress-neighbors",
	 "true"},
	{"learning is on by default", &noun_segment, "{" BLUE "}", "learning", "true"},
	{"aging is 300 seconds by default", &noun_segment, "{" BLUE "}", "aging", "'300s'"},
	{"a segment learns 65536 addresses by default", &noun_segment, "{" BLUE "}", "max-learned",
	 "65536"},
	{"VLAN tags are dropped by default", &noun_segment, "{" BLUE "}", "vlan-tags", "'drop'"},
	{"too big packets are fragmented by default", &noun_segment, "{" BLUE "}", "too-big",
	 "'fragment'"},
	{"DSCP is 0 by default", &noun_segment, "{" BLUE "}", "dscp", "0"},
	{"a peer speaks vxlan by default", &noun_peer, "{'address': '192.0.2.2'}", "encapsulation",
	 "'vxlan'"},
	{"a peer is a vtep by default", &noun_peer, "{'address': '192.0.2.2'}", "role", "'vtep'"},
	{"a peer may leave the UDP checksum out by default", &noun_peer, "{'address': '192.0.2.2'}",
	 "zero-checksum6", "true"},
	{"a peer is in all segments by default", &noun_peer, "{'address': '192.0.2.2'}", "segments",
	 "'all'"},
	{"a port learns 1024 addresses by default", &noun_port,
	 "{'device': 'tap0', 'segment': 'blue'}", "max-learned", "1024"},
	{"a port may send from any address by default", &noun_port,
	 "{'device': 'tap0', 'segment': 'blue'}", "macs", "[]"},
	{"the TTL is 64 by default", &noun_underlay, "{'device': 'eth1'}", "ttl", "64"},
	{"VXLAN's port is 4789 by default", &noun_underlay, "{'device': 'eth1'}", "vxlan-port",
	 "4789"},
	{"outer fragments are reassembled by default", &noun_underlay, "{'device': 'eth1'}",
	 "fragments", "'reassemble'"},
	{"reserved bits are ignored by default", &noun_underlay, "{'device': 'eth1'}",
	 "reserved-bits", "'ignore'"},
	{"Geneve's port is 6081 by default", &noun_underlay, "{'device': 'eth1'}", "geneve-port",
	 "6081"},
	{"STT's port is 7471 by default", &noun_underlay, "{'device': 'eth1'}", "stt-port", "7471"},
	{"what a peer may send is not given by default", &noun_peer, "{'address': '192.0.2.2'}",
	 "accept", "null"},
	{"a peer has no other addresses by default", &noun_peer, "{'address': '192.0.2.2'}",
	 "other-addresses", "[]"},
	{"a peer is sent no Geneve options by default", &noun_peer, "{'address': '192.0.2.2'}",
	 "geneve-options", "''"},
	{"GRE has no checksum by default", &noun_peer, "{'address': '192.0.2.2'}", "gre-checksum",
	 "false"},
	{"GRE has no sequence number by default", &noun_peer, "{'address': '192.0.2.2'}",
	 "gre-sequence", "false"},
	{"one accepted envelope is a list of one", &noun_peer,
	 "{'address': '192.0.2.2', 'accept': 'geneve'}", "accept", "['geneve']"},
	{"accepted envelopes are a set", &noun_peer,
	 "{'address': '192.0.2.2', 'accept': ['stt', 'vxlan']}", "accept", "['vxlan', 'stt']"},
	{"no accepted envelope is the default", &noun_peer,
	 "{'address': '192.0.2.2', 'accept': null}", "accept", "null"},
	{"one other address is a list of one", &noun_peer,
	 "{'address': '192.0.2.2', 'other-addresses': '2001:db8::2'}", "other-addresses",
	 "['2001:db8::2']"},
	{"hexadecimal digits may be capitals", &noun_peer,
	 "{'address': '192.0.2.2', 'geneve-options': '010301DEADBEEFaf'}", "geneve-options",
	 "'010301deadbeefaf'"},
	{"the FDB has 131072 entries by default", &noun_limits, "{}", "fdb-entries", "131072"},

	{"one device is a list of one", &noun_underlay, "{'device': 'eth1'}", "device", "['eth1']"},
	{"devices keep their order", &noun_underlay, "{'device': ['eth2', 'eth1']}", "device",
	 "['eth2', 'eth1']"},
	{"one address is a list of one", &noun_underlay,
	 "{'device': 'eth1', 'address': '2001:DB8:0::1'}", "address", "['2001:db8::1']"},
	{"addresses of both families are read", &noun_underlay,
	 "{'device': 'eth1', 'address': ['192.0.2.1', '2001:db8::1']}", "address",
	 "['192.0.2.1', '2001:db8::1']"},
	{"no address is an empty list", &noun_underlay, "{'device': 'eth1', 'address': []}",
	 "address", "[]"},
	{"the smallest number is read", &noun_underlay, "{'device': 'eth1', 'ttl': 1}", "ttl", "1"},
	{"the largest number is read", &noun_underlay, "{'device': 'eth1', 'vxlan-port': 65535}",
	 "vxlan-port", "65535"},
	{"a word is read", &noun_underlay, "{'device': 'eth1', 'fragments': 'drop'}", "fragments",
	 "'drop'"},
	{"the largest VNI is read", &noun_segment, "{'name': 'a', 'vni': 16777215}", "vni",
	 "16777215"},
	{"a time is read in minutes", &noun_segment, "{" BLUE ", 'aging': '5m'}", "aging",
	 "'300s'"},
	{"a time is read in hours", &noun_segment, "{" BLUE ", 'aging': '2h'}", "aging", "'7200s'"},
	{"a bare number is a time in seconds", &noun_segment, "{" BLUE ", 'aging': 60}", "aging",
	 "'60s'"},
	{"no time is read in seconds", &noun_segment, "{" BLUE ", 'aging': '0s'}", "aging", "'0s'"},
	{"the longest time is read", &noun_segment, "{" BLUE ", 'aging': '365d'}", "aging",
	 "'31536000s'"},
	{"a name may have every letter and digit", &noun_segment, "{'name': 'AZaz09._-', 'vni': 1}",
	 "name", "'AZaz09._-'"},
	{"a time of nothing is read", &noun_segment, "{" BLUE ", 'aging': 0}", "aging", "'0s'"},
	{"false is read", &noun_segment, "{" BLUE ", 'learning': false}", "learning", "false"},
	{"the largest DSCP is read", &noun_segment, "{" BLUE ", 'dscp': 63}", "dscp", "63"},
	{"DSCP may be copied", &noun_segment, "{" BLUE ", 'dscp': 'copy'}", "dscp", "'copy'"},
	{"a group is read", &noun_segment, "{" BLUE ", 'group': 'FF05::1'}", "group", "'ff05::1'"},
	{"a group that is not given has no form", &noun_segment, "{" BLUE "}", "group", "null"},
	{"null stands for the default", &noun_segment, "{" BLUE ", 'mtu': null}", "mtu", "1500"},
	{"null stands for no address", &noun_segment, "{" BLUE ", 'group': null}", "group", "null"},
	{"null stands for an empty list", &noun_port,
	 "{'device': 'tap0', 'segment': 'blue', 'macs': null}", "macs", "[]"},
	{"null stands for all segments", &noun_peer, "{'address': '192.0.2.2', 'segments': null}",
	 "segments", "'all'"},
	{"every encapsulation has a word", &noun_peer,
	 "{'address': '192.0.2.2', 'encapsulation': 'stt'}", "encapsulation", "'stt'"},
	{"segments of a peer are sorted", &noun_peer,
	 "{'address': '192.0.2.2', 'segments': ['red', 'blue', 'green']}", "segments",
	 "['blue', 'green', 'red']"},
	{"a peer may be in no segment", &noun_peer, "{'address': '192.0.2.2', 'segments': []}",
	 "segments", "[]"},
	{"a peer may be in one segment without brackets", &noun_peer,
	 "{'address': '192.0.2.2', 'segments': 'blue'}", "segments", "['blue']"},
	{"the word all is all segments", &noun_peer, "{'address': '192.0.2.2', 'segments': 'all'}",
	 "segments", "'all'"},
	{"MAC addresses are read with dashes and in capitals", &noun_port,
	 "{'device': 'tap0', 'segment': 'blue', 'macs': ['52-54-00-AB-CD-EF']}", "macs",
	 "['52:54:00:ab:cd:ef']"},
	{"one MAC address is a list of one", &noun_port,
	 "{'device': 'tap0', 'segment': 'blue', 'macs': '52:54:00:00:00:01'}", "macs",
	 "['52:54:00:00:00:01']"},
	{"a name of 63 characters is read", &noun_segment,
	 "{'vni': 1, 'name': 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}",
	 "name", "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"},
	{"a device name of 15 characters is read", &noun_port,
	 "{'device': 'abcdefghijklmno', 'segment': 'blue'}", "device", "'abcdefghijklmno'"},
	{"a device name may have any printable character", &noun_port,
	 "{'device': 'tap-0.1@#%!', 'segment': 'blue'}", "device", "'tap-0.1@#%!'"},
	{"an FDB record of a peer has no port", &noun_fdb,
	 "{'segment': 'blue', 'mac': '52:54:00:00:00:02', 'peer': '192.0.2.2'}", "port", "null"},
	{"an FDB record of a port has no peer", &noun_fdb,
	 "{'segment': 'blue', 'mac': '52:54:00:00:00:02', 'port': 'tap0'}", "peer", "null"},
	{"a neighbor's MAC address is read", &noun_neighbor,
	 "{'segment': 'blue', 'address': '10.0.0.2', 'mac': '52:54:00:00:00:02'}", "mac",
	 "'52:54:00:00:00:02'"},
};

static const struct row rows_refused[] = {
	{"a list is no segment", &noun_segment, "[]", "", "is a list, but must be a mapping"},
	{"an unknown member is refused with the nearest one", &noun_segment,
	 "{" BLUE ", 'ageing': '300s'}", "ageing", "did you mean \"aging\"?"},
	{"a member with an underscore is refused with the right one", &noun_segment,
	 "{" BLUE ", 'vlan_tags': 'drop'}", "vlan_tags", "did you mean \"vlan-tags\"?"},
	{"the beginning of a member is refused with the whole", &noun_peer,
	 "{'address': '192.0.2.2', 'encap': 'vxlan'}", "encap", "did you mean \"encapsulation\"?"},
	{"an unknown member that is near none is refused with all", &noun_limits, "{'memory': 1}",
	 "memory", "is not known here; known are fdb-entries"},
	{"a misspelt required member is not called missing", &noun_segment,
	 "{'nmae': 'blue', 'vni': 1}", "nmae", "did you mean \"name\"?"},
	{"a segment without a name is refused", &noun_segment, "{'vni': 1}", "name", "is missing"},
	{"a segment without a VNI is refused", &noun_segment, "{'name': 'blue'}", "vni",
	 "is missing"},
	{"an underlay without a device is refused", &noun_underlay, "{}", "device", "is missing"},
	{"an underlay with an empty list of devices is refused", &noun_underlay, "{'device': []}",
	 "device", "is an empty list; give at least one"},
	{"a required member that is null is refused", &noun_segment,
	 "{'name': 'blue', 'vni': null}", "vni", "has no value, but is required"},

	{"VNI 0 is refused", &noun_segment, "{'name': 'blue', 'vni': 0}", "vni",
	 "is 0, but must be a number from 1 to 16777215"},
	{"a VNI above 24 bits is refused", &noun_segment, "{'name': 'blue', 'vni': 16777216}",
	 "vni", "is 16777216, but must be a number from 1 to 16777215"},
	{"a negative VNI is refused", &noun_segment, "{'name': 'blue', 'vni': -1}", "vni",
	 "is -1, but must be a number from 1"},
	{"a VNI that a word of 32 bits would wrap is refused", &noun_segment,
	 "{'name': 'blue', 'vni': 4294967297}", "vni", "is 4294967297, but"},
	{"a VNI in quotes is refused", &noun_segment, "{'name': 'blue', 'vni': '5001'}", "vni",
	 "is the text \"5001\"; write the number without quotes"},
	{"a VNI that is a word is refused", &noun_segment, "{'name': 'blue', 'vni': 'blue'}", "vni",
	 "is \"blue\", but must be a number from 1 to 16777215"},
	{"a VNI that is a fraction is refused", &noun_segment, "{'name': 'blue', 'vni': 5001.0}",
	 "vni", "is a fraction, but must be a number"},
	{"a VNI that is true is refused", &noun_segment, "{'name': 'blue', 'vni': true}", "vni",
	 "is true, but must be a number"},
	{"a VNI that is a list is refused", &noun_segment, "{'name': 'blue', 'vni': [1]}", "vni",
	 "is a list, but must be a number"},
	{"an MTU below 576 is refused", &noun_segment, "{" BLUE ", 'mtu': 575}", "mtu",
	 "is 575, but must be a number from 576 to 9216"},
	{"an MTU above 9216 is refused", &noun_segment, "{" BLUE ", 'mtu': 9217}", "mtu",
	 "is 9217, but must be a number from 576 to 9216"},
	{"a TTL of 0 is refused", &noun_underlay, "{'device': 'eth1', 'ttl': 0}", "ttl",
	 "is 0, but must be a number from 1 to 255"},
	{"a TTL of 256 is refused", &noun_underlay, "{'device': 'eth1', 'ttl': 256}", "ttl",
	 "is 256, but"},
	{"a VXLAN port of 0 is refused", &noun_underlay, "{'device': 'eth1', 'vxlan-port': 0}",
	 "vxlan-port", "is 0, but must be a number from 1 to 65535"},
	{"a VXLAN port of 65536 is refused", &noun_underlay,
	 "{'device': 'eth1', 'vxlan-port': 65536}", "vxlan-port", "is 65536, but"},
	{"an FDB below 1024 entries is refused", &noun_limits, "{'fdb-entries': 1023}",
	 "fdb-entries", "is 1023, but must be a number from 1024 to 16777216"},
	{"an FDB above 16777216 entries is refused", &noun_limits, "{'fdb-entries': 16777217}",
	 "fdb-entries", "is 16777217, but"},
	{"a DSCP of 64 is refused", &noun_segment, "{" BLUE ", 'dscp': 64}", "dscp",
	 "is 64, but must be a number from 0 to 63, or copy"},
	{"a DSCP word other than copy is refused", &noun_segment, "{" BLUE ", 'dscp': 'ef'}",
	 "dscp", "is \"ef\", but must be a number from 0 to 63, or copy"},
	{"a negative time is refused", &noun_segment, "{" BLUE ", 'aging': -1}", "aging",
	 "is -1, but must be a time from 0s to 31536000s, as in 300s, 5m or 1h"},
	{"a time with an unknown unit is refused", &noun_segment, "{" BLUE ", 'aging': '5w'}",
	 "aging", "is \"5w\", but must be a time from 0s to 31536000s, as in 300s, 5m or 1h"},
	{"a time above a year is refused", &noun_segment, "{" BLUE ", 'aging': '366d'}", "aging",
	 "is \"366d\", but must be a time"},
	{"a time that is true is refused", &noun_segment, "{" BLUE ", 'aging': true}", "aging",
	 "is true, but must be a time"},

	{"yes is refused with a hint", &noun_segment, "{" BLUE ", 'learning': 'yes'}", "learning",
	 "is \"yes\"; write true, in lower case and without quotes"},
	{"Off is refused with a hint", &noun_segment, "{" BLUE ", 'learning': 'Off'}", "learning",
	 "is \"Off\"; write false, in lower case and without quotes"},
	{"1 is no truth", &noun_segment, "{" BLUE ", 'learning': 1}", "learning",
	 "is a number, but must be true or false"},
	{"another word is no truth", &noun_segment, "{" BLUE ", 'learning': 'maybe'}", "learning",
	 "is \"maybe\", but must be true or false"},
	{"an unknown word is refused with all words", &noun_segment,
	 "{" BLUE ", 'flood': 'broadcast'}", "flood",
	 "is \"broadcast\", but must be head-end, multicast, replicator or none"},
	{"an encapsulation that nobody knows is refused with all words", &noun_peer,
	 "{'address': '192.0.2.2', 'encapsulation': 'ipip'}", "encapsulation",
	 "is \"ipip\", but must be vxlan, geneve, nvgre, gre or stt"},
	{"no encapsulation is refused", &noun_peer, "{'address': '192.0.2.2', 'encapsulation': ''}",
	 "encapsulation", "but must be vxlan,"},
	{"an accepted envelope that nobody knows is refused with all words", &noun_peer,
	 "{'accept': ['vxlan', 'ipip']}", "accept[1]",
	 "is \"ipip\", but must be vxlan, geneve, nvgre, gre or stt"},
	{"an accepted envelope without a name is refused", &noun_peer, "{'accept': ''}", "accept",
	 "is \"\", but must be vxlan,"},
	{"an accepted envelope twice is refused", &noun_peer, "{'accept': ['gre', 'gre']}",
	 "accept[1]", "has \"gre\" twice; remove one"},
	{"no envelope at all is refused", &noun_peer, "{'accept': []}", "accept",
	 "is an empty list; name at least one, or leave the member out"},
	{"an accepted envelope that is a number is refused", &noun_peer, "{'accept': 1}", "accept",
	 "is a number, but must be vxlan,"},
	{"five other addresses are refused", &noun_peer,
	 "{'other-addresses': ['192.0.2.3', '192.0.2.4', '192.0.2.5', '192.0.2.6', '192.0.2.7']}",
	 "other-addresses[4]", "has more than 4 entries"},
	{"an other address that is a name is refused", &noun_peer, "{'other-addresses': ['h2']}",
	 "other-addresses[0]", "is \"h2\", but must be an IP address"},
	{"half a byte is refused", &noun_peer, "{'geneve-options': '010'}", "geneve-options",
	 "has 3 hexadecimal digits, an odd number; each byte has two"},
	{"a letter that is no hexadecimal digit is refused with its place", &noun_peer,
	 "{'geneve-options': '0103g1'}", "geneve-options",
	 "has 'g' as character 5, but must be hexadecimal digits, two for each byte"},
	{"a prefix before the digits is refused", &noun_peer, "{'geneve-options': '0x010300'}",
	 "geneve-options", "has 'x' as character 2"},
	{"a separator among an odd number of characters is refused as such", &noun_peer,
	 "{'geneve-options': '01:03'}", "geneve-options", "has ':' as character 3"},
	{"bytes that are a number are refused with a hint", &noun_peer, "{'geneve-options': 10300}",
	 "geneve-options", "is a number, but must be text; put it in quotes"},
	{"a word that is a number is refused", &noun_segment, "{" BLUE ", 'vlan-tags': 1}",
	 "vlan-tags", "is a number, but must be drop or carry"},

	{"a name that is a number is refused with a hint", &noun_segment,
	 "{'name': 5001, 'vni': 5001}", "name", "is a number, but must be text; put it in quotes"},
	{"an empty name is refused", &noun_segment, "{'name': '', 'vni': 1}", "name", "is empty"},
	{"a name with a space is refused", &noun_segment, "{'name': 'b lue', 'vni': 1}", "name",
	 "a name has only letters, digits, '.', '_' and '-'"},
	{"a name that begins with a dash is refused", &noun_segment, "{'name': '-blue', 'vni': 1}",
	 "name", "a name starts with a letter or a digit"},
	{"a name with a letter beyond ASCII is refused", &noun_segment,
	 "{'name': 'gr\u00fcn', 'vni': 1}", "name", "a name has only letters"},
	{"a name with a character beside the letters is refused", &noun_segment,
	 "{'name': 'a`', 'vni': 1}", "name", "a name has only letters"},
	{"a name with a character behind the letters is refused", &noun_segment,
	 "{'name': 'a{', 'vni': 1}", "name", "a name has only letters"},
	{"a name with a character before the capitals is refused", &noun_segment,
	 "{'name': 'a@', 'vni': 1}", "name", "a name has only letters"},
	{"a name with a character behind the capitals is refused", &noun_segment,
	 "{'name': 'a[', 'vni': 1}", "name", "a name has only letters"},
	{"a name with a slash is refused", &noun_segment, "{'name': 'a/', 'vni': 1}", "name",
	 "a name has only letters"},
	{"a name with a colon is refused", &noun_segment, "{'name': 'a:', 'vni': 1}", "name",
	 "a name has only letters"},
	{"a name of 64 characters is refused", &noun_segment,
	 "{'vni': 1, 'name': 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}",
	 "name", "is longer than 63 characters"},
	{"the name all is refused", &noun_segment, "{'name': 'all', 'vni': 1}", "name",
	 "stands for every segment"},
	{"an empty device is refused", &noun_port, "{'device': '', 'segment': 'blue'}", "device",
	 "is empty"},
	{"a device of 16 characters is refused", &noun_port,
	 "{'device': 'abcdefghijklmnop', 'segment': 'blue'}", "device",
	 "is longer than the 15 characters"},
	{"a device with a slash is refused", &noun_port, "{'device': 'a/b', 'segment': 'blue'}",
	 "device", "has no '/'"},
	{"a device with a colon is refused", &noun_port, "{'device': 'eth0:1', 'segment': 'blue'}",
	 "device", "has no ':'"},
	{"a device with a space is refused", &noun_port, "{'device': 'tap 0', 'segment': 'blue'}",
	 "device", "has a space or an unprintable character"},
	{"a device that is a dot is refused", &noun_port, "{'device': '..', 'segment': 'blue'}",
	 "device", "is no name of a network device"},
	{"a device twice is refused", &noun_underlay, "{'device': ['eth1', 'eth2', 'eth1']}",
	 "device[2]", "is in the list already, as number 1; remove one"},
	{"nine devices are refused", &noun_underlay,
	 "{'device': ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']}", "device[8]",
	 "has more than 8 entries"},
	{"an empty entry of a list is refused", &noun_underlay, "{'device': ['eth1', null]}",
	 "device[1]", "is empty; give a value or remove the entry"},
	{"an address twice is refused in any spelling", &noun_underlay,
	 "{'device': 'eth1', 'address': ['2001:db8::1', '2001:DB8:0::1']}", "address[1]",
	 "is in the list already"},

	{"an address that is a name is refused", &noun_peer, "{'address': 'h2.example.net'}",
	 "address", "is \"h2.example.net\", but must be an IP address as in 192.0.2.1 or"},
	{"an address with a prefix length is refused", &noun_peer, "{'address': '192.0.2.2/24'}",
	 "address", "but must be an IP address"},
	{"an IPv4 address of three numbers is refused", &noun_peer, "{'address': '192.0.2'}",
	 "address", "but must be an IP address"},
	{"an IPv4 address in IPv6 form is refused", &noun_peer, "{'address': '::ffff:192.0.2.2'}",
	 "address", "but must be an IP address"},
	{"an address with a scope is refused", &noun_peer, "{'address': 'fe80::1%eth0'}", "address",
	 "but must be an IP address"},
	{"a MAC address of five bytes is refused", &noun_fdb, "{'mac': '52:54:00:00:00'}", "mac",
	 "is \"52:54:00:00:00\", but must be a MAC address as in 52:54:00:00:00:01"},
	{"a MAC address of seven bytes is refused", &noun_fdb, "{'mac': '52:54:00:00:00:00:00'}",
	 "mac", "but must be a MAC address"},
	{"a MAC address with short bytes is refused", &noun_fdb, "{'mac': '2:54:0:0:0:1'}", "mac",
	 "but must be a MAC address"},
	{"a MAC address twice is refused", &noun_port,
	 "{'macs': ['52:54:00:00:00:01', '52-54-00-00-00-01']}", "macs[1]",
	 "is in the list already"},
	{"a segment of a peer twice is refused", &noun_peer,
	 "{'address': '192.0.2.2', 'segments': ['red', 'blue', 'red']}", "segments",
	 "has \"red\" twice; remove one"},
	{"segments that are a number are refused", &noun_peer,
	 "{'address': '192.0.2.2', 'segments': 5001}", "segments",
	 "is a number, but must be a list of segments' names, or all"},
	{"an empty entry of segments is refused", &noun_peer,
	 "{'address': '192.0.2.2', 'segments': ['blue', null]}", "segments[1]", "is empty"},
	{"a number in segments is refused", &noun_peer,
	 "{'address': '192.0.2.2', 'segments': ['blue', 7]}", "segments[1]",
	 "is a number, but must be text; put it in quotes"},
};

static void run_read(void **state)
{
	const struct row *row = *state;
	union noun_object object;
	json_auto_t *json = json_of(row->json), *wanted = json_of(row->result);
	json_auto_t *written = NULL;
	struct problem problem = {0};
	int r;

	row->noun->set_defaults(&object);
	r = noun_from_json(row->noun, json, "", /* change= */ false, &object, &problem);
	assert_string_equal(problem.message, "");
	assert_int_equal(r, 0);
	assert_int_equal(noun_check(row->noun, &object, "", &problem), 0);
	written = noun_to_json(row->noun, &object);
	noun_clear(row->noun, &object);
	if (json_is_null(wanted))
		assert_null(json_object_get(written, row->field));
	else
		assert_true(json_equal(json_object_get(written, row->field), wanted));
}

static void run_refused(void **state)
{
	const struct row *row = *state;
	union noun_object object;
	json_auto_t *json = json_of(row->json);
	struct problem problem = {0}, in_path = {0};
	char path[64];

	row->noun->set_defaults(&object);
	assert_int_equal(noun_from_json(row->noun, json, "", false, &object, &problem), -EINVAL);
	noun_clear(row->noun, &object);
	assert_string_equal(problem.field, row->field);
	assert_contains(problem.message, row->result);
	assert_int_equal(problem.code, PROBLEM_INVALID);

	/* the same below a path */
	row->noun->set_defaults(&object);
	noun_from_json(row->noun, json, "x[2]", false, &object, &in_path);
	noun_clear(row->noun, &object);
	snprintf(path, sizeof(path), "x[2]%s%s", row->field[0] ? "." : "", row->field);
	assert_string_equal(in_path.field, path);
}

static void every_member_is_read_as_it_was_written(void **state)
{
	static const char *const full[] = {
		"{'device': ['eth1', 'eth2'], 'address': ['192.0.2.1', '2001:db8::1'],"
		" 'vxlan-port': 8472, 'geneve-port': 6082, 'stt-port': 7472, 'ttl': 3, 'fragments': 'drop', 'reserved-bits': 'strict'}",
		"{'fdb-entries': 1048576}",
		"{'name': 'blue', 'vni': 5001, 'mtu': 9000, 'flood': 'multicast',"
		" 'group': '239.1.1.1', 'unknown-unicast': 'drop', 'suppress-neighbors': false,"
		" 'learning': false, 'aging': '7s', 'max-learned': 3, 'vlan-tags': 'carry',"
		" 'too-big': 'drop', 'dscp': 'copy'}",
		"{'address': '2001:db8::2', 'encapsulation': 'geneve',"
		" 'accept': ['vxlan', 'gre'], 'other-addresses': ['192.0.2.2'],"
		" 'geneve-options': '0103010000000001', 'gre-checksum': true,"
		" 'gre-sequence': true, 'role': 'replicator',"
		" 'zero-checksum6': false, 'segments': ['blue', 'red']}",
		"{'device': 'tap0', 'segment': 'blue', 'macs': ['52:54:00:00:00:01',"
		" '52:54:00:00:00:02'], 'max-learned': 0}",
		"{'segment': 'blue', 'mac': '52:54:00:00:00:02', 'peer': '192.0.2.2', 'port': 'a'}",
		"{'segment': 'blue', 'address': '10.0.0.2', 'mac': '52:54:00:00:00:02'}",
	};

	for (size_t i = 0; nouns[i]; i++) {
		union noun_object object, fresh;
		json_auto_t *json = json_of(full[i]);
		json_auto_t *written = NULL;

		nouns[i]->set_defaults(&object);
		nouns[i]->set_defaults(&fresh);
		assert_int_equal(noun_from_json(nouns[i], json, "", false, &object, NULL), 0);
		written = noun_to_json(nouns[i], &object);
		assert_true(json_equal(json, written));
		/* none was forgotten in the row above, and each differs from its default */
		for (const struct field *field = nouns[i]->fields; field->name; field++)
			assert_false(field_equal(field, &object, &fresh));
		assert_true(noun_equal(nouns[i], &object, &object));
		noun_clear(nouns[i], &object);
	}
}

static void every_noun_has_its_key_and_what_it_requires(void **state)
{
	static const char *const keys[] = {
		"", "", " name vni", " address", " device", " segment mac", " segment address"};
	static const char *const required[] = {" device",
					       "",
					       " name vni",
					       " address",
					       " device segment",
					       " segment mac",
					       " segment address mac"};

	for (size_t i = 0; nouns[i]; i++) {
		char key[64] = "", needs[64] = "";

		for (const struct field *field = nouns[i]->fields; field->name; field++) {
			if (field->is_key)
				strcat(strcat(key, " "), field->name);
			if (field->required)
				strcat(strcat(needs, " "), field->name);
		}
		assert_string_equal(key, keys[i]);
		assert_string_equal(needs, required[i]);
	}
}

/* The documentation and the CLI print them. */
static void every_member_says_what_it_means(void **state)
{
	for (size_t i = 0; nouns[i]; i++) {
		for (const struct field *field = nouns[i]->fields; field->name; field++) {
			size_t length = strlen(field->meaning);

			assert_true(length > 10);
			assert_int_equal(field->meaning[length - 1], '.');
			assert_ptr_equal(noun_field(nouns[i], field->name), field);
			for (const char *at = field->name; *at; at++)
				assert_true((*at >= 'a' && *at <= 'z') || *at == '-' || *at == '6');
		}
		assert_null(noun_field(nouns[i], "colour"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_is_read_as_it_was_written),
		cmocka_unit_test(every_noun_has_its_key_and_what_it_requires),
		cmocka_unit_test(every_member_says_what_it_means),
	};

	return run_cases(rows_read, run_read) + run_cases(rows_refused, run_refused) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
