/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program gives up before it reads what others send */
#ifndef LIB_CONFINE_H
#define LIB_CONFINE_H

#include <seccomp.h>
#include <sys/types.h>

int confine_failed(const char *what);
int confine_user(const char *name, uid_t *uid, gid_t *gid);
int confine_memory(void);
int confine_privilege(uid_t uid, gid_t gid);
int confine_resources(unsigned int files);
scmp_filter_ctx confine_filter(void);
int confine_load(scmp_filter_ctx ctx, int err);

#endif /* LIB_CONFINE_H */
