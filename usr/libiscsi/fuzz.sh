#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fuzz.sh: fuzz the login of the patched libiscsi for FUZZ_SECONDS or FUZZ_RUNS inputs,
# with the same hostile targets as iscsi-login: see usr/lib/tests/fuzz.sh. Prints a line
# "ok" or "not ok".
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
export COMPONENT=libiscsi
work=$("$here/build.sh" --build) || {
	status=$?
	[ $status -eq 66 ] || exit $status
	echo "ok libiscsi/fuzz # SKIP it cannot be fetched"
	exit
}

# The program is built once for each version of the files that it is made from
hash=$(cat "$here"/{compile,fuzz}.sh "$here/tests/fuzz_login.c" "$top"/usr/lib/tests/*.h \
	"$top"/kunit/vectors/{gen.py,vectors.json} | sha256sum | cut -c1-16)
bin=$work/fuzz-$hash
cc=clang
flags=('-fsanitize=fuzzer-no-link,address,undefined' -fno-sanitize-recover=all -I"$top/usr")
. "$here/compile.sh"

if [ ! -e "$bin/built" ]; then
	python3 "$top/kunit/vectors/gen.py" --user -o "$bin/srp_vectors.h"
	program fuzz_login '-fsanitize=fuzzer,address,undefined' '-Wl,--wrap=srp_choose_group'
	touch "$bin/built"
fi
"$top/usr/lib/tests/fuzz.sh" "$bin/fuzz_login" "$top/usr/login/tests/corpus/login"
