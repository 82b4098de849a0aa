# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# How check.sh and fuzz.sh compile tests and the files that the patches change. Sourced;
# the caller sets here, top, work, bin, cc and flags.

! command -v ccache >/dev/null || cc="ccache $cc"
export CCACHE_DIR=${CCACHE_DIR:-${work%/libiscsi/*}/ccache}
mkdir -p "$bin/lib"

# compile OUTPUT FILE FLAG...: with the library's config.h
compile() {
	local out=$1 file=$2
	shift 2
	$cc -std=gnu99 -g -O1 -D_GNU_SOURCE -DHAVE_CONFIG_H "${flags[@]}" -I"$bin" \
		-I"$top/usr/lib/tests" -I"$work/build" -I"$work/src/include" "$@" -c -o "$out" "$file"
}

# program NAME FLAG...: link tests/NAME.c with these files and the rest of the library
program() {
	local name objects=()
	for name in connect init login login-srp srp utils; do
		objects+=("$bin/lib/$name.o")
		[ -e "$bin/lib/$name.o" ] ||
			compile "$bin/lib/$name.o" "$work/src/lib/$name.c" -w
	done
	compile "$bin/$1.o" "$here/tests/$1.c" -std=gnu11 -Wall -Wextra \
		-Wno-unused-parameter -Wno-missing-field-initializers -Werror
	${cc##* } "${@:2}" -o "$bin/$1" "$bin/$1.o" "${objects[@]}" \
		"$work/build/lib/.libs/libiscsipriv.a" -lgcrypt -lcmocka
}
