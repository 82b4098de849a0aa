#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tlshd.sh: download tlshd, which makes the TLS handshakes of a target, and print the
# directory of a tree with it, usr/sbin/tlshd.
#
# Debian has it since release 13.  It runs on older ones as well, as the tree has all
# libraries of release 13 that it needs.  Nothing is installed.
set -euo pipefail
. "$(dirname "$0")/../common.sh"
. "$top/scripts/package/release.sh"

packages='ktls-utils libatomic1 libc6 libffi8 libglib2.0-0t64 libgmp10 libgnutls30t64
	libhogweed6t64 libidn2-0 libkeyutils1 libnettle8t64 libnl-3-200
	libnl-genl-3-200 libp11-kit0 libpcre2-8-0 libtasn1-6 libunistring5'

[ $# -eq 0 ] || usage_error "usage: $prog"
tree=$cache/tlshd/$(sha256sum <"$top/scripts/fetch/${0##*/}" | cut -c1-16)
lock "$cache/tlshd/.lock"
if [ ! -d "$tree" ]; then
	say "tlshd: fetching it and its libraries"
	part=$tree.part
	rm -rf "$cache/tlshd"/*
	mkdir -p "$part/usr/sbin" "$part/usr/lib/tlshd"
	for package in $packages; do
		deb=$("$top/scripts/fetch/apt-source.sh" deb "$(codename_of 13)" \
			"$package" "$cache/deb")
		mkdir "$part/deb"
		dpkg-deb -x "$deb" "$part/deb"
		rm -f "$deb"
		find "$part/deb" \( -name '*.so*' -o -path '*/sbin/tlshd' \) \
			! -type d ! -path '*/gconv/*' ! -path '*/lib64/*' \
			-exec cp -a -t "$part/usr/lib/tlshd" {} +
		rm -r "$part/deb"
	done
	cat >"$part/usr/sbin/tlshd" <<-'END'
	#!/bin/sh
	lib=/usr/lib/tlshd
	exec $lib/ld-linux-x86-64.so.2 --library-path $lib $lib/tlshd "$@"
	END
	chmod +x "$part/usr/sbin/tlshd"
	mv "$part" "$tree"
fi
echo "$tree"
