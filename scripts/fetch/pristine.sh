#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pristine.sh [-u] 6.1|6.12|mainline: print the path of Debian's sources of that
# kernel, downloaded and unpacked once and never modified.
#
# 6.1 and 6.12 are linux-source-6.1 and -6.12 from this machine's apt sources,
# mainline is the newest linux-source of Debian unstable, experimental and
# stable-backports.  The script checks for a newer version at most once a day, or with
# -u; without network it uses the existing one.  For 6.1, which is not built as a
# kernel, only the files that the series needs are unpacked; .complete lists them.
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
apt=$top/scripts/fetch/apt-source.sh
record=$cache/pristine/$kernel.version	# "package version suite"

members=()
case $kernel in
6.1)	  suites=machine  regex='linux-source-6\.1'
	  members=(Kbuild MAINTAINERS Documentation/target drivers/target include/target
		net/Kconfig drivers/scsi/iscsi_tcp.c drivers/scsi/iscsi_tcp.h
		include/scsi/iscsi_if.h tools/testing/selftests/Makefile)
	  ;;
6.12)	  suites=machine  regex='linux-source-6\.12' ;;
mainline) suites='unstable experimental stable-backports'
	  regex='linux-source-[0-9]+\.[0-9]+'
	  ;;
esac

# Is there a recent and usable record?
fresh() {
	[ -z "$update" ] && [ -n "$(find "$record" -mmin -1440 2>/dev/null)" ]
}

tree_of() {
	echo "$cache/pristine/$1_$2"
}

# newest: print the newest package of all suites, with its suite
newest() {
	local suite package version best_version='' best=''
	for suite in $suites; do
		# Mirrors update "stable-backports", which is a link, late
		case $suite in
		stable-*) suite=$("$apt" codename "$suite") || continue ;;
		esac
		read -r package version < <(LIO_SRP_UPDATE=$update \
			"$apt" newest "$suite" "$regex") ||
			continue
		if [ -z "$best" ] ||
		   dpkg --compare-versions "$version" gt "$best_version"; then
			best="$package $version $suite" best_version=$version
		fi
	done
	[ -n "$best" ] && echo "$best"
}

if ! fresh; then
	if found=$(newest); then
		echo "$found" >"$record.new"
		mv "$record.new" "$record"
	elif [ -s "$record" ]; then
		say "$kernel: cannot check for a newer version, using $(cat "$record")"
		touch "$record"
	else
		die "cannot find the sources of $kernel"
	fi
fi

read -r package version suite <"$record"
: "${suite:=${suites%% *}}"		# older records have none
tree=$(tree_of "$package" "$version")
if ! [ -e "$tree/.complete" ] || [ "$(cat "$tree/.complete")" != "${members[*]}" ]; then
	say "$kernel: fetching $package $version"
	deb=$("$apt" deb "$suite" "$package=$version" "$cache/deb")
	say "$kernel: unpacking"
	rm -rf "$tree.part"
	mkdir -p "$tree.part"
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO "./usr/src/$package.tar.xz" |
		xz -dc -T0 |
		tar -x --strip-components=1 --no-same-owner -C "$tree.part" \
			"${members[@]/#/$package/}"
	[ -f "$tree.part/Kbuild" ] || die "$package $version contains no kernel sources"
	echo "${members[*]}" >"$tree.part/.complete"
	rm -rf "$tree"
	mv "$tree.part" "$tree"
	rm -f "$deb"
	# Remove versions that no record names
	for old in "$cache"/pristine/linux-source-*; do
		cut -d' ' -f1,2 "$cache"/pristine/*.version | tr ' ' _ |
			grep -qxF -- "${old##*/}" || rm -rf "$old"
	done
fi
echo "$tree"
