/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The security stage, RFC 7143, sections 12.1.2 (SRP) and 12.1.3 (CHAP) */
#ifndef AUTH_H
#define AUTH_H

#include "request.h"

int auth_run(struct login *l);

#endif /* AUTH_H */
