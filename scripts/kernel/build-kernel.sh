#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-kernel.sh [-d|-u|-t PATCH] 6.12|mainline: incrementally build the User-mode Linux
# kernel of the patched tree and print the path of the program.
# -d: with the debug fragment (KASAN, lockdep, kmemleak...).
# -u: without this project's code, otherwise the same.
# -t PATCH: with the patches of series/ up to this one only.
set -euo pipefail
. "$(dirname "$0")/../common.sh"

variant=
lay=()
fragments=("$top/qemu/config/base.config")
case ${1:-} in
-d)
	variant=-debug
	fragments+=("$top/qemu/config/debug.config")
	shift
	;;
-u)
	variant=-unpatched
	lay=(-u)
	shift
	;;
-t)
	variant=-series
	lay=(-t "${2:-}")
	shift 2
	;;
esac
[ $# -eq 1 ] || usage_error "usage: $prog [-d|-u|-t PATCH] 6.12|mainline"
kernel=$1
check_kernel "$kernel"

src=$("$top/scripts/kernel/lay-tree.sh" "${lay[@]}" "$kernel")
build=${src%/*}/build
[ "$variant" != -debug ] || build+=-debug
lock "$cache/$kernel/.lock-build$variant"
build_dir "$build" "$src"

export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_BASEDIR=$cache
export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-4G} CCACHE_NOHASHDIR=1
# The image must depend only on its sources, not on user or time
export KBUILD_BUILD_USER=lio-srp KBUILD_BUILD_HOST=lio-srp
export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970'
export KBUILD_BUILD_VERSION=1
export KCONFIG_NOTIMESTAMP=1

kbuild() {
	run_logged "$cache/$kernel/log/$1$variant.log" make -C "$src" O="$build" \
		ARCH=um CC="ccache gcc" HOSTCC="ccache gcc" -j"$(nproc)" "$1" "${@:2}"
}

# Skip kbuild if nothing changed: it takes seconds anyway
content() {
	cat "${fragments[@]}" "$src/.content" "$0" | sha256sum
}
content=$(content)
if [ -x "$build/linux" ] && [ "$(cat "$build/.built" 2>/dev/null)" = "$content" ]; then
	echo "$build/linux"
	exit
fi
rm -f "$build/.built"

# Configure if a fragment or an option in the tree changed
stamp=$(cat "${fragments[@]}" "$src/.pristine" \
	"$src/drivers/target/iscsi/Kconfig" "$src/net/Kconfig" | sha256sum)
if [ "$(cat "$build/.configured" 2>/dev/null)" != "$stamp" ]; then
	rm -f "$build/.configured"
	cat "${fragments[@]}" >"$build/.fragments"
	kbuild allnoconfig KCONFIG_ALLCONFIG="$build/.fragments"
	echo "$stamp" >"$build/.configured"
fi

if [ -x "$build/linux" ]; then
	say "$kernel$variant: updating the kernel"
else
	say "$kernel$variant: building the kernel (some minutes)"
fi
# Show progress
while sleep 30 2>/dev/null 9>&- && kill -0 $$; do
	say "$kernel$variant: $(grep -c '^  CC ' "$cache/$kernel/log/linux$variant.log") files compiled"
done </dev/null >/dev/null &
progress=$!
trap 'kill $progress' EXIT
kbuild linux
# ...unless another checkout has replaced the tree meanwhile
if [ "$content" = "$(content)" ]; then
	echo "$content" >"$build/.built"
fi
echo "$build/linux"
