/* SPDX-License-Identifier: GPL-2.0 */
/* What the other files of the target use of srp/ */
#ifndef ISCSI_TARGET_SRP_H
#define ISCSI_TARGET_SRP_H

#include <linux/types.h>
#include "srp/configfs.h"

struct iscsi_node_auth;
struct iscsi_tiqn;
struct iscsit_conn;
struct iscsit_session;

/* Pointers to the files of SRP in a scope's directory, each with a comma */
#ifdef CONFIG_ISCSI_TARGET_SRP
#define ISCSIT_SRP_AUTH_ATTRS	ISCSIT_SRP_SCOPE_FILES(ISCSIT_SRP_POINTER)
#define ISCSIT_SRP_MODULE_ATTRS	ISCSIT_SRP_MODULE_FILES(ISCSIT_SRP_POINTER)
#else
#define ISCSIT_SRP_AUTH_ATTRS
#define ISCSIT_SRP_MODULE_ATTRS
#endif

/* Returned by iscsit_srp_login() */
#define ISCSIT_AUTH_MORE	0
#define ISCSIT_AUTH_OK		1
#define ISCSIT_AUTH_FAILED	2	/* the caller rejects the login */
#define ISCSIT_AUTH_REJECTED	3	/* a Login Reject was sent */

#ifdef CONFIG_ISCSI_TARGET_SRP
int iscsit_srp_scope_init(struct iscsi_node_auth *auth);
void iscsit_srp_scope_forget(struct iscsi_node_auth *auth);
void iscsit_srp_users_add_group(struct iscsi_tiqn *tiqn);
bool iscsit_srp_only(struct iscsit_conn *conn);
int iscsit_srp_limit_methods(struct iscsit_conn *conn);
int iscsit_srp_check_methods(struct iscsi_node_auth *auth, const char *name,
			     const char *value);
void iscsit_srp_login_rejected(struct iscsit_conn *conn, u8 status_class,
			       u8 status_detail);
void iscsit_srp_login_aborted(struct iscsit_conn *conn);
void iscsit_srp_login_done(struct iscsit_conn *conn);
const char *iscsit_srp_proof_of(struct iscsit_conn *conn, size_t *len);
int iscsit_srp_login(struct iscsit_conn *conn, struct iscsi_node_auth *auth);
void iscsit_srp_login_sent(struct iscsit_conn *conn);
void iscsit_srp_login_free(struct iscsit_conn *conn);
void iscsit_srp_session_forget(struct iscsit_session *sess);
bool iscsit_srp_session_admits(struct iscsit_session *sess,
			       struct iscsit_conn *conn);
void iscsit_srp_reject_other_user(struct iscsit_conn *conn);
int iscsit_srp_key_init(void);
void iscsit_srp_key_exit(void);
#else
static inline int iscsit_srp_scope_init(struct iscsi_node_auth *auth)
{
	return 0;
}

static inline void iscsit_srp_scope_forget(struct iscsi_node_auth *auth) { }
static inline void iscsit_srp_users_add_group(struct iscsi_tiqn *tiqn) { }

static inline bool iscsit_srp_only(struct iscsit_conn *conn)
{
	return false;
}

static inline int iscsit_srp_limit_methods(struct iscsit_conn *conn)
{
	return 0;
}

static inline int iscsit_srp_check_methods(struct iscsi_node_auth *auth,
					   const char *name, const char *value)
{
	return 0;
}

static inline void iscsit_srp_login_rejected(struct iscsit_conn *conn,
					     u8 status_class, u8 status_detail)
{
}

static inline void iscsit_srp_login_aborted(struct iscsit_conn *conn) { }
static inline void iscsit_srp_login_done(struct iscsit_conn *conn) { }

static inline const char *iscsit_srp_proof_of(struct iscsit_conn *conn,
					      size_t *len)
{
	return NULL;
}

static inline int iscsit_srp_login(struct iscsit_conn *conn,
				   struct iscsi_node_auth *auth)
{
	return ISCSIT_AUTH_FAILED;
}

static inline void iscsit_srp_login_sent(struct iscsit_conn *conn) { }
static inline void iscsit_srp_login_free(struct iscsit_conn *conn) { }

static inline void iscsit_srp_session_forget(struct iscsit_session *sess) { }

static inline bool iscsit_srp_session_admits(struct iscsit_session *sess,
					     struct iscsit_conn *conn)
{
	return true;
}

static inline void iscsit_srp_reject_other_user(struct iscsit_conn *conn) { }

static inline int iscsit_srp_key_init(void)
{
	return 0;
}

static inline void iscsit_srp_key_exit(void) { }
#endif

#endif /* ISCSI_TARGET_SRP_H */
