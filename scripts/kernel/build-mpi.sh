#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-mpi.sh 6.12|mainline: build mpi_bench.ko for the guests' kernel and print its
# path.  That kernel is built without lib/crypto/mpi, because nothing in it uses it, so
# the module contains lib/crypto/mpi from the same sources.
set -euo pipefail
. "$(dirname "$0")/../common.sh"

[ $# -eq 1 ] || usage_error "usage: $prog 6.12|mainline"
kernel=$1
check_kernel "$kernel"

"$top/scripts/kernel/build-kernel.sh" "$kernel" >/dev/null
src=$cache/$kernel/src
build=$cache/$kernel/build
dir=$cache/$kernel/mpi
lock "$cache/$kernel/.lock-build"

build_dir "$dir" "$src"
cp -u "$top/kunit/mpi/mpi_bench.c" "$src"/lib/crypto/mpi/*.[ch] "$dir/"
# shellcheck disable=SC2016
{
	cat "$src/lib/crypto/mpi/Makefile"	# its objects
	echo 'obj-m := mpi_speed.o'
	echo 'mpi_speed-y := mpi_bench.o $(mpi-y)'
} >"$dir/Kbuild"

export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_BASEDIR=$cache
kbuild() {
	run_logged "$cache/$kernel/log/mpi.log" make -C "$src" O="$build" ARCH=um \
		CC="ccache gcc" HOSTCC="ccache gcc" -j"$(nproc)" "$@"
}
kbuild modules_prepare
kbuild M="$dir" KBUILD_EXTRA_SYMBOLS="$build/vmlinux.symvers" modules
echo "$dir/mpi_speed.ko"
