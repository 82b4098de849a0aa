#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# summary.sh: pass test results on and count them.
#
# A result is a line "ok NAME", "ok NAME # SKIP reason" or "not ok NAME".  The
# last line printed is the sum.  Fails if a test failed, or if none ran.
set -eu

exec awk '
/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped/ { next }
{ print; fflush() }
/^not ok / { failed++ }
/^ok .* # SKIP ./ { skipped++; next }
/^ok / { passed++ }
END {
	if (!(passed + failed + skipped)) {
		print "not ok no-test-ran"
		failed++
	}
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	exit failed > 0
}'
