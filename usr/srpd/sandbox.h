/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker gives up before it gets a job */
#ifndef SRPD_SANDBOX_H
#define SRPD_SANDBOX_H

#include <stdint.h>
#include <sys/types.h>

void sandbox_detach(int keep_fd);
int sandbox_enter(uid_t uid, gid_t gid, int32_t key, int ready_fd);

#endif /* SRPD_SANDBOX_H */
