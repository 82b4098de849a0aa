// SPDX-License-Identifier: GPL-2.0
/*
 * What portals say of TLS: whether it is possible or required, and the hashes of the
 * certificate.
 *
 * A portal is one of a portal group's, but its socket is shared with those of other
 * portal groups at the same address.  A connection has TLS or not before its portal
 * group is known, so the socket offers TLS if any of them does, and a login is checked
 * once its portal group is known.  Discovery belongs to none: the strictest applies.
 */

#define pr_fmt(fmt) "iSCSI: " fmt

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/hex.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <scsi/iscsi_proto.h>
#include <target/target_core_base.h>
#include <target/iscsi/iscsi_target_core.h>
#include "../iscsi_target.h"
#include "../iscsi_target_pending.h"
#include "../iscsi_target_tls.h"
#include "../iscsi_target_tpg.h"
#include "../iscsi_target_util.h"
#include "portal.h"

struct tls_portal {
	struct list_head node;
	const struct iscsi_tpg_np *tpg_np;
	const struct iscsi_np *np;
	enum iscsit_tls_mode mode;
	struct iscsit_tls_cert certs[ISCSIT_TLS_CERTS];
};

/* Those that have ever been configured: usually a few */
static LIST_HEAD(tls_portals);
static DEFINE_SPINLOCK(tls_portals_lock);

static const char *const tls_modes[] = {
	[ISCSIT_TLS_NO] = "no",
	[ISCSIT_TLS_ALLOW] = "allow",
	[ISCSIT_TLS_REQUIRE] = "require",
};

static struct tls_portal *tls_portal_find(const struct iscsi_tpg_np *tpg_np)
{
	struct tls_portal *portal;

	lockdep_assert_held(&tls_portals_lock);

	list_for_each_entry(portal, &tls_portals, node)
		if (portal->tpg_np == tpg_np)
			return portal;

	return NULL;
}

/**
 * iscsit_tls_mode - What a portal says of TLS
 * @np: its socket
 * @tpg_np: the portal; NULL for discovery: the strictest of those that share @np
 *
 * Context: Process context.
 * Return: The mode.
 */
enum iscsit_tls_mode iscsit_tls_mode(const struct iscsi_np *np,
				     const struct iscsi_tpg_np *tpg_np)
{
	enum iscsit_tls_mode mode = ISCSIT_TLS_NO;
	struct tls_portal *portal;

	spin_lock(&tls_portals_lock);
	list_for_each_entry(portal, &tls_portals, node)
		if (tpg_np ? portal->tpg_np == tpg_np : portal->np == np)
			mode = max(mode, portal->mode);
	spin_unlock(&tls_portals_lock);

	return mode;
}

/* Whether a socket makes TLS handshakes */
bool iscsit_tls_offered(const struct iscsi_np *np)
{
	return iscsit_tls_mode(np, NULL) != ISCSIT_TLS_NO;
}

/* Whether a portal does: a transport with hardware support cannot share it */
bool iscsit_tls_used(const struct iscsi_tpg_np *tpg_np)
{
	return iscsit_tls_mode(NULL, tpg_np) != ISCSIT_TLS_NO;
}

static unsigned int tls_add_cert(const struct iscsit_tls_cert *cert,
				 struct iscsit_tls_cert *certs, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (certs[i].len == cert->len &&
		    !memcmp(certs[i].hash, cert->hash, cert->len))
			return nr;
	if (!cert->len || nr == ISCSIT_TLS_CERTS_MAX)
		return nr;
	certs[nr] = *cert;

	return nr + 1;
}

/**
 * iscsit_tls_certs - The certificates that an initiator may have seen
 * @np: the socket
 * @tpg_np: the portal; NULL for discovery: those of all that share @np
 * @certs: their hashes
 *
 * Context: Process context.
 * Return: The number of @certs.
 */
unsigned int iscsit_tls_certs(const struct iscsi_np *np,
			      const struct iscsi_tpg_np *tpg_np,
			      struct iscsit_tls_cert certs[ISCSIT_TLS_CERTS_MAX])
{
	struct tls_portal *portal;
	unsigned int i, nr = 0;

	spin_lock(&tls_portals_lock);
	list_for_each_entry(portal, &tls_portals, node) {
		if (tpg_np ? portal->tpg_np != tpg_np : portal->np != np)
			continue;
		for (i = 0; i < ISCSIT_TLS_CERTS; i++)
			nr = tls_add_cert(&portal->certs[i], certs, nr);
	}
	spin_unlock(&tls_portals_lock);

	return nr;
}

/* A login, whose portal group is known, has TLS where it must not, or the reverse: -1 */
int iscsit_tls_check(struct iscsit_conn *conn)
{
	struct iscsit_pending *pending = iscsit_pending_of(conn);
	bool tls = pending->tls == ISCSIT_TLS_UP;
	enum iscsit_tls_mode mode;

	mode = iscsit_tls_mode(pending->login.np, pending->tpg_np);
	if (mode != (tls ? ISCSIT_TLS_NO : ISCSIT_TLS_REQUIRE))
		return 0;

	pr_warn_ratelimited("login from %pISpc %s TLS refused: the portal's tls is %s\n",
			    &conn->login_sockaddr, tls ? "with" : "without",
			    tls_modes[mode]);
	iscsit_tx_login_rsp(conn, ISCSI_STATUS_CLS_INITIATOR_ERR,
			    ISCSI_LOGIN_STATUS_TGT_FORBIDDEN);

	return -1;
}

/* A portal is removed, and no login uses it any more */
void iscsit_tls_forget(const struct iscsi_tpg_np *tpg_np)
{
	struct tls_portal *portal;

	spin_lock(&tls_portals_lock);
	portal = tls_portal_find(tpg_np);
	if (portal)
		list_del(&portal->node);
	spin_unlock(&tls_portals_lock);
	kfree(portal);
}

/* The mode of that name, or -EINVAL */
int iscsit_tls_parse_mode(const char *page, size_t count)
{
	int mode;

	if (count && page[count - 1] == '\n')
		count--;
	for (mode = 0; mode < ARRAY_SIZE(tls_modes); mode++)
		if (count == strlen(tls_modes[mode]) &&
		    !memcmp(page, tls_modes[mode], count))
			return mode;

	pr_err("tls: write no, allow or require\n");

	return -EINVAL;
}

/**
 * iscsit_tls_parse_certs - Parse the hashes of a portal's certificates
 * @page: none, one or two in hexadecimal, separated by blanks or newlines
 * @count: bytes in @page
 * @certs: the hashes, or none
 *
 * Context: Any.
 * Return: 0, or -EINVAL.
 */
int iscsit_tls_parse_certs(const char *page, size_t count,
			   struct iscsit_tls_cert certs[ISCSIT_TLS_CERTS])
{
	const char *end = page + count;
	unsigned int nr = 0;

	memset(certs, 0, ISCSIT_TLS_CERTS * sizeof(*certs));
	while (true) {
		const char *word;
		size_t len;

		while (page < end && isspace(*page))
			page++;
		if (page == end)
			return 0;
		word = page;
		while (page < end && !isspace(*page))
			page++;
		len = page - word;
		if (nr == ISCSIT_TLS_CERTS) {
			pr_err("tls_certificate: write at most %u hashes, the new one first\n",
			       ISCSIT_TLS_CERTS);
			return -EINVAL;
		}
		if ((len != 64 && len != 96 && len != 128) ||
		    hex2bin(certs[nr].hash, word, len / 2)) {
			pr_err("tls_certificate: write the certificate's hash in hexadecimal: 64 digits (SHA-256), 96 or 128\n");
			return -EINVAL;
		}
		certs[nr++].len = len / 2;
	}
}

static struct iscsi_tpg_np *tls_tpg_np(struct config_item *item)
{
	return container_of(to_tpg_np(item), struct iscsi_tpg_np, se_tpg_np);
}

/* Set a portal's @mode, unless it is NULL, or else its certificates */
static int tls_portal_set(const struct iscsi_tpg_np *tpg_np,
			  const enum iscsit_tls_mode *mode,
			  const struct iscsit_tls_cert *certs)
{
	struct tls_portal *portal, *new = kzalloc_obj(*new);

	if (!new)
		return -ENOMEM;

	new->tpg_np = tpg_np;
	new->np = tpg_np->tpg_np;
	spin_lock(&tls_portals_lock);
	portal = tls_portal_find(tpg_np);
	if (!portal) {
		list_add_tail(&new->node, &tls_portals);
		portal = new;
		new = NULL;
	}
	if (mode)
		portal->mode = *mode;
	else
		memcpy(portal->certs, certs, sizeof(portal->certs));
	spin_unlock(&tls_portals_lock);
	kfree(new);

	return 0;
}

static ssize_t tls_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n",
			  tls_modes[iscsit_tls_mode(NULL, tls_tpg_np(item))]);
}

static ssize_t tls_store(struct config_item *item, const char *page,
			 size_t count)
{
	struct iscsi_tpg_np *tpg_np = tls_tpg_np(item);
	int ret = iscsit_tls_parse_mode(page, count);
	enum iscsit_tls_mode mode;

	if (ret < 0)
		return ret;
	mode = ret;
	if (mode != ISCSIT_TLS_NO && !IS_ENABLED(CONFIG_NET_HANDSHAKE)) {
		pr_err("tls: not possible, this kernel has no net/handshake (CONFIG_NET_HANDSHAKE, since 6.4)\n");
		return -EOPNOTSUPP;
	}

	/* Its lock is also that of iser and cxgbit */
	if (iscsit_get_tpg(tpg_np->tpg) < 0)
		return -EINVAL;
	if (mode != ISCSIT_TLS_NO &&
	    (iscsit_tpg_locate_child_np(tpg_np, ISCSI_INFINIBAND) ||
	     iscsit_tpg_locate_child_np(tpg_np, ISCSI_CXGBIT))) {
		pr_err("tls: not possible with iser or cxgbit, write 0 to these first\n");
		ret = -EINVAL;
	} else {
		ret = tls_portal_set(tpg_np, &mode, NULL);
	}
	iscsit_put_tpg(tpg_np->tpg);

	return ret ?: count;
}

static ssize_t tls_certificate_show(struct config_item *item, char *page)
{
	struct iscsit_tls_cert certs[ISCSIT_TLS_CERTS] = { };
	struct tls_portal *portal;
	unsigned int i;
	int len = 0;

	spin_lock(&tls_portals_lock);
	portal = tls_portal_find(tls_tpg_np(item));
	if (portal)
		memcpy(certs, portal->certs, sizeof(certs));
	spin_unlock(&tls_portals_lock);

	for (i = 0; i < ISCSIT_TLS_CERTS && certs[i].len; i++)
		len += sysfs_emit_at(page, len, "%*phN\n", certs[i].len,
				     certs[i].hash);

	return len;
}

static ssize_t tls_certificate_store(struct config_item *item, const char *page,
				     size_t count)
{
	struct iscsit_tls_cert certs[ISCSIT_TLS_CERTS];
	int ret;

	ret = iscsit_tls_parse_certs(page, count, certs) ?:
	      tls_portal_set(tls_tpg_np(item), NULL, certs);

	return ret ?: count;
}

struct configfs_attribute iscsit_tls_attr_tls = {
	.ca_name = "tls",
	.ca_mode = 0644,
	.ca_owner = THIS_MODULE,
	.show = tls_show,
	.store = tls_store,
};

struct configfs_attribute iscsit_tls_attr_certificate = {
	.ca_name = "tls_certificate",
	.ca_mode = 0644,
	.ca_owner = THIS_MODULE,
	.show = tls_certificate_show,
	.store = tls_certificate_store,
};
