#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lay-tree.sh [-u|-t PATCH] 6.12|mainline: create a kernel tree with this project's code
# and print its path.
# -u: unpatched, for comparisons by the benchmark.
# -t PATCH: with the patches of series/ up to this one, such as 2-srp/0004-key-channel.
#
# The tree starts as hard links to the pristine one.  Each patch in series/ adds the
# overlay files named by its "Overlay:" lines and changes existing files with its diff.
# The result is prepared in a staging directory, and only files that differ are
# replaced (never modified in place), so that kbuild rebuilds only what changed.  It also
# gets the patches for guests in qemu/patches/, and 6.12 compat/.
set -euo pipefail
. "$(dirname "$0")/../common.sh"
. "$top/scripts/kernel/series.sh"

variant=
last=
case ${1:-} in
-u)
	variant=unpatched
	shift
	;;
-t)
	variant=series
	last=$series_dir/${2:-}.patch
	[ -e "$last" ] || usage_error "there is no $last"
	shift 2
	;;
esac
[ $# -eq 1 ] || usage_error "usage: $prog [-u|-t PATCH] 6.12|mainline"
kernel=$1
check_kernel "$kernel"

pristine=$("$top/scripts/fetch/pristine.sh" "$kernel")
# In a separate directory, its objects have the names that ccache knows
src=$cache/$kernel${variant:+/$variant}/src
mkdir -p "${src%/*}"
lock "$cache/$kernel/.lock-src${variant:+-$variant}"

if [ ! -e "$src/.pristine" ] || [ "$(cat "$src/.pristine")" != "$pristine" ]; then
	rm -rf "$src"
	cp -al "$pristine" "$src.part"
	echo "$pristine" >"$src.part/.pristine"
	: >"$src.part/.laid"
	mv "$src.part" "$src"
fi

stage=$(mktemp -d "$cache/$kernel/.stage.XXXXXX")
trap 'rm -rf "$stage"' EXIT

if [ "$variant" = unpatched ]; then
	# Keep the guests' patches and our Kconfig options, which nothing uses in
	# this tree: with another configuration ccache would not find any object
	add_options "$pristine" "$stage"
else
	lay_series "$kernel" "$pristine" "$stage" "$last"
fi
guest_patches "$kernel" "$pristine" "$stage"
if [ "$kernel$variant" = 6.12 ] && [ -e "$top/compat/compat.h" ]; then
	add_compat "$pristine" "$stage"
fi

# Restore files that are no longer ours
(cd "$stage" && find . -type f | sort) >"$stage.laid"
trap 'rm -rf "$stage" "$stage.laid"' EXIT
comm -23 "$src/.laid" "$stage.laid" | while read -r file; do
	rm -f "${src:?}/$file"
	if [ -e "$pristine/$file" ]; then
		cp "$pristine/$file" "$src/$file"
	fi
done
find "$src/drivers/target/iscsi" "$src/tools/testing/selftests" -type d -empty -delete
while read -r file; do
	cmp -s "$stage/$file" "$src/$file" && continue
	mkdir -p "$(dirname "$src/$file")"
	cp "$stage/$file" "$src/$file.lio-srp-new"
	mv -f "$src/$file.lio-srp-new" "$src/$file"
done <"$stage.laid"
cp "$stage.laid" "$src/.laid"
# Hash of the tree's content, to detect changes
{
	cat "$src/.pristine"
	(cd "$stage" && xargs -r sha256sum) <"$stage.laid"
} | sha256sum >"$src/.content"

echo "$src"
