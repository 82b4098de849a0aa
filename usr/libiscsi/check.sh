#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh: unit tests of the patched libiscsi. They compile the files that the patches
# change, with sanitizers. Prints a line "ok NAME" or "not ok NAME" for each test, the output of a
# failed one after it, and the sum. Status 0 if none failed.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
work=$("$here/build.sh" --build) || {
	status=$?
	[ $status -eq 66 ] || exit $status
	echo "ok libiscsi # SKIP it cannot be fetched" | "$top/ci/summary.sh"
	exit
}
tests=$here/tests
cases=$top/usr/open-iscsi/tests/cases.h

# The programs are built once for each version of the tests
hash=$(cat "$tests"/*.c "$cases" "$top"/kunit/vectors/{gen.py,vectors.json} "$0" | sha256sum | cut -c1-16)
bin=$work/check-$hash
cc=gcc
! command -v ccache >/dev/null || cc="ccache gcc"
export CCACHE_DIR=${CCACHE_DIR:-${work%/libiscsi/*}/ccache}

# compile OUTPUT FILE FLAG...: with the library's config.h
compile() {
	local out=$1 file=$2
	shift 2
	$cc -std=gnu99 -g -O1 -D_GNU_SOURCE -DHAVE_CONFIG_H '-fsanitize=address,undefined' \
		-fno-sanitize-recover -I"$bin" -I"${cases%/*}" -I"$work/build" \
		-I"$work/src/include" "$@" -c -o "$out" "$file"
}

# program NAME: link a test with these files and the rest of the library
program() {
	compile "$bin/$1.o" "$tests/test_$1.c" -Wall -Wextra -Wno-unused-parameter \
		-Wno-missing-field-initializers -Werror
	gcc '-fsanitize=address,undefined' -o "$bin/$1" "$bin/$1.o" "$bin"/lib/*.o \
		"$work/build/lib/.libs/libiscsipriv.a" -lgcrypt -lcmocka
}

if [ ! -e "$bin/built" ]; then
	mkdir -p "$bin/lib"
	python3 "$top/kunit/vectors/gen.py" --user -o "$bin/vectors.h"
	for name in connect init login login-srp srp utils; do
		compile "$bin/lib/$name.o" "$work/src/lib/$name.c" -w
	done
	for name in srp login url; do
		program $name
	done
	touch "$bin/built"
fi

# prove fails if a program fails without a "not ok", or before all of its tests have run
export CMOCKA_MESSAGE_OUTPUT=tap
{
	status=0
	prove -v "$bin"/{srp,login,url} >"$bin/prove.log" 2>&1 || status=$?
	sed -nE 's/^((not )?ok) [0-9]+ - /\1 /p; /^# (not )?ok/d; /^#/p' "$bin/prove.log"
	if [ "$status" -ne 0 ]; then
		echo "not ok prove # status $status"
		sed -n '/^Test Summary/,$s/^/# /p' "$bin/prove.log"
	fi
} | sed -E 's,^((not )?ok) ,\1 libiscsi/,' | "$top/ci/summary.sh"
