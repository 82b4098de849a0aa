#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [-d]: run all tests and sum them up; -d: those that run in a kernel,
# on the debug kernels.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"

debug=
[ "${1:-}" != -d ] || debug=-d

# part NAME COMMAND...: its results; its failure is a result, too
part() {
	local name=$1 status=0
	shift
	"$@" </dev/null || status=$?
	[ "$status" -eq 0 ] || echo "not ok $name # status $status"
}

build() {
	"$top/scripts/build-kernel.sh" ${debug:+"$debug"} "$1" >/dev/null
}

srpd() {
	make -s -C "$top/usr/srpd" O="$cache/user/check-srpd" check
}

started=$SECONDS
{
	part build/user "$top/scripts/build-user.sh" >/dev/null
	if [ -z "$debug" ]; then
		part usr/srpd srpd
		part usr/open-iscsi "$top/usr/open-iscsi/check.sh"
	fi
	part kunit "$top/kunit/run.sh" ${debug:+"$debug"}
	part e2e "$top/qemu/check" ${debug:+"$debug"}
	say "took $((SECONDS - started)) s"
} | "$top/ci/summary.sh"
