/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Built-in known answers */
#ifndef SRPD_SELFTEST_H
#define SRPD_SELFTEST_H

#include <stdbool.h>

bool selftest(unsigned int group);

#endif /* SRPD_SELFTEST_H */
