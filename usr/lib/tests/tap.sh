# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# How check.sh of patched programs runs tests that print TAP. Sourced; the caller sets bin.

export CMOCKA_MESSAGE_OUTPUT=tap

# tap EXEC PROGRAM...: run programs that print TAP. prove fails if one of them
# fails without a "not ok", or before all of its tests have run.
tap() {
	local status=0
	prove -v -e "$@" >"$bin/prove.log" 2>&1 || status=$?
	sed -nE 's/^((not )?ok) [0-9]+ - /\1 /p; /^# (not )?ok/d; /^#/p' "$bin/prove.log"
	if [ "$status" -ne 0 ]; then
		echo "not ok prove # status $status"
		sed -n '/^Test Summary/,$s/^/# /p' "$bin/prove.log"
	fi
}
