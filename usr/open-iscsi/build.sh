#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build.sh DESTDIR            build the patched open-iscsi and install it to DESTDIR
# build.sh --build VERSION    build a version only
# build.sh --cache VERSION    prepare its sources only
#
# The last two print a directory in the cache with the patched source in src, the
# source without our patches in orig, and the build in build.
#
# Installs iscsid, iscsiadm, iscsistart, iscsi-iname, libopeniscsiusr and their man
# pages of the newest version below DESTDIR/usr, and the programs of Debian's in
# DESTDIR/usr/lib/lio-srp/open-iscsi-VERSION, for tests.  If the archive no longer has
# the newest, Debian's are installed twice.  The cache has a directory for each version
# of pin, series and patches, which is built once.
set -euo pipefail

newest=2.1.13
debian=2.1.11

here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
prog=open-iscsi/build.sh
programs=(iscsid iscsiadm iscsistart iscsi-iname)
library=libopeniscsiusr.so.0.2.0

die() { # STATUS MESSAGE
	echo "$prog: $2" >&2
	exit "$1"
}

for tool in dpkg-source patch flock gcc pkg-config; do
	command -v "$tool" >/dev/null || die 69 "$tool is missing: run scripts/fetch/deps.sh"
done

cache=${XDG_CACHE_HOME:-$HOME/.cache}/lio-srp/open-iscsi
export CCACHE_DIR=${CCACHE_DIR:-${cache%/*}/ccache}

# prepare VERSION: set $work to its directory, with the sources in it
prepare() {
	local dsc tarball dir patches p
	cd "$here/$1"
	# shellcheck disable=SC1091
	. ./pin
	mapfile -t patches < <(grep -v '^#' series)
	work=$cache/$(cat pin series "${patches[@]}" "$here/build.sh" | sha256sum | cut -c1-16)
	mkdir -p "$work"

	# Wait for a build of the same version
	exec 9>"$work/lock"
	flock 9
	touch "$work"
	[ ! -e "$work/prepared" ] || return 0

	rm -rf "$work/src" "$work/orig" "$work/build" "$work/built"
	dir=$cache/download/$VERSION
	dsc=$dir/open-iscsi_$VERSION.dsc
	if [ ! -e "$dsc" ]; then
		mkdir -p "$dir"
		"$top/scripts/fetch/apt-source.sh" src "$SUITE" "open-iscsi=$VERSION" "$dir" >/dev/null ||
			die 66 "open-iscsi $VERSION cannot be fetched"
	fi
	tarball=$(find "$dir" -name "$ORIG")
	[ -n "$tarball" ] || die 66 "$ORIG is not in $dir: remove that directory to download again"
	echo "$SHA256  $tarball" | sha256sum --check --status ||
		die 65 "$tarball does not have the checksum in $here/$1/pin"

	# Unpack with Debian's patches. apt has checked the signature.
	dpkg-source --no-check --no-copy -x "$(find "$dir" -name '*.dsc')" "$work/src" >"$work/prepare.log" 2>&1 ||
		die 65 "cannot unpack open-iscsi $VERSION: see $work/prepare.log"
	cp -a "$work/src" "$work/orig"
	for p in "${patches[@]}"; do
		patch -d "$work/src" -p1 -s -F0 --no-backup-if-mismatch <"$p" >>"$work/prepare.log" 2>&1 ||
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
		ninja -C "$work/build" "${programs[@]}"
	} >"$work/build.log" 2>&1 </dev/null || {
		tail -n 30 "$work/build.log" >&2
		die 70 "the build failed: see $work/build.log"
	}
	touch "$work/built"
}

# install_to BINDIR LIBDIR
install_to() {
	install -d "$1" "$2"
	install -m 755 "${programs[@]/#/$work/build/}" "$1"
	install -m 644 "$work/build/$library" "$2"
	ln -sf "$library" "$2/libopeniscsiusr.so.0"
}

install_both() {
	local default=$newest status=0 dir=$1/usr/lib/lio-srp/open-iscsi-$debian
	"$here/build.sh" --cache $newest >/dev/null || status=$?
	case $status in
	0) ;;
	66)
		default=$debian
		echo "  open-iscsi $newest is left out: $debian is tested twice" >&2
		;;
	*) exit "$status" ;;
	esac
	prepare $default
	build
	install_to "$1/usr/sbin" "$1/usr/lib/$(gcc -print-multiarch)"
	install -d "$1/usr/share/man/man8"
	install -m 644 "$work"/build/{iscsid,iscsiadm,iscsistart}.8 "$1/usr/share/man/man8"
	prepare $debian
	build
	# They look for the library in their own directory first
	install_to "$dir" "$dir"
}

case $#,${1:-} in
2,--cache | 2,--build)
	[ -e "$here/$2/pin" ] || die 64 "no version '$2': must be $newest or $debian"
	prepare "$2"
	[ "$1" = --cache ] || build
	echo "$work"
	;;
1,-*) die 64 "unknown option $1" ;;
1,*) install_both "$(mkdir -p "$1" && cd "$1" && pwd -P)" ;;
*) die 64 "usage: build.sh DESTDIR | --build VERSION | --cache VERSION" ;;
esac
