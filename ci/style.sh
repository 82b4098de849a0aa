#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# style.sh: run checkpatch --strict, sparse and W=1 on the kernel code for both
# kernels, build it without what it can do without, run shellcheck on the scripts, and
# check who includes what (layers.py).  Prints a line for each check with its
# complaints below, and the sum.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"
. "$top/scripts/kernel/series.sh"

# check NAME COMMAND...: passes if it succeeds in silence
check() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1 </dev/null) && [ -z "$output" ]; then
		echo "ok $name"
	else
		echo "not ok $name"
		printf '%s\n' "$output"
	fi
}

kernel_files() {
	overlay_files | grep '\.[ch]$' | grep -v "^$vectors_h\$"
}

# checkpatch [-v] PATTERN OPTION...: on the files whose path (does not) match
checkpatch() {
	local src filter=(grep)
	src=$("$top/scripts/kernel/lay-tree.sh" mainline)
	if [ "$1" = -v ]; then
		filter+=(-v)
		shift
	fi
	filter+=("$1")
	shift
	# No .git: checkpatch would want to look into the kernel's
	# shellcheck disable=SC2046
	(cd "$top" && GIT_DIR=/nonexistent perl "$src/scripts/checkpatch.pl" \
		--strict --terse --quiet --show-types --no-summary \
		--root="$src" "$@" -f $(kernel_files | "${filter[@]}");
		status=$?
		rm -f .checkpatch-camelcase.*	# its cache
		exit $status)
}

# compile KERNEL: what sparse and W=1 say of files that are ours
compile() {
	local kernel=$1 src build log what
	src=$("$top/scripts/kernel/lay-tree.sh" "$kernel")
	build=$cache/$kernel/build-style
	log=$cache/$kernel/log/style.log
	(
		lock "$cache/$kernel/.lock-style"
		build_dir "$build" "$src"
		make_it() {
			run_logged "$log" make -C "$src" O="$build" ARCH=um \
				CC="ccache gcc" HOSTCC="ccache gcc" \
				-j"$(nproc)" "$@"
		}
		make_it allnoconfig KCONFIG_ALLCONFIG="$top/qemu/config/base.config"
		make_it prepare
		find "$build/drivers/target/iscsi" -name '*.o' -delete 2>/dev/null || :
		rm -f "$build/drivers/scsi/iscsi_tcp.o"
		make_it W=1 C=2 CHECK="$sparse" drivers/target/iscsi/ drivers/scsi/iscsi_tcp.o
	) || return
	# Nothing of ours compiled would be silent, too
	for what in CC CHECK; do
		grep -q "$what .*iscsi/srp/" "$log" ||
			echo "$what: no file of SRP: $log"
	done
	grep -E '^[^ ]*(iscsi_target_(srp|tls)\.h|iscsi_target_(guess|peer|pending)[a-z_]*\.[ch]|iscsi/(srp|tests|tls)/[a-z_/]*\.[ch]|iscsi_srp\.h):[0-9]+' \
		"$log" || :
	# The initiator's patches
	grep -q 'CC .*scsi/iscsi_tcp\.o' "$log" || echo "iscsi_tcp was not compiled: $log"
	grep -E '^[^ ]*scsi/iscsi_tcp\.[ch]:[0-9]+' "$log" || :
}

# without KERNEL OPTION: the driver with this option off must compile, too
without() {
	local kernel=$1 option=$2 src build config
	src=$("$top/scripts/kernel/lay-tree.sh" "$kernel")
	build=$cache/$kernel/build-without
	config=$build/.without
	(
		lock "$cache/$kernel/.lock-without"
		build_dir "$build" "$src"
		make_it() {
			run_logged "$cache/$kernel/log/without.log" make -C "$src" \
				O="$build" ARCH=um CC="ccache gcc" \
				HOSTCC="ccache gcc" -j"$(nproc)" "$@"
		}
		grep -v "^$option=" "$top/qemu/config/base.config" >"$config"
		echo "# $option is not set" >>"$config"
		make_it allnoconfig KCONFIG_ALLCONFIG="$config"
		! grep "^$option=" "$build/.config" || exit
		make_it prepare
		make_it drivers/target/iscsi/
		! grep -A3 'warning:' "$cache/$kernel/log/without.log"
	)
}

shell() {
	(cd "$top" && git grep -lE '^#!/bin/(ba)?sh|^# shellcheck shell=' |
		xargs shellcheck)
}

# No file is half merged, and each file of the overlay is in one commit of the series
complete() {
	! (cd "$top" && git grep -nE '^(<<<<<<<|>>>>>>>) ') || return
	check_overlay_named
}

export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_BASEDIR=$cache
sparse=$("$top/scripts/fetch/sparse.sh")
{
	lists='srp/group\.h$\|srp/.*configfs\.[ch]$'
	check checkpatch checkpatch -v "^include/trace/\|$lists"
	# TP_STRUCT__entry( and the like end lines so in every kernel header
	check checkpatch/trace checkpatch ^include/trace/ \
		--ignore OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT
	# Macros that list other macros' arguments are no expressions
	check checkpatch/lists checkpatch "$lists" --ignore \
		COMPLEX_MACRO,MACRO_ARG_PRECEDENCE,MACRO_ARG_REUSE,MACRO_ARG_UNUSED,TRAILING_SEMICOLON
	for kernel in 6.12 mainline; do
		check "sparse-W1/$kernel" compile "$kernel"
	done
	for option in CONFIG_AUDIT CONFIG_ISCSI_TARGET_SRP; do
		check "without-$option" without mainline $option
	done
	check shellcheck shell
	check layers "$top/ci/layers.py"
	check complete complete
} | "$top/ci/summary.sh"
