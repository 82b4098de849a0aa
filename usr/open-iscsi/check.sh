#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh: unit tests of the initiator. They compile the files of the patched
# source and print one line each, "ok NAME" or "not ok NAME: why". The last
# line counts; the status is 0 if none failed.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
work=$("$here/build.sh" --build)
src=$work/src
tests=$here/tests
export CCACHE_DIR=${CCACHE_DIR:-${work%/open-iscsi/*}/ccache}

# The programs are made once for each content of the tests
hash=$(cat "$tests"/*.[ch] "$top/kunit/vectors/"{gen.py,vectors.json} "$0" | sha256sum | cut -c1-16)
bin=$work/check-$hash
cc=gcc
! command -v ccache >/dev/null || cc="ccache gcc"

# compile OUTPUT SOURCEDIR FILE.c FLAG...
compile() {
	local out=$1 source=$2 file=$3
	shift 3
	$cc -std=gnu99 -g -O1 -D_GNU_SOURCE -DISCSI_VERSION_STR='"test"' \
		-DISCSI_NAME_PREFIX='"iqn.2026-01.org.example"' -DISCSI_DB_ROOT='"/tmp"' \
		-I"$bin" -I"$tests" -I"$source/usr" -I"$source/include" -I"$source/libopeniscsiusr" \
		"$@" -c -o "$out" "$file"
}

# program NAME SOURCEDIR MODE FILE...: from tests/*.c and files of the source.
# MODE is sanitize; or loose: functions that no test gets to may be missing; or
# memcheck: libcrypto is in the program, with the names of its own functions.
program() {
	local name=$1 source=$2 mode=$3 file object objects=() flags=() link=()
	local crypto=(-lcrypto)
	shift 3
	case $mode in
	sanitize)
		flags=('-fsanitize=address,undefined' -fno-sanitize-recover)
		link=('-fsanitize=address,undefined')
		;;
	loose)
		flags=(-fno-pie)
		link=(-no-pie '-Wl,--unresolved-symbols=ignore-all')
		;;
	memcheck)
		flags=(-O2)
		crypto=('-Wl,-Bstatic' -lcrypto '-Wl,-Bdynamic')
		;;
	esac
	mkdir -p "$bin/$name.o"
	for file; do
		object=$bin/$name.o/$(basename "$file" .c).o
		objects+=("$object")
		case $file in
		tests/*) compile "$object" "$source" "$here/$file" "${flags[@]}" -Wall -Wextra -Werror ;;
		*srp*.c) compile "$object" "$source" "$source/$file" "${flags[@]}" -Wall -Wextra -Werror ;;
		*) compile "$object" "$source" "$source/$file" "${flags[@]}" -w ;;
		esac
	done
	gcc "${link[@]}" -o "$bin/$name" "${objects[@]}" "${crypto[@]}"
}

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
		usr/srp_config.c "${srp[@]}" sysdeps/sysdeps.c
	program conf "$src" loose tests/test_conf.c tests/peer.c usr/idbm.c usr/iface.c \
		usr/iscsi_util.c usr/srp_config.c "${srp[@]}" sysdeps/sysdeps.c
	program restart "$src" loose tests/test_restart.c usr/srp_config.c "${srp[@]}" sysdeps/sysdeps.c
	touch "$bin/built"
fi

# Each program must end with 0, whatever its lines say
run() {
	local name=$1
	shift
	"$@" || echo "not ok $name: status $?"
}

# CHAP: the same requests, results and log lines from the plain source. It
# leaks the contexts of its hashes in both.
chap() {
	local name
	for name in chap chap-orig; do
		ASAN_OPTIONS=detect_leaks=0 "$bin/$name" >"$bin/$name.out" || {
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
	run srp "$bin/srp"
	run ct valgrind -q --suppressions="$tests/ct.supp" --log-file="$bin/ct.log" "$bin/ct"
	run login "$bin/login"
	chap
	run setup "$bin/setup"
	run conf "$bin/conf"
	run restart "$bin/restart"
	run records "$tests/records.sh" "$work/build"
} 2>&1 | tee "$bin/results"

passed=$(grep -c '^ok ' "$bin/results" || :)
failed=$(grep -c '^not ok ' "$bin/results" || :)
skipped=$(grep -c '^ok .*# SKIP ' "$bin/results" || :)
echo "$((passed - skipped)) passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -ge 400 ]
