#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lay-tree.sh [-u] 6.12|mainline: lay a kernel tree with this project's code in
# it and print its path.
# -u: unpatched, which is what the benchmark compares with.
#
# The tree starts as hard links to the pristine one.  Each patch of
# series/ adds the overlay files that its "Overlay:" lines
# name and changes existing files by its diff.  The result is prepared aside and
# only files that differ are replaced (never written in place), so that kbuild
# rebuilds no more than what changed.  6.12 also gets compat/, and what its
# guests need from qemu/patches/.
set -euo pipefail
. "$(dirname "$0")/../common.sh"
. "$top/scripts/kernel/series.sh"

unpatched=
if [ "${1:-}" = -u ]; then
	unpatched=-unpatched
	shift
fi
[ $# -eq 1 ] || usage_error "usage: $prog [-u] 6.12|mainline"
kernel=$1
check_kernel "$kernel"

pristine=$("$top/scripts/fetch/pristine.sh" "$kernel")
# Below a directory of its own its objects have the names that ccache knows
src=$cache/$kernel${unpatched:+/unpatched}/src
mkdir -p "${src%/*}"
lock "$cache/$kernel/.lock-src$unpatched"

if [ ! -e "$src/.pristine" ] || [ "$(cat "$src/.pristine")" != "$pristine" ]; then
	rm -rf "$src"
	cp -al "$pristine" "$src.part"
	echo "$pristine" >"$src.part/.pristine"
	: >"$src.part/.laid"
	mv "$src.part" "$src"
fi

stage=$(mktemp -d "$cache/$kernel/.stage.XXXXXX")
trap 'rm -rf "$stage"' EXIT

if [ -n "$unpatched" ]; then
	# But for what the guests need, and the options, which nothing looks at
	# there: with another configuration ccache would know no object
	add_options "$pristine" "$stage"
elif compgen -G "$series_dir/*.patch" >/dev/null; then
	check_overlay_named
	for patch in "$series_dir"/*.patch; do
		apply_patch "$patch" "$pristine" "$stage"
	done
else
	say "$kernel: no patches: this is the pristine kernel"
fi
for patch in "$top/qemu/patches/$kernel"/*.patch; do
	[ ! -e "$patch" ] || apply_patch "$patch" "$pristine" "$stage"
done
if [ "$kernel$unpatched" = 6.12 ] && [ -e "$top/compat/compat.h" ]; then
	add_compat "$pristine" "$stage"
fi

# Files laid earlier that are no longer ours get their pristine text back
(cd "$stage" && find . -type f | sort) >"$stage.laid"
trap 'rm -rf "$stage" "$stage.laid"' EXIT
comm -23 "$src/.laid" "$stage.laid" | while read -r file; do
	rm -f "${src:?}/$file"
	if [ -e "$pristine/$file" ]; then
		cp "$pristine/$file" "$src/$file"
	fi
done
while read -r file; do
	cmp -s "$stage/$file" "$src/$file" && continue
	mkdir -p "$(dirname "$src/$file")"
	cp "$stage/$file" "$src/$file.lio-srp-new"
	mv -f "$src/$file.lio-srp-new" "$src/$file"
done <"$stage.laid"
cp "$stage.laid" "$src/.laid"
# What the tree consists of, for those who want to know whether it has changed
{
	cat "$src/.pristine"
	(cd "$stage" && xargs -r sha256sum) <"$stage.laid"
} | sha256sum >"$src/.content"

echo "$src"
