#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pristine.sh [-u] 6.1|6.12|mainline: print the path of Debian's sources of that
# kernel, downloaded and unpacked once and never modified.
#
# 6.1 and 6.12 are linux-source-6.1 and -6.12 from this machine's apt sources,
# mainline is the newest linux-source of Debian unstable.  The script checks for a
# newer version at most once a day, or with -u; without network it uses the existing
# one.  For 6.1, which is not built as a kernel, only the files that the series needs
# are unpacked.
set -euo pipefail
. "$(dirname "$0")/../common.sh"

update=
if [ "${1:-}" = -u ]; then
	update=yes
	shift
fi
[ $# -eq 1 ] || usage_error "usage: $prog [-u] 6.1|6.12|mainline"
kernel=$1
[ "$kernel" = 6.1 ] || check_kernel "$kernel"

lock "$cache/pristine/.lock-$kernel"
record=$cache/pristine/$kernel.version	# "package version"

members=()
case $kernel in
6.1)	  suite=machine  regex='linux-source-6\.1'
	  members=(Kbuild MAINTAINERS Documentation/target drivers/target include/target)
	  ;;
6.12)	  suite=machine  regex='linux-source-6\.12' ;;
mainline) suite=unstable regex='linux-source-[0-9]+\.[0-9]+' ;;
esac

# Is there a recent and usable record?
fresh() {
	[ -z "$update" ] && [ -n "$(find "$record" -mmin -1440 2>/dev/null)" ]
}

tree_of() {
	echo "$cache/pristine/$1_$2"
}

if ! fresh; then
	if found=$(LIO_SRP_UPDATE=$update "$top/scripts/fetch/apt-source.sh" \
			newest "$suite" "$regex"); then
		echo "$found" >"$record.new"
		mv "$record.new" "$record"
	elif [ -s "$record" ]; then
		say "$kernel: cannot check for a newer version, using $(cat "$record")"
		touch "$record"
	else
		die "cannot find the sources of $kernel"
	fi
fi

read -r package version <"$record"
tree=$(tree_of "$package" "$version")
if [ ! -e "$tree/.complete" ]; then
	say "$kernel: fetching $package $version"
	deb=$("$top/scripts/fetch/apt-source.sh" deb "$suite" "$package=$version" "$cache/deb")
	say "$kernel: unpacking"
	rm -rf "$tree" "$tree.part"
	mkdir -p "$tree.part"
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO "./usr/src/$package.tar.xz" |
		xz -dc -T0 |
		tar -x --strip-components=1 --no-same-owner -C "$tree.part" \
			"${members[@]/#/$package/}"
	[ -f "$tree.part/Kbuild" ] || die "$package $version contains no kernel sources"
	touch "$tree.part/.complete"
	mv "$tree.part" "$tree"
	rm -f "$deb"
	# Remove versions that no record names
	for old in "$cache"/pristine/linux-source-*; do
		sed 's/ /_/' "$cache"/pristine/*.version |
			grep -qxF -- "${old##*/}" || rm -rf "$old"
	done
fi
echo "$tree"
