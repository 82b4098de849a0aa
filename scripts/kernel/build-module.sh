#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-module.sh [RELEASE...]: build the module of scripts/kernel/module-source.sh
# against Debian's header packages, and check that it can replace the stock module.
# RELEASE: as printed by uname -r, such as 6.12.117+deb12-amd64.  Default: for each
# kernel series the newest release and the newest cloud release in the archive, and for
# the last series also the oldest.
#
# Nothing is installed: packages are unpacked in the cache.  The module stays in the
# cache, in module/RELEASE.
#
# Tests for each RELEASE:
#   build    the compiler prints nothing, including W=1
#   exports  same symbols with the same versions as the stock module
#   users    the stock modules that use it, ib_isert and cxgbit, find all symbols;
#            only for the newest release of each series, or for the first RELEASE
set -euo pipefail
. "$(dirname "$0")/../common.sh"

apt=$top/scripts/fetch/apt-source.sh
headers=$cache/headers
stock=drivers/target/iscsi/iscsi_target_mod

# result ok|"not ok" NAME [TEXT]
result() {
	echo "$1 module/$2${3:+ # $3}"
}

# releases SERIES FLAVOUR: releases in the archive, oldest first
releases() {
	"$apt" kernels machine "${1//./\\.}\.[0-9]+[+-][0-9a-z]+-$2" | cut -d' ' -f1
}

# offer RELEASE: print the package of its image and the version of image and headers
offer() {
	local found
	found=$("$apt" kernels machine "${1//[.+]/\\&}" | cut -d' ' -f2-)
	[ -n "$found" ] || die "no kernel $1 with headers in the archive: check /etc/apt"
	echo "$found"
}

# unpack PACKAGE DIR: unpack it once
unpack() {
	local deb
	[ ! -e "$2/.have-$1" ] || return 0
	deb=$("$apt" deb machine "$1" "$cache/deb")
	dpkg-deb -x "$deb" "$2"
	rm -f "$deb"
	touch "$2/.have-$1"
}

# headers_of RELEASE: print the kernel's build directory
headers_of() {
	local package=linux-headers-$1 version dir deb needed dependency
	version=$(offer "$1" | cut -d' ' -f2)
	dir=$headers/${1}_$version
	if [ ! -e "$dir/.complete" ]; then
		rm -rf "$headers/${1}_"*
		mkdir -p "$dir"
		deb=$("$apt" deb machine "$package=$version" "$cache/deb")
		dpkg-deb -x "$deb" "$dir"
		needed=$(dpkg-deb -f "$deb" Depends |
			grep -oE 'linux-(headers-[^ ,]*-common(-rt)?|kbuild-[^ ,]*)')
		rm -f "$deb"
		for dependency in $needed; do
			unpack "$dependency" "$dir"
		done
		# They are not at their installed path
		sed -i "s|/usr/src/|$dir&|" "$dir/usr/src/$package/Makefile"
		touch "$dir/.complete"
	fi
	echo "$dir/usr/src/$package"
}

# symbols MODULE FILE: symbols in a Module.symvers with versions; MODULE "": all
symbols() {
	awk -v m="$1" '!m || $3 == m { print $2, $1 }' "$2" | sort
}

# build RELEASE HEADERS: build the module unless its sources are unchanged
build() {
	local dir=$cache/module/$1 log=$cache/log/module-$1.log content said
	content=$( (cd "$source" && find . -type f -exec sha256sum {} + | sort &&
		echo "$2") | sha256sum)
	if [ "$(cat "$dir/.built" 2>/dev/null)" != "$content" ]; then
		rm -rf "$dir"
		mkdir -p "$dir"
		cp -r "$source/." "$dir"
		run_logged "$log" make -C "$dir" -j"$(nproc)" W=1 \
			KERNELRELEASE="$1" KDIR="$2" || return
		echo "$content" >"$dir/.built"
	fi
	said=$(grep -iE 'warning|error' "$log" || :)
	[ -z "$said" ] || {
		echo "$said" >&2
		return 1
	}
}

# symvers RELEASE: symbols of our module
symvers() {
	symbols "" "$(echo "$cache/module/$1"/linux-*/Module.symvers)"
}

# exports RELEASE HEADERS: compare our symbols with the stock module's
exports() {
	local mine theirs
	mine=$(symvers "$1")
	theirs=$(symbols "$stock" "$2/Module.symvers")
	[ -n "$theirs" ] || {
		echo "the kernel's Module.symvers has no $stock" >&2
		return 1
	}
	[ "$mine" = "$theirs" ] || {
		diff <(echo "$theirs") <(echo "$mine") >&2
		return 1
	}
	wc -l <<<"$theirs"
}

# users RELEASE HEADERS: check the symbols needed by the stock users of the module
users() {
	local image deb module name wanted missing
	local dir=${2%/usr/src/*}/users
	image=$(offer "$1") || return
	image=${image/ /=}
	if [ ! -e "$dir/.complete" ]; then
		say "module: fetching $image"
		deb=$("$apt" deb machine "$image" "$cache/deb") || return
		rm -rf "$dir"
		mkdir -p "$dir"
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" --wildcards \
			'*/ib_isert.ko*' '*/cxgbit.ko*' || return
		rm -f "$deb"
		touch "$dir/.complete"
	fi
	for name in ib_isert cxgbit; do
		module=$(find "$dir" -name "$name.ko*")
		[ -n "$module" ] || {
			echo "$image has no $name" >&2
			return 1
		}
		wanted=$(/sbin/modprobe --dump-modversions "$module" |
			awk '{ print $2, $1 }' | sort)
		symbols "$stock" "$2/Module.symvers" | cut -d' ' -f1 |
			join - <(echo "$wanted") >"$dir/$name.wants"
		[ -s "$dir/$name.wants" ] || {
			echo "$name uses nothing of $stock?" >&2
			return 1
		}
		missing=$(symvers "$1" | comm -13 - "$dir/$name.wants")
		[ -z "$missing" ] || {
			echo "$name needs symbols that we do not have: ${missing//$'\n'/, }" >&2
			return 1
		}
		echo "$name $(wc -l <"$dir/$name.wants")"
	done | paste -sd ' '
}

# try CHECK RELEASE HEADERS: run a check, print its result
try() {
	local said
	if said=$("$1" "$2" "$3"); then
		result ok "$2/$1" "$said"
	else
		result "not ok" "$2/$1"
	fi
}

with_users=()
if [ $# -eq 0 ]; then
	for series in $("$top/scripts/kernel/module-source.sh" --series); do
		mapfile -t offered < <(releases "$series" amd64)
		[ ${#offered[@]} -gt 0 ] ||
			die "no headers of $series in the archive: check /etc/apt"
		with_users+=("${offered[-1]}")
		mapfile -t -O ${#offered[@]} offered < <(releases "$series" cloud-amd64)
		set -- "$@" "${with_users[-1]}" "${offered[-1]}"
	done
	# DKMS builds it again when the kernel is upgraded within a series
	set -- "$@" "$(releases "$series" amd64 | head -n 1)"
elif [[ $1 != *cloud* ]]; then
	with_users=("$1")
fi

lock "$cache/module/.lock"
source=$(mktemp -d "${TMPDIR:-/tmp}/lio-srp-source.XXXXXX")
trap 'rm -rf "$source"' EXIT
"$top/scripts/kernel/module-source.sh" "$source" >/dev/null

for release; do
	dir=$(headers_of "$release")
	try build "$release" "$dir"
	try exports "$release" "$dir"
	[[ " ${with_users[*]} " != *" $release "* ]] || try users "$release" "$dir"
done | "$top/ci/summary.sh"
