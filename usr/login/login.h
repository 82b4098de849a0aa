/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A complete login, RFC 7143, section 6.3, and the logout */
#ifndef LOGIN_H
#define LOGIN_H

#include "request.h"

void login_run(struct login *l, struct result *res);

#endif /* LOGIN_H */
