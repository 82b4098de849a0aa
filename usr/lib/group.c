// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The groups of RFC 3723, appendix A.  The moduli of the MODP groups are RFC
 * 3526's, which OpenSSL has; the generators are not RFC 3526's.
 */
#include "lib/group.h"
#include "lib/log.h"

#include <stdbool.h>
#include <string.h>

const struct srp_group groups[ISCSI_SRP_GROUP_MAX] = {
	{
		.name = "SRP-768",
		.id = ISCSI_SRP_GROUP_SRP_768,
		.len = 96,
		.g = 2,
		.hex =
		"B344C7C4F8C495031BB4E04FF8F84EE95008163940B9558276744D91"
		"F7CC9F402653BE7147F00F576B93754BCDDF71B636F2099E6FFF90E7"
		"9575F3D0DE694AFF737D9BE9713CEF8D837ADA6380B1093E94B6A529"
		"A8C6C2BE33E0867C60C3262B",
	}, {
		.name = "SRP-1024",
		.id = ISCSI_SRP_GROUP_SRP_1024,
		.len = 128,
		.g = 2,
		.hex =
		"EEAF0AB9ADB38DD69C33F80AFA8FC5E86072618775FF3C0B9EA2314C"
		"9C256576D674DF7496EA81D3383B4813D692C6E0E0D5D8E250B98BE4"
		"8E495C1D6089DAD15DC7D7B46154D6B6CE8EF4AD69B15D4982559B29"
		"7BCF1885C529F566660E57EC68EDBC3C05726CC02FD4CBF4976EAA9A"
		"FD5138FE8376435B9FC61D2FC0EB06E3",
	}, {
		.name = "SRP-1280",
		.id = ISCSI_SRP_GROUP_SRP_1280,
		.len = 160,
		.g = 2,
		.hex =
		"D77946826E811914B39401D56A0A7843A8E7575D738C672A090AB118"
		"7D690DC43872FC06A7B6A43F3B95BEAEC7DF04B9D242EBDC48111128"
		"3216CE816E004B786C5FCE856780D41837D95AD787A50BBE90BD3A9C"
		"98AC0F5FC0DE744B1CDE1891690894BC1F65E00DE15B4B2AA6D87100"
		"C9ECC2527E45EB849DEB14BB2049B163EA04187FD27C1BD9C7958CD4"
		"0CE7067A9C024F9B7C5A0B4F5003686161F0605B",
	}, {
		.name = "SRP-1536",
		.id = ISCSI_SRP_GROUP_SRP_1536,
		.len = 192,
		.g = 2,
		.hex =
		"9DEF3CAFB939277AB1F12A8617A47BBBDBA51DF499AC4C80BEEEA961"
		"4B19CC4D5F4F5F556E27CBDE51C6A94BE4607A291558903BA0D0F843"
		"80B655BB9A22E8DCDF028A7CEC67F0D08134B1C8B97989149B609E0B"
		"E3BAB63D47548381DBC5B1FC764E3F4B53DD9DA1158BFD3E2B9C8CF5"
		"6EDF019539349627DB2FD53D24B7C48665772E437D6C7F8CE442734A"
		"F7CCB7AE837C264AE3A9BEB87F8A2FE9B8B5292E5A021FFF5E91479E"
		"8CE7A28C2442C6F315180F93499A234DCF76E3FED135F9BB",
	}, {
		.name = "SRP-2048",
		.id = ISCSI_SRP_GROUP_SRP_2048,
		.len = 256,
		.g = 2,
		.hex =
		"AC6BDB41324A9A9BF166DE5E1389582FAF72B6651987EE07FC319294"
		"3DB56050A37329CBB4A099ED8193E0757767A13DD52312AB4B03310D"
		"CD7F48A9DA04FD50E8083969EDB767B0CF6095179A163AB3661A05FB"
		"D5FAAAE82918A9962F0B93B855F97993EC975EEAA80D740ADBF4FF74"
		"7359D041D5C33EA71D281E446B14773BCA97B43A23FB801676BD207A"
		"436C6481F1D2B9078717461A5B9D32E688F87748544523B524B0D57D"
		"5EA77A2775D2ECFA032CFBDBF52FB3786160279004E57AE6AF874E73"
		"03CE53299CCC041C7BC308D82A5698F3A8D0C38271AE35F8E9DBFBB6"
		"94B5C803D89F7AE435DE236D525F54759B65E372FCD68EF20FA7111F"
		"9E4AFF73",
	}, {
		.name = "MODP-3072",
		.id = ISCSI_SRP_GROUP_MODP_3072,
		.len = 384,
		.g = 5,
		.rfc3526 = BN_get_rfc3526_prime_3072,
	}, {
		.name = "MODP-4096",
		.id = ISCSI_SRP_GROUP_MODP_4096,
		.len = 512,
		.g = 5,
		.rfc3526 = BN_get_rfc3526_prime_4096,
	}, {
		.name = "MODP-6144",
		.id = ISCSI_SRP_GROUP_MODP_6144,
		.len = 768,
		.g = 5,
		.rfc3526 = BN_get_rfc3526_prime_6144,
	}, {
		.name = "MODP-8192",
		.id = ISCSI_SRP_GROUP_MODP_8192,
		.len = 1024,
		.g = 19,
		.rfc3526 = BN_get_rfc3526_prime_8192,
	},
};

/**
 * group_by_id() - Find a group
 * @id: enum iscsi_srp_group, or anything
 *
 * Return: the group or NULL
 */
const struct srp_group *group_by_id(unsigned int id)
{
	if (id < 1 || id > ISCSI_SRP_GROUP_MAX)
		return NULL;
	return &groups[id - 1];
}

/**
 * group_by_name() - Find a group
 * @name: as in SRP_GROUP, case-sensitive, not terminated
 * @len: its length
 *
 * Return: the group or NULL
 */
const struct srp_group *group_by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < ISCSI_SRP_GROUP_MAX; i++) {
		if (strlen(groups[i].name) == len &&
		    !memcmp(groups[i].name, name, len))
			return &groups[i];
	}
	return NULL;
}

static void unknown_group(const char *option, const char *name, int len)
{
	char names[160] = "";

	for (size_t i = 0; i < ISCSI_SRP_GROUP_MAX; i++) {
		strcat(names, i ? ", " : "");
		strcat(names, groups[i].name);
	}
	log_error("%s: unknown group '%.*s'; use one or more of %s, separated by commas",
		  option, len, name, names);
}

/**
 * groups_parse() - Read a list of groups
 * @option: the option that has the list, for errors
 * @list: names, separated by commas
 * @found: set to the groups in the order of the list; NULL ends them
 *
 * Return: 0, or -1 after logging the error
 */
int groups_parse(const char *option, const char *list,
		 const struct srp_group *found[ISCSI_SRP_GROUP_MAX + 1])
{
	size_t count = 0;

	for (;; list++) {
		size_t len = strcspn(list, ",");
		const struct srp_group *group = group_by_name(list, len);

		if (!group) {
			unknown_group(option, list, (int)len);
			return -1;
		}
		for (size_t i = 0; i < count; i++) {
			if (found[i] == group) {
				log_error("%s: %s is listed twice; list each group once",
					  option, group->name);
				return -1;
			}
		}
		found[count++] = group;
		list += len;
		if (!*list)
			break;
	}
	found[count] = NULL;
	return 0;
}

static void modulus_free(struct srp_modulus *mod)
{
	BN_free(mod->N);
	BN_free(mod->g);
	BN_MONT_CTX_free(mod->mont);
	*mod = (struct srp_modulus){ 0 };
}

static bool modulus_make(struct srp_modulus *mod, const struct srp_group *group)
{
	BN_CTX *ctx = BN_CTX_new();
	bool ok;

	if (group->rfc3526)
		mod->N = group->rfc3526(NULL);
	else if (!BN_hex2bn(&mod->N, group->hex))
		mod->N = NULL;
	mod->g = BN_new();
	mod->mont = BN_MONT_CTX_new();

	ok = ctx && mod->N && mod->g && mod->mont &&
	     BN_set_word(mod->g, group->g) &&
	     BN_MONT_CTX_set(mod->mont, mod->N, ctx) &&
	     BN_bn2binpad(mod->N, mod->bytes, group->len) == group->len;
	if (!ok)
		modulus_free(mod);
	BN_CTX_free(ctx);
	return ok;
}

/**
 * group_modulus() - The numbers of a group, computed by the first call
 * @group: from group_by_id() or group_by_name()
 *
 * Return: the numbers, which are never freed; NULL without memory
 */
const struct srp_modulus *group_modulus(const struct srp_group *group)
{
	static struct srp_modulus moduli[ISCSI_SRP_GROUP_MAX];
	struct srp_modulus *mod = &moduli[group - groups];

	if (!mod->N && !modulus_make(mod, group))
		return NULL;
	return mod;
}
