/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results as text or as JSON */
#ifndef REPORT_H
#define REPORT_H

#include "options.h"
#include "result.h"

int report(const struct options *opt, const struct result *results);

#endif /* REPORT_H */
