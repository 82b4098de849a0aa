#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# debian-kernel.sh RELEASE [cloud-amd64|amd64|cloud-arm64]: download and unpack the newest
# 6.12 kernel of that flavour (default cloud-amd64) for that Debian release, and print its
# directory.  It contains vmlinuz, release (as printed by uname -r), package and version
# (of the image), and lib/modules.  Nothing is installed.  The script checks for a newer
# kernel once a day.
set -eu
. "$(dirname "$0")/../common.sh"
. "$top/scripts/package/release.sh"

debian=${1:-}
flavour=${2:-cloud-amd64}
foreign=
case $#,$flavour in
[12],cloud-amd64 | 2,amd64) ;;
2,cloud-arm64) foreign=:arm64 ;;
*) usage_error "usage: $prog RELEASE [cloud-amd64|amd64|cloud-arm64]" ;;
esac
codename_of "$debian" >/dev/null

dir=$cache/debian/kernel
lock "$dir/.lock-$debian-$flavour"
record=$dir/$debian-$flavour	# "package version suite"

if [ -z "$(find "$record" -mmin -1440 2>/dev/null)" ]; then
	found=$(for suite in $(suites_of "$debian"); do
		"$top/scripts/fetch/apt-source.sh" kernels "$suite$foreign" \
			"6\.12\.[0-9]+\+deb1[0-9]+-$flavour" | sed "s/\$/ $suite$foreign/"
	done | sort -V | tail -n 1 | cut -d' ' -f2-)
	if [ -n "$found" ]; then
		echo "$found" >"$record.new"
		mv "$record.new" "$record"
	elif [ -s "$record" ]; then
		say "$flavour: cannot check for a newer kernel, using $(cat "$record")"
		touch "$record"
	else
		die "the archive has no 6.12 kernel for $flavour and Debian $debian"
	fi
fi

read -r package version suite <"$record"
release=${package#linux-image-}
release=${release%-unsigned}
tree=$dir/${package}_$version
if [ ! -e "$tree/.complete" ]; then
	say "$flavour: fetching $package $version"
	deb=$("$top/scripts/fetch/apt-source.sh" deb "$suite" "$package=$version" "$cache/deb")
	rm -rf "$tree" "$tree.part"
	mkdir -p "$tree.part"
	dpkg-deb --fsys-tarfile "$deb" |
		tar -x --no-same-owner -C "$tree.part" --wildcards ./boot '*/lib/modules' \
			--transform 's|^\./usr/lib/|./lib/|'
	mv "$tree.part/boot/vmlinuz-$release" "$tree.part/vmlinuz"
	/sbin/depmod -b "$tree.part" "$release"
	echo "$release" >"$tree.part/release"
	echo "$package" >"$tree.part/package"
	echo "$version" >"$tree.part/version"
	touch "$tree.part/.complete"
	mv "$tree.part" "$tree"
	rm -f "$deb"
	# Remove versions that no record names
	for old in "$dir"/linux-image-*; do
		cat "$dir"/*-*64 2>/dev/null | cut -d' ' -f1,2 | tr ' ' _ |
			grep -qxF -- "${old##*/}" || rm -rf "$old"
	done
fi
echo "$tree"
