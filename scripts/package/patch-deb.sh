#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# patch-deb.sh DIR [SUITE]    unpack a Debian package of pure Python code, apply patches
#
# DIR contains a pin (SUITE, PACKAGE, VERSION, SHA256 of the .deb) and a series of
# patches (-p1).  A file pin-SUITE names another package that the series is for.
#
# Print a directory of the cache: src contains the patched tree, orig the unpatched
# one.  The paths are those of the upstream sources: the Python packages, scripts/ with
# the programs of /usr/bin, and the man pages.
set -euo pipefail
. "$(dirname "$0")/../common.sh"

pin=pin${2:+-$2}
if [ $# -lt 1 ] || [ $# -gt 2 ] || [ ! -r "$1/$pin" ]; then
	usage_error "usage: $prog DIR [SUITE], with a pin or pin-SUITE and a series in DIR"
fi
dir=$(cd "$1" && pwd -P)
cd "$dir"
# shellcheck disable=SC1090
. "./$pin"
mapfile -t patches < <(grep -v '^#' series)
hash=$(cat "$pin" series "${patches[@]}" "$top/scripts/package/patch-deb.sh" | sha256sum | cut -c1-16)
work=$cache/python/$hash
lock "$work/lock"

unpack() {
	local deb
	mkdir -p "$cache/python/deb"
	deb=$(find "$cache/python/deb" -name "${PACKAGE}_*_all.deb" \
		-exec sha256sum {} + 2>/dev/null | sed -n "s/^$SHA256  //p" | head -n 1)
	[ -n "$deb" ] ||
		deb=$("$top/scripts/fetch/apt-source.sh" deb "$SUITE" "$PACKAGE=$VERSION" "$cache/python/deb")
	echo "$SHA256  $deb" | sha256sum --check --status ||
		die "$deb does not have the checksum in $dir/$pin"
	dpkg-deb -R "$deb" "$work/deb"
}

if [ ! -e "$work/built" ]; then
	rm -rf "$work/deb" "$work/src" "$work/orig"
	unpack
	mkdir -p "$work/orig/scripts"
	cp -a "$work/deb/usr/lib/python3/dist-packages/." "$work/orig/"
	cp -a "$work/deb/usr/bin/." "$work/orig/scripts/"
	for page in "$work"/deb/usr/share/man/man8/*.8.gz; do
		[ ! -e "$page" ] || zcat "$page" >"$work/orig/$(basename "$page" .gz)"
	done
	cp -a "$work/orig" "$work/src"
	for file in "${patches[@]}"; do
		run_logged "$cache/log/patch-deb.log" \
			patch -d "$work/src" -p1 -F0 --no-backup-if-mismatch -i "$dir/$file" ||
			die "$file does not apply to $PACKAGE $VERSION"
	done
	touch "$work/built"
	find "$cache/python" -maxdepth 1 -name '????????????????' -mtime +7 -exec rm -rf {} +
fi
touch "$work"
echo "$work"
