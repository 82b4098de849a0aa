#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# debian-kernel.sh [cloud-amd64|amd64]: download and unpack the newest Debian 6.12
# kernel of that flavour (default cloud-amd64) in this machine's apt sources, and
# print its directory.  It contains vmlinuz, release (as printed by uname -r), package
# and version (of the image), and lib/modules.  Nothing is installed.  The script
# checks for a newer kernel once a day.
set -eu
. "$(dirname "$0")/../common.sh"

flavour=${1:-cloud-amd64}
case $#,$flavour in
[01],cloud-amd64 | 1,amd64) ;;
*) usage_error "usage: $prog [cloud-amd64|amd64]" ;;
esac

dir=$cache/debian/kernel
lock "$dir/.lock-$flavour"
record=$dir/$flavour		# "package version"

if [ -z "$(find "$record" -mmin -1440 2>/dev/null)" ]; then
	found=$("$top/scripts/fetch/apt-source.sh" kernels machine \
		"6\.12\.[0-9]+\+deb1[0-9]+-$flavour" | tail -n 1 | cut -d' ' -f2-)
	if [ -n "$found" ]; then
		echo "$found" >"$record.new"
		mv "$record.new" "$record"
	elif [ -s "$record" ]; then
		say "$flavour: cannot check for a newer kernel, using $(cat "$record")"
		touch "$record"
	else
		die "no 6.12 kernel for $flavour in this machine's apt sources"
	fi
fi

read -r package version <"$record"
release=${package#linux-image-}
release=${release%-unsigned}
tree=$dir/${package}_$version
if [ ! -e "$tree/.complete" ]; then
	say "$flavour: fetching $package $version"
	deb=$("$top/scripts/fetch/apt-source.sh" deb machine "$package=$version" "$cache/deb")
	rm -rf "$tree" "$tree.part"
	mkdir -p "$tree.part"
	dpkg-deb --fsys-tarfile "$deb" |
		tar -x --no-same-owner -C "$tree.part" ./boot ./lib/modules
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
		cat "$dir/amd64" "$dir/cloud-amd64" 2>/dev/null | sed 's/ /_/' |
			grep -qxF -- "${old##*/}" || rm -rf "$old"
	done
fi
echo "$tree"
