#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make-deb.sh [-o DIR] [PACKAGE...]: build the Debian packages of packaging/, by default
# all, into out/deb or DIR, and print their paths.  All other files there are removed.
#
# A package is built again only if its sources changed. Builds are reproducible: with
# the same versions of the tools a package is byte-identical, because its timestamps
# are those of the newest changelog entry.
set -euo pipefail
. "$(dirname "$0")/../common.sh"

all="iscsi-srp-utils iscsi-target-srp-dkms open-iscsi python3-rtslib-fb targetcli-fb"
usage="usage: $prog [-o DIR] [PACKAGE...], PACKAGE one of: $all"

out=$top/out/deb
while getopts :o: option; do
	case $option in
	o) out=$OPTARG ;;
	*) usage_error "$usage" ;;
	esac
done
shift $((OPTIND - 1))
for package; do
	[[ " $all " == *" $package "* ]] || usage_error "$usage"
done
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $all

work=$cache/packages
export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_BASEDIR=$work/build
umask 022

# hash_tree DIR PATH...: hash of names, modes and content of the files
hash_tree() {
	(cd "$1" && shift && find "$@" ! -name '*~' ! -path '*/__pycache__*' \
		\( -type l -printf '%p %l\n' -o -type f -printf '%p %m\n' -exec sha256sum {} \; \) |
		sort) | sha256sum | cut -c1-16
}

# entry_for PACKAGE DEBIAN-VERSION: print the changelog entry of a patched package.
#
# A version with "+srp1" sorts above Debian's version and below Debian's next revision,
# so security fixes replace it. To keep SRP instead, hold the packages, see
# Documentation/install.md.
entry_for() {
	sed "1s/@DEBIAN@/$2/" "$top/packaging/$1/changelog"
}

# build_source DIR: build the unpacked Debian source package; the packages are written
# next to DIR
build_source() (
	cd "$1"
	PATH=/usr/lib/ccache:$PATH DEB_BUILD_OPTIONS="noautodbgsym parallel=$(nproc)" \
		dpkg-buildpackage -b -us -uc
)

utils_paths=(VERSION usr/lib usr/srpd usr/passwd usr/login include/uapi kunit/vectors)

# Built from the checkout and packaging/PACKAGE/debian
build_iscsi_srp_utils() {
	local path
	mkdir -p "$1/src"
	for path in "${utils_paths[@]}"; do
		mkdir -p "$1/src/$(dirname "$path")"
		cp -r "$top/$path" "$1/src/$path"
	done
	cp -r "$top/packaging/iscsi-srp-utils/debian" "$1/src/"
	build_source "$1/src"
}

# The source for DKMS was created earlier, to compute its hash
build_iscsi_target_srp_dkms() {
	mkdir "$1/src"
	cp -r "$work/module" "$1/src/module"
	cp -r "$top/packaging/iscsi-target-srp-dkms/debian" "$1/src/"
	build_source "$1/src"
}

# Debian's source package with the series applied after Debian's patches, and without
# the udeb, which would need a second build. Debian 12 has all build dependencies.
build_open_iscsi() {
	local series=$top/usr/open-iscsi/2.1.11 dsc version
	# shellcheck disable=SC1091,SC2153
	dsc=$(. "$series/pin" && ls "$cache/open-iscsi/download/$VERSION"/*.dsc)
	dpkg-source --no-check --no-copy -x "$dsc" "$1/src"
	mkdir "$1/src/debian/patches/srp"
	grep -v '^#' "$series/series" | while IFS= read -r patch; do
		cp "$series/$patch" "$1/src/debian/patches/srp/"
		echo "srp/${patch##*/}" >>"$1/src/debian/patches/series"
	done
	version=$(dpkg-parsechangelog -l "$1/src/debian/changelog" -S Version)
	{
		entry_for open-iscsi "$version"
		echo
		cat "$1/src/debian/changelog"
	} >"$1/changelog"
	mv "$1/changelog" "$1/src/debian/changelog"
	sed -i "s/^Maintainer: .*/$(maintainer)/" "$1/src/debian/control"
	patch -d "$1/src" -p1 -F0 --no-backup-if-mismatch \
		-i "$top/packaging/open-iscsi/debian.patch"
	DH_OPTIONS=-Nopen-iscsi-udeb build_source "$1/src"
}

maintainer() {
	sed -n 's/^M:[[:space:]]*/Maintainer: /p' "$top/MAINTAINERS"
}

build_python3_rtslib_fb() {
	"$top/packaging/repack.sh" "$top/usr/rtslib/2.1.75" python3-rtslib-fb "$1"
}

build_targetcli_fb() {
	"$top/packaging/repack.sh" "$top/usr/targetcli/2.1.53" targetcli-fb "$1"
}

# hash_of PACKAGE: hash of everything that the package is built from
hash_of() {
	local paths=(scripts/package/make-deb.sh "packaging/$1")
	case $1 in
	iscsi-srp-utils) paths+=("${utils_paths[@]}") ;;
	iscsi-target-srp-dkms)
		rm -rf "$work/module"
		"$top/scripts/kernel/module-source.sh" "$work/module" \
			"$(dpkg-parsechangelog -S Version \
				-l "$top/packaging/$1/debian/changelog")" >/dev/null
		hash_tree "$work" module
		;;
	open-iscsi)
		# download, and check that every patch applies
		"$top/usr/open-iscsi/build.sh" --cache 2.1.11 >/dev/null
		paths+=(usr/open-iscsi MAINTAINERS)
		;;
	python3-rtslib-fb) paths+=(usr/rtslib packaging/repack.sh scripts/package/patch-deb.sh) ;;
	targetcli-fb) paths+=(usr/targetcli packaging/repack.sh scripts/package/patch-deb.sh) ;;
	esac
	hash_tree "$top" "${paths[@]}"
}

# made PACKAGE: build it if needed, print the directory with the result
made() {
	local dir hash
	hash=$(hash_of "$1")
	dir=$work/$1-${hash//$'\n'/-}
	if [ ! -d "$dir" ]; then
		say "building $1"
		# Always use the same path: ccache keys contain it
		rm -rf "$work/build" "$dir.part"
		mkdir -p "$work/build" "$dir.part"
		run_logged "$cache/log/deb-$1.log" "build_${1//-/_}" "$work/build" ||
			die "$1 was not built"
		mv "$work"/build/*.deb "$dir.part/"
		mv "$dir.part" "$dir"
		rm -rf "$work/build"
	fi
	touch "$dir"
	echo "$dir"
}

lock "$work/.lock"
rm -rf "$out.part"
mkdir -p "$out.part"
for package; do
	dir=$(made "$package")
	cp "$dir"/*.deb "$out.part/"
done
rm -rf "$out"
mv "$out.part" "$out"
find "$work" -maxdepth 1 -name '*-????????????????' -mtime +7 -exec rm -rf {} +
ls "$out"/*.deb
