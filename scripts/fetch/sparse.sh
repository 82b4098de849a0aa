#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sparse.sh: print the path of a sparse that can check mainline, built once from Debian's
# newest source.  With Debian 12's, kbuild only warns and checks nothing.
set -euo pipefail
. "$(dirname "$0")/../common.sh"

dir=$cache/sparse
lock "$dir/.lock"

# Does the newest kernel accept it?
valid() {
	[ -x "$dir/sparse" ] && [ "$(sh "$("$top/scripts/fetch/pristine.sh" mainline)/scripts/checker-valid.sh" \
		"$dir/sparse" --arch=um -mlittle-endian -m64)" = 1 ]
}

if ! valid; then
	say "sparse: building it"
	rm -rf "$dir/src" "$dir"/*.dsc "$dir"/*.tar.*
	dsc=$("$top/scripts/fetch/apt-source.sh" src unstable sparse "$dir")
	# apt has checked the signature
	run_logged "$cache/log/sparse.log" dpkg-source --no-check --no-copy -x "$dsc" "$dir/src"
	# Debian's patch names its newest gcc
	run_logged "$cache/log/sparse.log" make -C "$dir/src" CC=gcc HAVE_SQLITE=no sparse
	mv "$dir/src/sparse" "$dir/sparse"
	rm -rf "$dir/src"
	valid || die "mainline does not accept Debian's newest sparse"
fi
echo "$dir/sparse"
