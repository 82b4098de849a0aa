// SPDX-License-Identifier: GPL-2.0
/*
 * The configfs files of SRP credentials, in the auth/ directories of ACLs and
 * portal groups, and in discovery_auth/.
 */
#include <linux/capability.h>
#include <linux/configfs.h>
#include <linux/module.h>
#include <linux/string.h>
#include <target/target_core_base.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../iscsi_target.h"
#include "../iscsi_target_srp.h"
#include "cred.h"
#include "group.h"
#include "powers.h"
#include "scope.h"

static struct iscsi_node_auth *nacl_auth(struct config_item *item)
{
	return &to_iscsi_nacl(auth_to_nacl(item))->node_auth;
}

static struct iscsi_node_auth *tpg_auth(struct config_item *item)
{
	return &to_iscsi_tpg(auth_to_tpg(item))->tpg_demo_auth;
}

static struct iscsi_node_auth *disc_auth(struct config_item *item)
{
	return &iscsit_global->discovery_acl.node_auth;
}

static ssize_t srp_attr_show(struct iscsi_node_auth *auth, unsigned int field,
			     char *page)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	return iscsit_srp_scope_show(auth, field, page);
}

/* Where a verifier has been stored logins will follow */
static void srp_warm_up(struct iscsi_node_auth *auth, unsigned int field)
{
	const struct iscsit_srp_group *group = iscsit_srp_group_by_id(field);
	struct iscsit_srp_cred *cred = iscsit_srp_scope_cred(auth);

	if (group && cred && cred->verifier[field])
		iscsit_srp_pool_want(&iscsit_srp_pool, group);
	iscsit_srp_cred_put(cred);
}

static ssize_t srp_attr_store(struct iscsi_node_auth *auth, unsigned int field,
			      const char *page, size_t count)
{
	ssize_t ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	ret = iscsit_srp_scope_store(auth, field, page, count);

	/* configfs does not wipe its buffer, nor does it need it any more */
	memzero_explicit((char *)page, count);

	if (ret > 0)
		srp_warm_up(auth, field);

	return ret;
}

/* configfs does not tell a function which file it is called for */
#define SRP_SHOW(scope, field)						\
static ssize_t scope##_show_##field(struct config_item *item, char *page) \
{									\
	return srp_attr_show(scope##_auth(item), field, page);		\
}

#define SRP_STORE(scope, field)						\
static ssize_t scope##_store_##field(struct config_item *item,		\
				     const char *page, size_t count)	\
{									\
	return srp_attr_store(scope##_auth(item), field, page, count);	\
}

#define SRP_ATTR(scope, field, name)					\
	[field] = {							\
		.ca_name	= name,					\
		.ca_owner	= THIS_MODULE,				\
		.ca_mode	= 0600,					\
		.show		= scope##_show_##field,			\
		.store		= scope##_store_##field,		\
	}

#define SRP_SCOPE(type)							\
SRP_SHOW(type, ISCSIT_SRP_CRED_USERID)					\
SRP_STORE(type, ISCSIT_SRP_CRED_USERID)					\
SRP_SHOW(type, ISCSIT_SRP_CRED_SALT)					\
SRP_STORE(type, ISCSIT_SRP_CRED_SALT)					\
SRP_SHOW(type, ISCSI_SRP_GROUP_SRP_768)					\
SRP_STORE(type, ISCSI_SRP_GROUP_SRP_768)				\
SRP_SHOW(type, ISCSI_SRP_GROUP_SRP_1024)				\
SRP_STORE(type, ISCSI_SRP_GROUP_SRP_1024)				\
SRP_SHOW(type, ISCSI_SRP_GROUP_SRP_1280)				\
SRP_STORE(type, ISCSI_SRP_GROUP_SRP_1280)				\
SRP_SHOW(type, ISCSI_SRP_GROUP_SRP_1536)				\
SRP_STORE(type, ISCSI_SRP_GROUP_SRP_1536)				\
SRP_SHOW(type, ISCSI_SRP_GROUP_SRP_2048)				\
SRP_STORE(type, ISCSI_SRP_GROUP_SRP_2048)				\
SRP_SHOW(type, ISCSI_SRP_GROUP_MODP_3072)				\
SRP_STORE(type, ISCSI_SRP_GROUP_MODP_3072)				\
SRP_SHOW(type, ISCSI_SRP_GROUP_MODP_4096)				\
SRP_STORE(type, ISCSI_SRP_GROUP_MODP_4096)				\
SRP_SHOW(type, ISCSI_SRP_GROUP_MODP_6144)				\
SRP_STORE(type, ISCSI_SRP_GROUP_MODP_6144)				\
SRP_SHOW(type, ISCSI_SRP_GROUP_MODP_8192)				\
SRP_STORE(type, ISCSI_SRP_GROUP_MODP_8192)				\
									\
struct configfs_attribute iscsit_srp_##type##_attrs[ISCSIT_SRP_CRED_FIELDS] = { \
	SRP_ATTR(type, ISCSIT_SRP_CRED_USERID, "srp_userid"),		\
	SRP_ATTR(type, ISCSIT_SRP_CRED_SALT, "srp_salt"),		\
	SRP_ATTR(type, ISCSI_SRP_GROUP_SRP_768, "srp_verifier_SRP-768"), \
	SRP_ATTR(type, ISCSI_SRP_GROUP_SRP_1024, "srp_verifier_SRP-1024"), \
	SRP_ATTR(type, ISCSI_SRP_GROUP_SRP_1280, "srp_verifier_SRP-1280"), \
	SRP_ATTR(type, ISCSI_SRP_GROUP_SRP_1536, "srp_verifier_SRP-1536"), \
	SRP_ATTR(type, ISCSI_SRP_GROUP_SRP_2048, "srp_verifier_SRP-2048"), \
	SRP_ATTR(type, ISCSI_SRP_GROUP_MODP_3072, "srp_verifier_MODP-3072"), \
	SRP_ATTR(type, ISCSI_SRP_GROUP_MODP_4096, "srp_verifier_MODP-4096"), \
	SRP_ATTR(type, ISCSI_SRP_GROUP_MODP_6144, "srp_verifier_MODP-6144"), \
	SRP_ATTR(type, ISCSI_SRP_GROUP_MODP_8192, "srp_verifier_MODP-8192"), \
}

SRP_SCOPE(nacl);
SRP_SCOPE(tpg);
SRP_SCOPE(disc);
