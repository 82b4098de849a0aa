#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fuzz.sh: fuzz the parsers of the user-space programs, each with libFuzzer for
# FUZZ_SECONDS or FUZZ_RUNS inputs: see usr/lib/tests/fuzz.sh.  Prints a line "ok" or
# "not ok" for each.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"

# fuzz NAME COMMAND...: print its results; if there are none, print the end of its log
fuzz() {
	local log=$cache/log/fuzz-$1.log status=0
	"${@:2}" >"$log" 2>&1 </dev/null || status=$?
	grep -E '^(not ok |ok |# )' "$log" || status=1
	[ $status -eq 0 ] || grep -q '^not ok ' "$log" || {
		echo "not ok fuzz/$1 # status $status"
		tail -n 20 "$log" | sed 's/^/# /'
	}
}

mkdir -p "$cache/log"
for dir in srpd passwd login tls; do
	fuzz $dir make -s -k -C "$top/usr/$dir" O="$cache/user/check-$dir" fuzz
done
fuzz open-iscsi "$top/usr/open-iscsi/fuzz.sh"
fuzz libiscsi "$top/usr/libiscsi/fuzz.sh"
