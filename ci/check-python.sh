#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-python.sh rtslib|targetcli: the unit tests of the patched rtslib and targetcli,
# with Debian 12's version and with the newest.  Prints a line "ok NAME" or
# "not ok NAME" for each.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"

case $*,$# in
rtslib,1 | targetcli,1) ;;
*) usage_error "usage: $prog rtslib|targetcli" ;;
esac

root=$cache/user/check-python
lock "$cache/user/.lock-check-python"
rm -rf "$root"
mkdir -p "$root"
for part in rtslib targetcli; do
	run_logged "$cache/log/check-python.log" "$top/usr/$part/build.sh" "$root"
done

status=0
for version in debian12 newest; do
	modules=$root/usr/lib/python3/dist-packages
	[ $version = debian12 ] || modules=$root/usr/lib/lio-srp/$version
	if [ ! -d "$modules" ]; then
		echo "ok $1-$version # SKIP it cannot be fetched"
		continue
	fi
	COMPONENT=$1-$version PYTHONPATH=$top/usr/lib/tests:$top/usr/rtslib/tests:$modules \
		PYTHONDONTWRITEBYTECODE=1 \
		pytest-3 -q -p results -p no:cacheprovider "$top/usr/$1/tests" || status=1
done
exit $status
