/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key that is a worker's channel */
#ifndef SRPD_CHANNEL_H
#define SRPD_CHANNEL_H

#include <stdint.h>

#define SRPD_USER	"iscsi-srpd"	/* the user that a worker runs as */

void channel_leave_on_sigterm(void);
int channel_start(int32_t key, unsigned int idle);
int channel_serve(int32_t key, unsigned int idle);

#endif /* SRPD_CHANNEL_H */
