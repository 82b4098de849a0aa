/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes to a users file, and the check of a password against it */
#ifndef PASSWD_BATCH_H
#define PASSWD_BATCH_H

#include <linux/iscsi_srp.h>
#include <stdbool.h>

#include "usersfile.h"

#define GROUPS_DEFAULT	"MODP-3072,SRP-2048,SRP-1536"

int batch_run(struct users_file *file,
	      const bool *has);
int batch_password(struct users_file *file, const char *label,
		   const bool *has);
int batch_check(const struct users_file *file, const char *userid);

#endif /* PASSWD_BATCH_H */
