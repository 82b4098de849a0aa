#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh: unit tests of the patched libiscsi. They compile the files that the patches
# change, with sanitizers. Prints a line "ok NAME" or "not ok NAME" for each test, the
# output of a failed one after it, and the sum. Status 0 if none failed.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
work=$("$here/build.sh" --build) || {
	status=$?
	[ $status -eq 66 ] || exit $status
	echo "ok libiscsi # SKIP it cannot be fetched" | "$top/ci/summary.sh"
	exit
}

# The programs are built once for each version of the tests
hash=$(cat "$here"/{check,compile}.sh "$here"/tests/test_*.c "$top/usr/lib/tests/cases.h" \
	"$top"/kunit/vectors/{gen.py,vectors.json} | sha256sum | cut -c1-16)
bin=$work/check-$hash
cc=gcc
flags=('-fsanitize=address,undefined' -fno-sanitize-recover)
. "$here/compile.sh"

if [ ! -e "$bin/built" ]; then
	python3 "$top/kunit/vectors/gen.py" --user -o "$bin/vectors.h"
	for name in srp login url; do
		program test_$name '-fsanitize=address,undefined'
	done
	touch "$bin/built"
fi

. "$top/usr/lib/tests/tap.sh"
tap '' "$bin"/test_{srp,login,url} | sed -E 's,^((not )?ok) ,\1 libiscsi/,' | "$top/ci/summary.sh"
