# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# How check.sh and fuzz.sh compile files of the patched source and of tests/. Sourced;
# the caller sets here, top, work, bin and cc.

! command -v ccache >/dev/null || cc="ccache $cc"
export CCACHE_DIR=${CCACHE_DIR:-${work%/open-iscsi/*}/ccache}

# compile OUTPUT SOURCEDIR FILE.c FLAG...
compile() {
	local out=$1 source=$2 file=$3
	shift 3
	$cc -std=gnu99 -g -O1 -D_GNU_SOURCE -DISCSI_VERSION_STR='"test"' \
		-DISCSI_NAME_PREFIX='"iqn.2026-01.org.example"' -DISCSI_DB_ROOT='"/tmp"' \
		-DISCSI_TLS_PROGRAM="\"$bin/iscsi-tls\"" -DISCSI_TLS_STATE_DIR="\"$bin/state\"" \
		-I"$bin" -I"$here/tests" -I"$top/usr/lib/tests" -I"$source/usr" -I"$source/include" -I"$source/libopeniscsiusr" \
		"$@" -c -o "$out" "$file"
}

# program NAME SOURCEDIR MODE FILE...: from tests/*.c and files of the source, or of
# ours (/...).
# MODE is sanitize; loose: functions that no test reaches may be missing; memcheck:
# libcrypto is linked statically, so that ct.supp can name its internal functions; or
# fuzz: with libFuzzer, sanitize and loose.
program() {
	local name=$1 source=$2 mode=$3 file object objects=() flags=() link=()
	local libs=(-lcrypto -lcmocka)
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
		libs=('-Wl,-Bstatic' -lcrypto '-Wl,-Bdynamic' -lcmocka)
		;;
	fuzz)
		flags=('-fsanitize=fuzzer-no-link,address,undefined' -fno-sanitize-recover=all -fno-pie
			-Wno-gnu-variable-sized-type-not-at-end -I"$top/usr" -I"$top/include/uapi")
		link=('-fsanitize=fuzzer,address,undefined' -no-pie '-Wl,--unresolved-symbols=ignore-all'
			'-Wl,--wrap=getaddrinfo')
		libs=(-lcrypto)
		;;
	esac
	mkdir -p "$bin/$name.o"
	for file; do
		object=$bin/$name.o/$(basename "$file" .c).o
		objects+=("$object")
		case $file in
		/*) compile "$object" "$source" "$file" "${flags[@]}" -std=gnu11 ;;
		tests/*) compile "$object" "$source" "$here/$file" "${flags[@]}" \
			-Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Werror ;;
		*srp*.c | *relogin.c | *tls*.c) compile "$object" "$source" "$source/$file" "${flags[@]}" -Wall -Wextra -Werror ;;
		# libFuzzer would look at each byte that strlcpy() copies
		sysdeps/*) compile "$object" "$source" "$source/$file" \
			"${flags[@]/fuzzer-no-link,/}" -w ;;
		*) compile "$object" "$source" "$source/$file" "${flags[@]}" -w ;;
		esac
	done
	${cc##* } "${link[@]}" -o "$bin/$name" "${objects[@]}" "${libs[@]}"
}
