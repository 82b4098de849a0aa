#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-series.sh [PATCH...]: check that each patch of series/, or these, such as
# 2-srp/0003-key-channel, leaves a tree that builds and passes its tests: in User-mode
# Linux on mainline, without SRP, with the target as a module, and with all of it built
# in, where the KUnit suites that are there by then run.  A warning is an error.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"
. "$top/scripts/kernel/series.sh"

export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_BASEDIR=$cache
iscsi=drivers/target/iscsi
# Files that the series adds
ours='iscsi/(srp|tests|tls)/|iscsi_target_(srp|tls|guess|peer|pending)|iscsi_srp\.h'

# compile SRC OPTION=VALUE...: the objects that the series is about, with these options
compile() {
	local src=$1 build=$cache/mainline/series/build-options
	local config=$build/.config-series log=$cache/mainline/log/series-options.log option
	shift
	build_dir "$build" "$src"
	cp "$top/qemu/config/base.config" "$config"
	for option; do
		sed -i "/^${option%%=*}=/d" "$config"
		echo "$option" >>"$config"
	done
	make_it() {
		run_logged "$log" make -C "$src" O="$build" ARCH=um CC="ccache gcc" \
			HOSTCC="ccache gcc" -j"$(nproc)" "$@"
	}
	# As a condition, set -e has no effect here
	make_it allnoconfig KCONFIG_ALLCONFIG="$config" && make_it prepare &&
		make_it W=1 $iscsi/ drivers/scsi/iscsi_tcp.o &&
		! grep -A3 -E "^[^ ]*($ours)[^ ]*: warning:" "$log"
}

# check NAME COMMAND...: passes if the command succeeds
check() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1 </dev/null); then
		echo "ok series/$name"
	else
		printf 'not ok series/%s\n%s\n' "$name" "$output"
	fi
}

# suites PATCH: build it in and run the KUnit suites, if there are any
suites() {
	if grep -q 'config ISCSI_TARGET.*KUNIT' "$src/$iscsi/Kconfig"; then
		"$top/kunit/run.sh" -t "$1" mainline
	else
		"$top/scripts/kernel/build-kernel.sh" -t "$1" mainline
	fi
}

if [ $# -eq 0 ]; then
	mapfile -t patches < <(series_patches)
	set -- "${patches[@]#"$series_dir"/}"
fi
for patch; do
	patch=${patch%.patch}
	src=$("$top/scripts/kernel/lay-tree.sh" -t "$patch" mainline)
	check "$patch/without-SRP" compile "$src" CONFIG_ISCSI_TARGET_SRP=n
	check "$patch/module" compile "$src" CONFIG_ISCSI_TARGET=m
	check "$patch/kunit" suites "$patch"
done | "$top/ci/summary.sh"
