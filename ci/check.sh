#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [-d]: run all tests and print a summary.  -d: run only the tests that need
# a kernel, on the debug kernels.  Of "make check-pair" only "check-pair short" is
# included.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"

debug=
[ "${1:-}" != -d ] || debug=-d

# part NAME COMMAND...: print its results.  If it fails without printing a failure,
# print one.
part() {
	local name=$1 line said='' status=0
	shift
	while IFS= read -r line || [ -n "$line" ]; do
		[[ $line != "not ok "* ]] || said=yes
		printf '%s\n' "$line"
	done < <("$@" </dev/null)
	wait "$!" || status=$?
	[ "$status" -eq 0 ] || [ -n "$said" ] || echo "not ok $name # status $status"
}

user_space() {
	"$top/scripts/guest/build-user.sh" >/dev/null
}

# unit_tests DIR: run the unit tests of a program in usr/, also with sanitizers
unit_tests() {
	make -s -k -C "$top/usr/$1" O="$cache/user/check-$1" check check-asan
}

# python_tests COMPONENT DIR: run its tests with pytest
python_tests() {
	COMPONENT=$1 PYTHONPATH=$top/usr/lib/tests PYTHONDONTWRITEBYTECODE=1 \
		pytest-3 -q -p results -p no:cacheprovider "$2"
}

programs() {
	local dir
	for dir in lib srpd passwd login tls; do
		part usr/$dir unit_tests $dir
	done
	FUZZ_SECONDS=7 part fuzz "$top/ci/fuzz.sh"
	part usr/open-iscsi "$top/usr/open-iscsi/check.sh"
	part usr/libiscsi "$top/usr/libiscsi/check.sh"
	part usr/rtslib "$top/ci/check-python.sh" rtslib
	part usr/targetcli "$top/ci/check-python.sh" targetcli
	part ci python_tests ci "$top/ci"
	part bench python_tests bench "$top/qemu/bench.d"
}

kernels() {
	[ -n "$debug" ] || part module "$top/scripts/kernel/build-module.sh"
	part kunit "$top/kunit/run.sh" ${debug:+"$debug"}
}

started=$SECONDS
{
	part user-space user_space
	# Each uses one CPU for most of its time
	[ -n "$debug" ] || programs &
	kernels
	wait
	[ -n "$debug" ] || part contributing "$top/ci/contributing.sh"
	part e2e "$top/qemu/check" ${debug:+"$debug"}
	[ -n "$debug" ] || part pair "$top/qemu/check-pair" short
	say "took $((SECONDS - started)) s"
} | "$top/ci/summary.sh"
