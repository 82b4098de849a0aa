#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-debian.sh [soak]: the packages on two machines with Debian's own kernel, and
# qemu/run with it.
# soak: with more data.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"

limit=1800
if [ "${1:-}" = soak ]; then
	export LIO_SRP_MIB=1024
	limit=14400
fi

"$top/scripts/make-deb.sh" >/dev/null
{
	status=0
	"$top/qemu/pair" -t $limit "$top/qemu/debian/batch" </dev/null || status=$?
	# 1: a test has said so itself
	[ "$status" -le 1 ] || echo "not ok debian/pair # status $status"
	"$top/qemu/check-run" </dev/null || echo "not ok debian/run # status $?"
	say "took $SECONDS s"
} | "$top/ci/summary.sh"
