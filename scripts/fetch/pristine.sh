#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pristine.sh [-u] 6.1|6.12|mainline: print the path of that kernel's sources as
# Debian ships them, downloaded and unpacked once.  Nothing writes there.
#
# 6.1 and 6.12 are linux-source-6.1 and -6.12 of the machine's own apt, mainline
# the newest linux-source of Debian unstable.  Which version that is gets looked
# up at most once a day, or with -u; a machine without network keeps the one it
# has.  Of 6.1, of which no kernel is built, there is only what the series changes.
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

# Is there a usable record that is young enough?
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
		say "$kernel: cannot look for a newer version, staying with $(cat "$record")"
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
	[ -f "$tree.part/Kbuild" ] || die "$package $version holds no kernel sources"
	touch "$tree.part/.complete"
	mv "$tree.part" "$tree"
	rm -f "$deb"
	# Versions that no record names any more are of no use
	for old in "$cache"/pristine/linux-source-*; do
		sed 's/ /_/' "$cache"/pristine/*.version |
			grep -qxF -- "${old##*/}" || rm -rf "$old"
	done
fi
echo "$tree"
