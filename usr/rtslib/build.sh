#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build.sh DESTDIR    install the patched rtslib-fb and targetctl to DESTDIR
#
# Python finds Debian 12's version.  Tests use the others in DESTDIR/usr/lib/lio-srp:
# Debian 12's without patches (debian12-plain), and the newest with and without
# patches (newest, newest-plain).  Each is a directory for PYTHONPATH, with programs
# in bin/.
set -euo pipefail
. "$(dirname "$0")/../../scripts/common.sh"

top=$(cd "$(dirname "$0")/../.." && pwd -P)
here=$top/usr/rtslib
[ $# -eq 1 ] || usage_error "usage: build.sh DESTDIR"
dest=$1

# install_to TREE PYTHON BIN
install_to() {
	mkdir -p "$2" "$3"
	cp -r "$1/rtslib" "$2/"
	if [ -d "$1/rtslib_fb" ]; then
		# Debian 12 has it twice; the patches are for one of the two
		diff -r "$work/orig/rtslib" "$work/orig/rtslib_fb" >&2 ||
			die "rtslib and rtslib_fb differ in $work/orig"
		mkdir -p "$2/rtslib_fb"
		cp -r "$1/rtslib/." "$2/rtslib_fb/"
	else
		cp "$1/rtslib_fb.py" "$2/"
	fi
	install -m 755 "$1/scripts/targetctl" "$3/"
	python3=/usr/bin/python3
	[ -x "$python3" ] || python3=python3
	"$python3" -m compileall -q "$2"
}

work=$("$top/scripts/package/patch-deb.sh" "$here/2.1.75")
install_to "$work/src" "$dest/usr/lib/python3/dist-packages" "$dest/usr/bin"
install_to "$work/orig" "$dest/usr/lib/lio-srp/debian12-plain" \
	"$dest/usr/lib/lio-srp/debian12-plain/bin"
if work=$("$top/scripts/package/patch-deb.sh" "$here/2.2.3"); then
	for kind in newest newest-plain; do
		tree=$work/src
		[ $kind = newest ] || tree=$work/orig
		install_to "$tree" "$dest/usr/lib/lio-srp/$kind" "$dest/usr/lib/lio-srp/$kind/bin"
	done
else
	say "rtslib-fb 2.2.3 is left out: tests of it are skipped"
fi
