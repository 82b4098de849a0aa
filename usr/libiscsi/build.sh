#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build.sh DESTDIR    build the patched libiscsi, and install the library and its
#                     programs to DESTDIR/usr/lib/lio-srp/libiscsi
# build.sh --cache    prepare its sources only
# build.sh --build    build it only
#
# The last two print a directory in the cache with the patched source in src, the
# source without our patches in orig, and the build in build.  The cache has a directory
# for each version of pin, series and patches, which is built once.  If the archive does not
# have the source, nothing is installed, and the others exit with status 66.
#
# The library has the soname that Debian gives it, libiscsi.so.7, so that Debian's QEMU
# uses it with LD_LIBRARY_PATH.
set -euo pipefail

release=1.20.0

here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
prog=libiscsi/build.sh
programs=(utils/iscsi-{inq,ls,readcapacity16} test-tool/iscsi-test-cu)

die() { # STATUS MESSAGE
	echo "$prog: $2" >&2
	exit "$1"
}

# need TOOL...
need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || die 69 "$tool is missing: run scripts/fetch/deps.sh"
	done
}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/lio-srp/libiscsi
export CCACHE_DIR=${CCACHE_DIR:-${cache%/*}/ccache}

# prepare: set $work to the directory of this version, with the sources in it
prepare() {
	local dir patches p
	need flock patch
	cd "$here/$release"
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
	dir=$cache/download
	if [ ! -e "$dir/$ORIG" ]; then
		mkdir -p "$dir"
		"$top/scripts/fetch/apt-source.sh" orig "$SUITE" "libiscsi=$VERSION" "$dir" >/dev/null ||
			die 66 "libiscsi $VERSION cannot be fetched"
	fi
	echo "$SHA256  $dir/$ORIG" | sha256sum --check --status ||
		die 65 "$dir/$ORIG does not have the checksum in $here/$release/pin"

	mkdir "$work/orig"
	tar -x -f "$dir/$ORIG" -C "$work/orig" --strip-components=1
	cp -a "$work/orig" "$work/src"
	: >"$work/prepare.log"
	for p in "${patches[@]}"; do
		patch -d "$work/src" -p1 -s -F0 --no-backup-if-mismatch <"$p" >>"$work/prepare.log" 2>&1 ||
			die 65 "$p does not apply to libiscsi $VERSION: see $work/prepare.log"
	done
	touch "$work/prepared"
	# Remove versions that were not used for a week
	find "$cache" -maxdepth 1 -name '????????????????' -mtime +7 -exec rm -rf {} +
}

# In another directory, so that src stays as it is.  7 is $SOCURRENT - $SOAGE.
compile() {
	local cc=gcc
	! command -v ccache >/dev/null || cc="ccache gcc"
	rm -rf "$work/build"
	cp -a "$work/src" "$work/build"
	cd "$work/build"
	# The directory has a name of its own for each version: share objects
	export CCACHE_NOHASHDIR=1
	mkdir m4
	autoreconf -fi
	./configure CC="$cc" CFLAGS="-O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2" \
		--disable-static --disable-examples --disable-tests
	make -j"$(nproc)" SOAGE=3
}

build() {
	[ ! -e "$work/built" ] || return 0
	need autoreconf gcc libtoolize make
	(compile) >"$work/build.log" 2>&1 </dev/null || {
		tail -n 30 "$work/build.log" >&2
		die 70 "the build failed: see $work/build.log"
	}
	# Without these, configure leaves parts out
	if ! grep -q '^#define HAVE_LIBGCRYPT 1' "$work/build/config.h" ||
	   [ ! -e "$work/build/test-tool/iscsi-test-cu" ]; then
		die 69 "libcunit1-dev or libgcrypt20-dev is missing: run scripts/fetch/deps.sh"
	fi
	touch "$work/built"
}

install_to() {
	local dir=$1/usr/lib/lio-srp/libiscsi p file
	install -d "$dir"
	cp -a "$work"/build/lib/.libs/libiscsi.so.7* "$dir/"
	for p in "${programs[@]}"; do
		file=$work/build/${p%/*}/.libs/${p##*/}
		# What needs no library of this build has no such file
		[ -e "$file" ] || file=$work/build/$p
		install -m 755 "$file" "$dir/"
	done
}

case $#,${1:-} in
1,--cache)
	prepare
	echo "$work"
	;;
1,--build)
	prepare
	build
	echo "$work"
	;;
1,-*) die 64 "unknown option $1" ;;
1,*)
	mkdir -p "$1"
	dest=$(cd "$1" && pwd -P)
	status=0
	"$here/build.sh" --cache >/dev/null || status=$?
	if [ $status -eq 66 ]; then
		echo "  libiscsi is left out: its tests are skipped" >&2
		exit
	fi
	[ $status -eq 0 ] || exit $status
	prepare
	build
	install_to "$dest"
	;;
*) die 64 "usage: build.sh DESTDIR | --build | --cache" ;;
esac
