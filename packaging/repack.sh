#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# repack.sh SERIES NAME DIR [SUITE]    build a patched Debian package of pure Python code
#
# SERIES contains the patches and the pin of SUITE (see scripts/package/patch-deb.sh).
# DIR/entry is the new changelog entry; packaging/NAME contains a control.sed if control
# changes. The package is written to DIR. Maintainer scripts and conffiles are unchanged
# from Debian's.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"

if [ $# -lt 3 ] || [ $# -gt 4 ]; then
	usage_error "usage: $prog SERIES NAME DIR [SUITE]"
fi
here=$top/packaging/$2
patched=$("$top/scripts/package/patch-deb.sh" "$1" ${4:+"$4"})
tree=$3/tree
cp -a "$patched/deb" "$tree"
changelog=$tree/usr/share/doc/$2/changelog.Debian.gz
{
	cat "$3/entry"
	echo
	zcat "$changelog"
} >"$3/changelog"
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -l "$3/changelog" -S Timestamp)
export SOURCE_DATE_EPOCH

# to PATH MODE: write standard input to a file of the package
to() {
	cat >"$tree/$1.new"
	chmod "$2" "$tree/$1.new"
	touch -d "@$SOURCE_DATE_EPOCH" "$tree/$1.new"
	mv "$tree/$1.new" "$tree/$1"
}

# Map the paths of patch-deb.sh to those of the package
python=usr/lib/python3/dist-packages
place() {
	case $1 in
	scripts/*) to "usr/bin/${1#scripts/}" 755 ;;
	*.8) gzip -9n | to "usr/share/man/man8/$1.gz" 644 ;;
	*/*.py) to "$python/$1" 644 ;;
	*) die "$1: do not know where to install this file" ;;
	esac <"$patched/src/$1"
}

cd "$patched/src"
find . -type f -printf '%P\n' | sort | while IFS= read -r file; do
	! cmp -s "$file" "../orig/$file" || continue
	place "$file"
	# Debian 12 and 13 ship rtslib twice; the patches apply to one of the copies
	[[ $file != rtslib/* || ! -d ../orig/rtslib_fb ]] ||
		to "$python/rtslib_fb/${file#*/}" 644 <"$file"
done
gone=$(cd ../orig && find . -type f ! -exec test -e ../src/{} \; -print)
[ -z "$gone" ] || die "a patch removes files, which $prog does not support: $gone"
cd "$tree"

gzip -9n <"$3/changelog" | to "${changelog#"$tree"/}" 644
version=$(dpkg-parsechangelog -l "$3/changelog" -S Version)

# Like dpkg-gencontrol: round each file up to a KiB, count 1 for anything else
size=$(find . -path ./DEBIAN -prune -o -mindepth 1 \( -type f -printf '%s\n' -o -printf '1\n' \) |
	awk '{ n += int(($1 + 1023) / 1024) } END { print n }')
maintainer=$(sed -n 's/^M:[[:space:]]*//p' "$top/MAINTAINERS")
sed -i -e "s/^Version: .*/Version: $version/" \
	-e "s/^Installed-Size: .*/Installed-Size: $size/" \
	-e "s/^Maintainer: .*/Maintainer: $maintainer/" \
	DEBIAN/control
[ ! -e "$here/control.sed" ] || sed -i -f "$here/control.sed" DEBIAN/control
find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | sort |
	{ grep -vxF -f <(sed 's,^/,,' DEBIAN/conffiles 2>/dev/null || :) || :; } |
	xargs -d '\n' md5sum >DEBIAN/md5sums

dpkg-deb --root-owner-group -Zxz --build . "$3/"
