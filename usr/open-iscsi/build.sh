#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build.sh DESTDIR    build the patched open-iscsi and install it to DESTDIR
# build.sh --build    build only
# build.sh --cache    prepare the sources only
#
# The last two print a directory in the cache with the patched source in src, the
# source without our patches in orig, and the build in build.
#
# Installs iscsid, iscsiadm, iscsistart, iscsi-iname, libopeniscsiusr and their man
# pages below DESTDIR/usr. The cache has a directory for each version of pin,
# series and patches, which is built once.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
prog=open-iscsi/build.sh

die() { # STATUS MESSAGE
	echo "$prog: $2" >&2
	exit "$1"
}

[ $# -eq 1 ] || die 64 "usage: build.sh DESTDIR | --build | --cache"
for tool in dpkg-source patch flock gcc pkg-config; do
	command -v "$tool" >/dev/null || die 69 "$tool is missing: run scripts/fetch/deps.sh"
done

cd "$here"
. ./pin
mapfile -t patches < <(grep -v '^#' series)
hash=$(cat pin series "${patches[@]}" build.sh | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lio-srp/open-iscsi
work=$cache/$hash
mkdir -p "$work"
export CCACHE_DIR=${CCACHE_DIR:-${cache%/*}/ccache}

# Wait for a build of the same version
exec 9>"$work/lock"
flock 9

prepare() {
	local dsc orig dir
	[ ! -e "$work/prepared" ] || return 0

	rm -rf "$work/src" "$work/orig" "$work/build" "$work/built"
	dir=$cache/download/$VERSION
	dsc=$dir/open-iscsi_$VERSION.dsc
	if [ ! -e "$dsc" ]; then
		mkdir -p "$dir"
		"$top/scripts/fetch/apt-source.sh" src "$SUITE" "open-iscsi=$VERSION" "$dir" >/dev/null
	fi
	orig=$(find "$dir" -name "$ORIG")
	[ -n "$orig" ] || die 66 "$ORIG is not in $dir: remove that directory to download again"
	echo "$SHA256  $orig" | sha256sum --check --status ||
		die 65 "$orig does not have the checksum in $here/pin"

	# Unpack with Debian's patches. apt has checked the signature.
	dpkg-source --no-check --no-copy -x "$(find "$dir" -name '*.dsc')" "$work/src" >"$work/prepare.log" 2>&1 ||
		die 65 "cannot unpack open-iscsi $VERSION: see $work/prepare.log"
	cp -a "$work/src" "$work/orig"
	for p in "${patches[@]}"; do
		patch -d "$work/src" -p1 -s -F0 <"$p" >>"$work/prepare.log" 2>&1 ||
			die 65 "$p does not apply to open-iscsi $VERSION: see $work/prepare.log"
	done
	touch "$work/prepared"
	# Remove versions that were not used for a week
	find "$cache" -maxdepth 1 -name '????????????????' -mtime +7 -exec rm -rf {} +
}

build() {
	local cc=gcc
	[ ! -e "$work/built" ] || return 0
	for tool in meson ninja; do
		command -v "$tool" >/dev/null || die 69 "$tool is missing: run scripts/fetch/deps.sh"
	done

	! command -v ccache >/dev/null || cc="ccache gcc"
	rm -rf "$work/build"
	{
		CC=$cc meson setup "$work/build" "$work/src" \
			-Dbuildtype=debugoptimized \
			-Dc_args="-fstack-protector-strong -D_FORTIFY_SOURCE=2" \
			-Diqn_prefix=iqn.1993-08.org.debian:01 &&
		ninja -C "$work/build" iscsid iscsiadm iscsistart iscsi-iname
	} >"$work/build.log" 2>&1 </dev/null || {
		tail -n 30 "$work/build.log" >&2
		die 70 "the build failed: see $work/build.log"
	}
	touch "$work/built"
}

install_to() {
	local dest=$1 libdir
	libdir=$(gcc -print-multiarch)
	install -d "$dest/usr/sbin" "$dest/usr/lib/$libdir" "$dest/usr/share/man/man8"
	install -m 755 "$work"/build/{iscsid,iscsiadm,iscsistart,iscsi-iname} "$dest/usr/sbin"
	install -m 644 "$work/build/libopeniscsiusr.so.0.2.0" "$dest/usr/lib/$libdir"
	ln -sf libopeniscsiusr.so.0.2.0 "$dest/usr/lib/$libdir/libopeniscsiusr.so.0"
	install -m 644 "$work"/build/{iscsid,iscsiadm,iscsistart}.8 "$dest/usr/share/man/man8"
}

prepare
touch "$work"
case $1 in
--cache) echo "$work" ;;
--build)
	build
	echo "$work"
	;;
-*) die 64 "unknown option $1" ;;
*)
	build
	install_to "$1"
	;;
esac
