#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# summary.sh: pass test results through and count them.
#
# A result is a line "ok NAME", "ok NAME # SKIP reason" or "not ok NAME".  The last
# line printed is the summary, after the names of what failed.  Fail if a test failed or
# if none ran.
set -euo pipefail

passed=0 failed=0 skipped=0 names=()
while IFS= read -r line || [ -n "$line" ]; do
	case $line in
	[0-9]*" passed, "*" failed, "*" skipped"*) continue ;;
	"ok "*" # SKIP "*) skipped=$((skipped + 1)) ;;
	"ok "*) passed=$((passed + 1)) ;;
	"not ok "*)
		failed=$((failed + 1))
		names+=("${line#not ok }")
		;;
	esac
	printf '%s\n' "$line"
done
if [ $((passed + failed + skipped)) -eq 0 ]; then
	echo "not ok no-test-ran"
	failed=1
fi
[ ${#names[@]} -eq 0 ] || printf 'failed: %s\n' "${names[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
