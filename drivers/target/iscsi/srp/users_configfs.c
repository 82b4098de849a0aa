// SPDX-License-Identifier: GPL-2.0
/*
 * srp_users/, a target's table of users, in configfs: a directory for each
 * entry and a file for each of its values.
 */
#include <linux/capability.h>
#include <linux/configfs.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../iscsi_target_srp.h"
#include "cred.h"
#include "group.h"
#include "powers.h"
#include "slots.h"
#include "users.h"

static struct iscsit_srp_users *to_users(struct config_item *item)
{
	return container_of(to_config_group(item), struct iscsit_srp_users,
			    group);
}

static struct iscsit_srp_user *to_user(struct config_item *item)
{
	return container_of(item, struct iscsit_srp_user, item);
}

static ssize_t srp_user_show(struct config_item *item, unsigned int field,
			     char *page)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	return iscsit_srp_user_show(to_user(item), field, page);
}

/* Where a verifier has been stored logins will follow */
static void srp_warm_up(struct iscsit_srp_user *user, unsigned int field)
{
	const struct iscsit_srp_group *group = iscsit_srp_group_by_id(field);
	bool has;

	if (!group)
		return;

	mutex_lock(&user->users->lock);
	has = user->cred && user->cred->verifier[field];
	mutex_unlock(&user->users->lock);
	if (has)
		iscsit_srp_pool_want(&iscsit_srp_pool, group);
}

static ssize_t srp_user_store(struct config_item *item, unsigned int field,
			      const char *page, size_t count)
{
	struct iscsit_srp_user *user = to_user(item);
	ssize_t ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	ret = iscsit_srp_user_store(user, field, page, count);

	/* configfs does not wipe its buffer, nor does it need it any more */
	memzero_explicit((char *)page, count);

	if (ret > 0)
		srp_warm_up(user, field);

	return ret;
}

/* configfs does not tell a function which file it is called for */
#define SRP_USER_FILE(symbol, field, name)				\
enum { symbol##_field = field };					\
									\
static ssize_t symbol##_show(struct config_item *item, char *page)	\
{									\
	return srp_user_show(item, symbol##_field, page);		\
}									\
									\
static ssize_t symbol##_store(struct config_item *item,			\
			      const char *page, size_t count)		\
{									\
	return srp_user_store(item, symbol##_field, page, count);	\
}									\
									\
static struct configfs_attribute symbol = {				\
	.ca_name	= name,						\
	.ca_owner	= THIS_MODULE,					\
	.ca_mode	= 0600,						\
	.show		= symbol##_show,				\
	.store		= symbol##_store,				\
}

SRP_USER_FILE(userid, ISCSIT_SRP_CRED_USERID, "srp_userid");
SRP_USER_FILE(salt, ISCSIT_SRP_CRED_SALT, "srp_salt");
SRP_USER_FILE(v_srp_768, ISCSI_SRP_GROUP_SRP_768, "srp_verifier_SRP-768");
SRP_USER_FILE(v_srp_1024, ISCSI_SRP_GROUP_SRP_1024, "srp_verifier_SRP-1024");
SRP_USER_FILE(v_srp_1280, ISCSI_SRP_GROUP_SRP_1280, "srp_verifier_SRP-1280");
SRP_USER_FILE(v_srp_1536, ISCSI_SRP_GROUP_SRP_1536, "srp_verifier_SRP-1536");
SRP_USER_FILE(v_srp_2048, ISCSI_SRP_GROUP_SRP_2048, "srp_verifier_SRP-2048");
SRP_USER_FILE(v_modp_3072, ISCSI_SRP_GROUP_MODP_3072, "srp_verifier_MODP-3072");
SRP_USER_FILE(v_modp_4096, ISCSI_SRP_GROUP_MODP_4096, "srp_verifier_MODP-4096");
SRP_USER_FILE(v_modp_6144, ISCSI_SRP_GROUP_MODP_6144, "srp_verifier_MODP-6144");
SRP_USER_FILE(v_modp_8192, ISCSI_SRP_GROUP_MODP_8192, "srp_verifier_MODP-8192");
SRP_USER_FILE(enabled, ISCSIT_SRP_USER_ENABLED, "enabled");
SRP_USER_FILE(expires, ISCSIT_SRP_USER_EXPIRES, "expires");
SRP_USER_FILE(note, ISCSIT_SRP_USER_NOTE, "note");
SRP_USER_FILE(initiators, ISCSIT_SRP_USER_INITIATORS, "initiators");
SRP_USER_FILE(tpgt, ISCSIT_SRP_USER_TPGT, "tpgt");

static struct configfs_attribute *srp_user_attrs[] = {
	&userid,
	&salt,
	&v_srp_768,
	&v_srp_1024,
	&v_srp_1280,
	&v_srp_1536,
	&v_srp_2048,
	&v_modp_3072,
	&v_modp_4096,
	&v_modp_6144,
	&v_modp_8192,
	&enabled,
	&expires,
	&note,
	&initiators,
	&tpgt,
	NULL,
};

static void srp_user_release(struct config_item *item)
{
	kfree(to_user(item));
}

static struct configfs_item_operations srp_user_item_ops = {
	.release		= srp_user_release,
};

static const struct config_item_type srp_user_type = {
	.ct_item_ops		= &srp_user_item_ops,
	.ct_attrs		= srp_user_attrs,
	.ct_owner		= THIS_MODULE,
};

static struct config_item *srp_users_make_item(struct config_group *group,
					       const char *name)
{
	struct iscsit_srp_user *user = kzalloc_obj(*user);
	int ret;

	if (!user)
		return ERR_PTR(-ENOMEM);

	config_item_init_type_name(&user->item, name, &srp_user_type);
	user->label = config_item_name(&user->item);
	ret = iscsit_srp_user_add(to_users(&group->cg_item), user);
	if (ret) {
		config_item_put(&user->item);
		return ERR_PTR(ret);
	}

	return &user->item;
}

static void srp_users_drop_item(struct config_group *group,
				struct config_item *item)
{
	iscsit_srp_user_del(to_user(item));
	config_item_put(item);
}

static struct configfs_group_operations srp_users_group_ops = {
	.make_item		= srp_users_make_item,
	.drop_item		= srp_users_drop_item,
};

static void srp_users_release(struct config_item *item)
{
	struct iscsit_srp_users *users = to_users(item);

	iscsit_srp_users_slot_set(users->tiqn, NULL);
	iscsit_srp_users_free(users);
}

static struct configfs_item_operations srp_users_item_ops = {
	.release		= srp_users_release,
};

static const struct config_item_type srp_users_type = {
	.ct_item_ops		= &srp_users_item_ops,
	.ct_group_ops		= &srp_users_group_ops,
	.ct_owner		= THIS_MODULE,
};

/**
 * iscsit_srp_users_add_group - Give a new target its table of users
 * @tiqn: the target, whose directory is not in configfs yet
 *
 * The table goes with the directory, which configfs does not remove as long as
 * there are entries.
 *
 * Context: Process context.  May sleep.
 */
void iscsit_srp_users_add_group(struct iscsi_tiqn *tiqn)
{
	struct iscsit_srp_users *users = iscsit_srp_users_alloc();

	/* Nothing can be said here; the target then does without */
	if (!users)
		return;

	users->tiqn = tiqn;
	iscsit_srp_users_slot_set(tiqn, users);
	config_group_init_type_name(&users->group, "srp_users",
				    &srp_users_type);
	configfs_add_default_group(&users->group, &tiqn->tiqn_wwn.wwn_group);
}
