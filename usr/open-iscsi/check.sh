#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [VERSION]: the initiator's unit tests, by default of all versions. They
# compile files of the patched source. Prints a line "ok VERSION/NAME" or "not ok
# VERSION/NAME" for each test, the output of a failed one after it, and the sum.
# Status 0 if none failed.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
if [ $# -eq 0 ]; then
	for pin in "$here"/*/pin; do
		version=$(basename "${pin%/pin}")
		"$0" "$version" || [ $? -eq 1 ] || echo "not ok $version/check.sh"
	done | "$top/ci/summary.sh"
	exit
fi
version=$1
work=$("$here/build.sh" --build "$version") || {
	status=$?
	# The archive has a newer one, as long as nothing was fetched
	[ $status -eq 66 ] || exit $status
	echo "ok $version/open-iscsi # SKIP it cannot be fetched" | "$top/ci/summary.sh"
	exit
}
src=$work/src
tests=$here/tests

# The programs are built once for each version of the tests
hash=$(cat "$tests"/*.[ch] "$top"/usr/lib/tests/{cases,text_rule}.h "$top/kunit/vectors/"{gen.py,vectors.json} "$0" "$here/compile.sh" | sha256sum | cut -c1-16)
bin=$work/check-$hash
cc=gcc
. "$here/compile.sh"

if [ ! -e "$bin/built" ]; then
	mkdir -p "$bin"
	python3 "$top/kunit/vectors/gen.py" --user -o "$bin/vectors.h"
	srp=(usr/srp.c usr/srp_text.c usr/srp_group.c)
	login=(tests/peer.c usr/login.c usr/auth.c usr/iscsi_timer.c sysdeps/sysdeps.c)
	program srp "$src" sanitize tests/test_srp.c "${srp[@]}"
	program ct "$src" memcheck tests/test_ct.c usr/srp.c usr/srp_group.c
	program login "$src" sanitize tests/test_login.c "${login[@]}" usr/auth_srp.c "${srp[@]}"
	program chap "$src" sanitize tests/test_chap.c "${login[@]}" usr/auth_srp.c "${srp[@]}"
	program chap-orig "$work/orig" sanitize tests/test_chap.c "${login[@]}"
	program setup "$src" loose tests/test_setup.c tests/peer.c usr/initiator_common.c \
		usr/srp_config.c usr/tls_config.c "${srp[@]}" sysdeps/sysdeps.c
	program conf "$src" loose tests/test_conf.c tests/peer.c usr/idbm.c usr/iface.c \
		usr/iscsi_util.c usr/srp_config.c usr/tls_config.c "${srp[@]}" sysdeps/sysdeps.c
	program restart "$src" loose tests/test_restart.c usr/srp_config.c "${srp[@]}" sysdeps/sysdeps.c
	program relogin "$src" loose tests/test_relogin.c usr/relogin.c usr/srp_config.c "${srp[@]}" sysdeps/sysdeps.c
	program prompt "$src" sanitize tests/test_prompt.c usr/srp_prompt.c
	program ipc "$src" loose tests/test_ipc.c
	program tls "$src" loose tests/test_tls.c tests/peer.c usr/tls.c usr/tls_config.c usr/tls_state.c sysdeps/sysdeps.c
	touch "$bin/built"
fi

. "$top/usr/lib/tests/tap.sh"

# CHAP: the same requests, results and log lines as without the patches, which leaks
# the contexts of its hashes.
chap() {
	local name
	local -x ASAN_OPTIONS=
	for name in chap chap-orig; do
		[ $name = chap ] || ASAN_OPTIONS=detect_leaks=0
		"$bin/$name" >"$bin/$name.out" || {
			echo "not ok chap: $name ended with status $?"
			return
		}
	done
	[ "$(grep -c '^==' "$bin/chap.out")" -ge 50 ] || {
		echo "not ok chap: too few logins"
		return
	}
	if diff "$bin/chap-orig.out" "$bin/chap.out" >"$bin/chap.diff"; then
		grep '^==' "$bin/chap.out" | sed 's/^== \(.*\): .*/ok chap unchanged\/\1/'
	else
		echo "not ok chap: differs from open-iscsi without the patches"
		sed 's/^/# /' "$bin/chap.diff"
	fi
}

{
	tap '' "$bin"/{srp,login,setup,conf,restart,relogin,prompt,ipc,tls}
	tap "valgrind -q --suppressions=$tests/ct.supp --log-file=$bin/ct.log" "$bin/ct"
	chap
	tap '' "$tests/records.sh" :: "$work/build"
} | sed -E "s,^((not )?ok) ,\1 $version/," | "$top/ci/summary.sh"
