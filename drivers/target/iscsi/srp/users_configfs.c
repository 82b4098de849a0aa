// SPDX-License-Identifier: GPL-2.0
/*
 * srp_users/, a target's table of users, in configfs: a directory for each
 * entry, and a file for each of its values.
 */
#include <linux/capability.h>
#include <linux/configfs.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../iscsi_target_srp.h"
#include "configfs.h"
#include "cred.h"
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

static ssize_t srp_user_store(struct config_item *item, unsigned int field,
			      const char *page, size_t count)
{
	ssize_t ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	ret = iscsit_srp_user_store(to_user(item), field, page, count);
	iscsit_srp_cred_stored(field, page, count, ret);

	return ret;
}

/* configfs does not pass the attribute, so each file has its own functions */
#define SRP_USER_FILE(kind, symbol, field, name)			\
static ssize_t symbol##_show(struct config_item *item, char *page)	\
{									\
	return srp_user_show(item, field, page);			\
}									\
									\
static ssize_t symbol##_store(struct config_item *item,			\
			      const char *page, size_t count)		\
{									\
	return srp_user_store(item, field, page, count);		\
}									\
									\
static struct configfs_attribute symbol = {				\
	.ca_name	= name,						\
	.ca_owner	= THIS_MODULE,					\
	.ca_mode	= 0600,						\
	.show		= symbol##_show,				\
	.store		= symbol##_store,				\
};

#define SRP_USER_FILES(X)						\
	ISCSIT_SRP_CRED_FILES(X)					\
	X(USER, enabled, ISCSIT_SRP_USER_ENABLED, "enabled")		\
	X(USER, expires, ISCSIT_SRP_USER_EXPIRES, "expires")		\
	X(USER, note, ISCSIT_SRP_USER_NOTE, "note")			\
	X(USER, initiators, ISCSIT_SRP_USER_INITIATORS, "initiators")	\
	X(USER, tpgt, ISCSIT_SRP_USER_TPGT, "tpgt")			\
	X(USER, source, ISCSIT_SRP_USER_SOURCE, "source")

SRP_USER_FILES(SRP_USER_FILE)

#define SRP_USER_POINTER(kind, symbol, field, name)	&symbol,

static struct configfs_attribute *srp_user_attrs[] = {
	SRP_USER_FILES(SRP_USER_POINTER)
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
 * iscsit_srp_users_add_group - Create the table of users of a new target
 * @tiqn: the target, whose directory is not in configfs yet
 *
 * The table is freed with its directory, which configfs does not remove while
 * there are entries.
 *
 * Context: Process context.  May sleep.
 */
void iscsit_srp_users_add_group(struct iscsi_tiqn *tiqn)
{
	struct iscsit_srp_users *users = iscsit_srp_users_alloc();

	/* The caller cannot fail: the target has no table, then */
	if (!users)
		return;

	users->tiqn = tiqn;
	iscsit_srp_users_slot_set(tiqn, users);
	config_group_init_type_name(&users->group, "srp_users",
				    &srp_users_type);
	configfs_add_default_group(&users->group, &tiqn->tiqn_wwn.wwn_group);
}
