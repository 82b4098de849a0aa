#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-user.sh: build the project's user-space programs, install them and tlshd into a
# tree for a guest and print its path.  The tree is a layer of the guest's root; all files are
# below /usr, /etc or /var.  It is rebuilt only if the sources change.
set -euo pipefail
. "$(dirname "$0")/../common.sh"

# hash_of PATH...: hash of the content of these files in the checkout
hash_of() {
	(cd "$top" && find "$@" -type f ! -name '.*' ! -name '*~' \
		! -path '*/tests/*' -print0 |
		sort -z | xargs -0 sha256sum) | sha256sum | cut -c1-16
}

# install_to DIR DESTDIR: install our programs with make, patched ones with a script
install_to() {
	case $1 in
	libiscsi | open-iscsi | rtslib | targetcli)
		"$top/usr/$1/build.sh" "$2"
		;;
	*)
		make -C "$top/usr/$1" -j"$(nproc)" O="$cache/user/build-$1" \
			CC="ccache ${CC:-gcc}" DESTDIR="$2" install
		;;
	esac
}

# component NAME PATH...: install it into a separate tree, print its path
component() {
	local name=$1 tree
	shift
	tree=$cache/user/$name-$(hash_of "$@")
	if [ ! -d "$tree" ]; then
		say "building $name"
		rm -rf "$tree.part"
		mkdir -p "$tree.part"
		run_logged "$cache/log/$name.log" install_to "$name" "$tree.part"
		mv "$tree.part" "$tree"
	fi
	touch "$tree"
	echo "$tree"
}

lock "$cache/user/.lock"
export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache}

shared=(VERSION usr/lib include/uapi kunit/vectors scripts/guest/build-user.sh)
srpd=$(component srpd usr/srpd "${shared[@]}")
passwd=$(component passwd usr/passwd "${shared[@]}")
login=$(component login usr/login "${shared[@]}")
tls=$(component tls usr/tls "${shared[@]}")
open_iscsi=$(component open-iscsi usr/open-iscsi scripts/guest/build-user.sh)
libiscsi=$(component libiscsi usr/libiscsi scripts/guest/build-user.sh)
python=(scripts/package/patch-deb.sh scripts/guest/build-user.sh)
rtslib=$(component rtslib usr/rtslib "${python[@]}")
targetcli=$(component targetcli usr/targetcli "${python[@]}")
tlshd=$("$top/scripts/fetch/tlshd.sh")

parts="$srpd $passwd $login $tls $open_iscsi $libiscsi $rtslib $targetcli $tlshd"
root=$cache/user/root-$(echo "$parts" | sha256sum | cut -c1-16)
if [ ! -d "$root" ]; then
	rm -rf "$root.part"
	mkdir -p "$root.part"
	cp -al "$srpd/." "$passwd/." "$login/." "$tls/." "$open_iscsi/." \
		"$libiscsi/." "$rtslib/." "$targetcli/." "$tlshd/." "$root.part/"
	# /sbin, /bin and /lib are links on this machine: a directory would hide them
	for dir in "$root.part"/*; do
		case ${dir##*/} in
		usr | etc | var) ;;
		*) die "${dir##*/} in a tree for the guest: must be usr, etc or var" ;;
		esac
	done
	mv "$root.part" "$root"
	find "$cache/user" -maxdepth 1 -name '*-*' ! -name 'build-*' -mtime +7 \
		-exec rm -rf {} +
fi
touch "$root"
echo "$root"
