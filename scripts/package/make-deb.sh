#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make-deb.sh [-o DIR] [-r RELEASE] [PACKAGE...]: build the Debian packages of packaging/,
# by default all, for that Debian release, by default for each, into RELEASE in out/deb or
# DIR, and print their paths.  All other files there are removed.
#
# A package is compiled in a clean root file system of its release (build-root.sh), and
# built again only if its sources or that root changed. Builds are reproducible: with the
# same versions of the tools a package is byte-identical, because its timestamps are those
# of the newest changelog entry.
set -euo pipefail
. "$(dirname "$0")/../common.sh"
. "$top/scripts/package/release.sh"

all="iscsi-srp-utils iscsi-target-srp-dkms iscsi-tcp-srp-dkms lio-srp open-iscsi python3-rtslib-fb targetcli-fb"
usage="usage: $prog [-o DIR] [-r RELEASE] [PACKAGE...], PACKAGE one of: $all"

out=$top/out/deb
while getopts :o:r: option; do
	case $option in
	o) out=$OPTARG ;;
	r)
		codename_of "$OPTARG" >/dev/null
		releases=$OPTARG
		;;
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
umask 022

# hash_tree DIR PATH...: hash of names, modes and content of the files
hash_tree() {
	(cd "$1" && shift && find "$@" ! -name '*~' ! -path '*/__pycache__*' \
		\( -type l -printf '%p %l\n' -o -type f -printf '%p %m\n' -exec sha256sum {} \; \) |
		sort) | sha256sum | cut -c1-16
}

# entry_for CHANGELOG [DEBIAN-VERSION]: print our changelog entries for this release.
#
# A version with "+srp1" sorts above Debian's version and below Debian's next revision.
# "+deb12" and "+deb13" make the packages of a later release the newer ones.
entry_for() {
	sed -e "s/@DEBIAN@/${2:-}/" \
		-e "s/^\([^ ]* ([^)]*\)) [a-z]*;/\1+deb$release) $(codename_of "$release");/" "$1"
}

# build_source DIR [NAME=VALUE]: build the unpacked Debian source package DIR/src; the
# packages are written to DIR
build_source() {
	# shellcheck disable=SC2016
	"$top/scripts/package/build-root.sh" "$release" "$1" env "${@:2}" \
		DEB_BUILD_OPTIONS="noautodbgsym parallel=$(nproc)" \
		sh -euc 'cd src && exec dpkg-buildpackage -b -us -uc'
}

# lay_debian PACKAGE DIR: copy packaging/PACKAGE/debian there
lay_debian() {
	cp -r "$top/packaging/$1/debian" "$2/"
	entry_for "$top/packaging/$1/debian/changelog" >"$2/debian/changelog"
}

# copy_paths DIR PATH...: copy parts of the checkout there
copy_paths() {
	local dir=$1 path
	shift
	for path; do
		mkdir -p "$dir/$(dirname "$path")"
		cp -r "$top/$path" "$dir/$path"
	done
}

utils_paths=(VERSION usr/lib usr/srpd usr/passwd usr/login include/uapi kunit/vectors)

# Built from the checkout and packaging/PACKAGE/debian
build_iscsi_srp_utils() {
	copy_paths "$1/src" "${utils_paths[@]}"
	lay_debian iscsi-srp-utils "$1/src"
	build_source "$1"
}

# build_dkms PACKAGE DIR: its source was created earlier, to compute its hash
build_dkms() {
	mkdir "$2/src"
	cp -r "$work/module" "$2/src/module"
	lay_debian "$1" "$2/src"
	build_source "$2"
}

build_iscsi_target_srp_dkms() {
	build_dkms iscsi-target-srp-dkms "$1"
}

build_iscsi_tcp_srp_dkms() {
	build_dkms iscsi-tcp-srp-dkms "$1"
}

# Metapackages, with preferences for apt
build_lio_srp() {
	cp -r "$top/packaging/lio-srp" "$1/src"
	lay_debian lio-srp "$1/src"
	build_source "$1"
}

tls_paths=(VERSION usr/lib usr/tls include/uapi)

# Debian's source package with the series applied after Debian's patches, with iscsi-tls,
# and without the udeb, which would need a second build.
build_open_iscsi() {
	local series=$top/usr/open-iscsi/2.1.11 dsc version
	# shellcheck disable=SC1091,SC2031,SC2153
	dsc=$(. "$series/pin" && ls "$cache/open-iscsi/download/$VERSION"/*.dsc)
	dpkg-source --no-check --no-copy -x "$dsc" "$1/src"
	mkdir "$1/src/debian/patches/srp"
	grep -v '^#' "$series/series" | while IFS= read -r patch; do
		cp "$series/$patch" "$1/src/debian/patches/srp/"
		echo "srp/${patch##*/}" >>"$1/src/debian/patches/series"
	done
	version=$(dpkg-parsechangelog -l "$1/src/debian/changelog" -S Version)
	{
		entry_for "$top/packaging/open-iscsi/changelog" "$version"
		echo
		cat "$1/src/debian/changelog"
	} >"$1/changelog"
	mv "$1/changelog" "$1/src/debian/changelog"
	sed -i "s/^Maintainer: .*/$(maintainer)/" "$1/src/debian/control"
	copy_paths "$1/src/iscsi-tls" "${tls_paths[@]}"
	for patch in debian.patch "debian-$release.patch"; do
		[ ! -e "$top/packaging/open-iscsi/$patch" ] ||
			patch -d "$1/src" -p1 -F0 --no-backup-if-mismatch \
				-i "$top/packaging/open-iscsi/$patch"
	done
	build_source "$1" DH_OPTIONS=-Nopen-iscsi-udeb
}

maintainer() {
	sed -n 's/^M:[[:space:]]*/Maintainer: /p' "$top/MAINTAINERS"
}

# repack SERIES NAME DIR: patch this release's package
repack() {
	local version suite
	suite=$(codename_of "$release")
	[ -e "$1/pin-$suite" ] || suite=
	# shellcheck disable=SC1090,SC2031,SC2153
	version=$(. "$1/pin${suite:+-$suite}" && echo "$VERSION")
	entry_for "$top/packaging/$2/changelog" "$version" >"$3/entry"
	"$top/packaging/repack.sh" "$1" "$2" "$3" ${suite:+"$suite"}
}

build_python3_rtslib_fb() {
	repack "$top/usr/rtslib/2.1.75" python3-rtslib-fb "$1"
}

build_targetcli_fb() {
	repack "$top/usr/targetcli/2.1.53" targetcli-fb "$1"
}

# hash_of PACKAGE: hash of everything that the package is built from
hash_of() {
	local paths=(scripts/package/make-deb.sh "packaging/$1")
	echo "$release"
	case $1 in
	*-fb) ;;
	*) basename "$root" ;;
	esac
	case $1 in
	iscsi-srp-utils) paths+=("${utils_paths[@]}") ;;
	*-dkms)
		rm -rf "$work/module"
		"$top/scripts/kernel/module-source.sh" -p "${1%-dkms}" "$work/module" \
			"$(dpkg-parsechangelog -S Version \
				-l "$top/packaging/$1/debian/changelog")" >/dev/null
		hash_tree "$work" module
		;;
	open-iscsi)
		# download, and check that every patch applies
		"$top/usr/open-iscsi/build.sh" --cache 2.1.11 >/dev/null
		paths+=(usr/open-iscsi MAINTAINERS "${tls_paths[@]}")
		;;
	python3-rtslib-fb) paths+=(usr/rtslib packaging/repack.sh scripts/package/patch-deb.sh) ;;
	targetcli-fb) paths+=(usr/targetcli packaging/repack.sh scripts/package/patch-deb.sh) ;;
	esac
	hash_tree "$top" "${paths[@]}"
}

# made PACKAGE: build it if needed, print the directory with the result
made() {
	local dir hash
	hash=$(hash_of "$1" | sha256sum | cut -c1-16)
	dir=$work/$1-$hash
	if [ ! -d "$dir" ]; then
		say "building $1 for Debian $release"
		rm -rf "$work/build" "$dir.part"
		mkdir -p "$work/build" "$dir.part"
		run_logged "$cache/log/deb-$1-$release.log" "build_${1//-/_}" "$work/build" ||
			die "$1 was not built"
		mv "$work"/build/*.deb "$dir.part/"
		mv "$dir.part" "$dir"
		rm -rf "$work/build"
	fi
	touch "$dir"
	echo "$dir"
}

lock "$work/.lock"
for release in $releases; do
	root=$("$top/scripts/package/build-root.sh" "$release")
	rm -rf "$out/$release.part"
	mkdir -p "$out/$release.part"
	for package; do
		dir=$(made "$package")
		cp "$dir"/*.deb "$out/$release.part/"
	done
	rm -rf "${out:?}/$release"
	mv "$out/$release.part" "$out/$release"
	ls "$out/$release"/*.deb
done
# Before there was a directory for each release
rm -f "$out"/*.deb
find "$work" -maxdepth 1 -name '*-????????????????' -mtime +7 -exec rm -rf {} +
