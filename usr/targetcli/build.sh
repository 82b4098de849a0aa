#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build.sh DESTDIR    install the patched targetcli-fb to DESTDIR
#
# The versions go to the same places as those of usr/rtslib/build.sh.
set -euo pipefail
. "$(dirname "$0")/../../scripts/common.sh"

top=$(cd "$(dirname "$0")/../.." && pwd -P)
here=$top/usr/targetcli
[ $# -eq 1 ] || usage_error "usage: build.sh DESTDIR"
dest=$1

# install_to TREE PYTHON BIN
install_to() {
	mkdir -p "$2" "$3"
	cp -r "$1/targetcli" "$2/"
	# the newest asks Python for its version
	find "$1" -maxdepth 1 -name 'targetcli-*.dist-info' -exec cp -r {} "$2/" \;
	install -m 755 "$1"/scripts/* "$3/"
	python3=/usr/bin/python3
	[ -x "$python3" ] || python3=python3
	"$python3" -m compileall -q "$2"
}

work=$("$top/scripts/package/patch-deb.sh" "$here/2.1.53")
install_to "$work/src" "$dest/usr/lib/python3/dist-packages" "$dest/usr/bin"
install -d "$dest/usr/share/man/man8"
install -m 644 "$work"/src/*.8 "$dest/usr/share/man/man8/"
install_to "$work/orig" "$dest/usr/lib/lio-srp/debian12-plain" \
	"$dest/usr/lib/lio-srp/debian12-plain/bin"
if work=$("$top/scripts/package/patch-deb.sh" "$here/3.0.2"); then
	for kind in newest newest-plain; do
		tree=$work/src
		[ $kind = newest ] || tree=$work/orig
		install_to "$tree" "$dest/usr/lib/lio-srp/$kind" "$dest/usr/lib/lio-srp/$kind/bin"
	done
else
	say "targetcli-fb 3.0.2 is left out: tests of it are skipped"
fi
