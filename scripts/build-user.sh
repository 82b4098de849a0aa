#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-user.sh: build the project's user space, install it for a guest and
# print the path of that tree: a layer of the guest's root, everything in it
# below /usr, /etc or /var.  Made once per content of the sources.
set -euo pipefail
. "$(dirname "$0")/common.sh"

# hash_of PATH...: of the content of those files of the checkout
hash_of() {
	(cd "$top" && find "$@" -type f ! -name '.*' ! -name '*~' \
		! -path '*/tests/*' -print0 |
		sort -z | xargs -0 sha256sum) | sha256sum | cut -c1-16
}

install_srpd() {
	make -C "$top/usr/srpd" -j"$(nproc)" O="$cache/user/build-srpd" \
		CC="ccache ${CC:-gcc}" DESTDIR="$1" install
}

install_open_iscsi() {
	"$top/usr/open-iscsi/build.sh" "$1"
}

# component NAME PATH...: have it installed in a tree of its own, print its path
component() {
	local name=$1 tree
	shift
	tree=$cache/user/$name-$(hash_of "$@")
	if [ ! -d "$tree" ]; then
		say "building $name"
		rm -rf "$tree.part"
		mkdir -p "$tree.part"
		run_logged "$cache/log/$name.log" "install_${name//-/_}" "$tree.part"
		mv "$tree.part" "$tree"
	fi
	touch "$tree"
	echo "$tree"
}

lock "$cache/user/.lock"
export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache}

srpd=$(component srpd usr/srpd include/uapi kunit/vectors scripts/build-user.sh)
open_iscsi=/var/empty
if [ -x "$top/usr/open-iscsi/build.sh" ]; then
	open_iscsi=$(component open-iscsi usr/open-iscsi scripts/build-user.sh)
fi

root=$cache/user/root-$(echo "$srpd $open_iscsi" | sha256sum | cut -c1-16)
if [ ! -d "$root" ]; then
	rm -rf "$root.part"
	mkdir -p "$root.part"
	cp -al "$srpd/." "$root.part/"
	[ ! -d "$open_iscsi" ] || cp -al "$open_iscsi/." "$root.part/"
	# The machine's /sbin, /bin and /lib are links: a directory would hide them
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
