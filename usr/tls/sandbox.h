/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is given up before the handshake */
#ifndef TLS_SANDBOX_H
#define TLS_SANDBOX_H

#include <sys/types.h>

void sandbox_detach(int fd);
int sandbox_enter(uid_t uid, gid_t gid, int fd);

#endif /* TLS_SANDBOX_H */
