#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-module.sh [all|RELEASE...]: build the module of scripts/kernel/module-source.sh
# against Debian's header packages, and check that it can replace the stock module.
# RELEASE: as printed by uname -r, such as 6.12.117+deb13-rt-amd64, of any kernel that
# the sources of this machine, Debian stable, its security updates or its backports
# offer.  Default: the newest release of 6.1 and of 6.12, and the
# newest of all.  all: of each series and Debian release also the oldest, the newest
# cloud and RT kernel.
#
# Nothing is installed: packages are unpacked in the cache.  The module stays in the
# cache, in module/RELEASE.  Modules for another Debian release than this machine's are
# built in a root file system of that release, see module-root.sh.
#
# Tests for each RELEASE:
#   build    the compiler prints nothing, including W=1
#   exports  same symbols with the same versions as the stock module
#   users    the stock modules that use it, ib_isert and cxgbit, find all symbols; only
#            for the newest kernel of a series for normal machines, or for RELEASE
set -euo pipefail
. "$(dirname "$0")/../common.sh"

apt=$top/scripts/fetch/apt-source.sh
headers=$cache/headers
stock=drivers/target/iscsi/iscsi_target_mod
native=$(dpkg --print-architecture)

# result ok|"not ok" NAME [TEXT]
result() {
	echo "$1 module/$2${3:+ # $3}"
}

# offers ARCHITECTURE: kernels that a Debian user can have, oldest first:
# RELEASE IMAGE-PACKAGE VERSION SUITE
offers() {
	local suite
	for suite in machine "$stable" "$stable-security" "$stable-backports"; do
		[ "$1" = "$native" ] || suite+=:$1
		"$apt" kernels "$suite" "[0-9]+\.[0-9]+\..*-$1" | sed "s/\$/ $suite/"
	done | sort -V -s -u -k1,1
}

# arch_of RELEASE
arch_of() {
	case $1 in
	*-arm64) echo arm64 ;;
	*) echo "$native" ;;
	esac
}

# offer RELEASE FIELD...: print what offers says of it
offer() {
	local found
	found=$(awk -v r="$1" '$1 == r' "$work/offers."*)
	[ -n "$found" ] || die "no kernel $1 with headers in the archive: check /etc/apt"
	cut -d' ' -f"$2" <<<"$found"
}

# release_of RELEASE: codename of the Debian release that it is for
release_of() {
	case $(offer "$1" 4) in
	machine*) echo "$own" ;;
	*) echo "$stable" ;;
	esac
}

# headers_of RELEASE: print the directory with its headers, which are in usr/src
headers_of() {
	local package=linux-headers-$1 version suite dir deb needed dependency from
	version=$(offer "$1" 3)
	suite=$(offer "$1" 4)
	dir=$headers/${1}_$version
	if [ ! -e "$dir/.complete" ]; then
		rm -rf "$headers/${1}_"*
		mkdir -p "$dir"
		deb=$("$apt" deb "$suite" "$package=$version" "$cache/deb")
		dpkg-deb -x "$deb" "$dir"
		needed=$(dpkg-deb -f "$deb" Depends |
			grep -oE 'linux-(headers-[^ ,]*-common(-rt)?|kbuild-[^ ,]*)')
		rm -f "$deb"
		for dependency in $needed; do
			from=$suite
			# Programs that run here
			[[ $dependency != linux-kbuild-* ]] || from=${suite%%:*}
			deb=$("$apt" deb "$from" "$dependency" "$cache/deb")
			dpkg-deb -x "$deb" "$dir"
			rm -f "$deb"
		done
		touch "$dir/.complete"
	fi
	echo "$dir"
}

# symbols MODULE FILE: symbols in a Module.symvers with versions; MODULE "": all
symbols() {
	awk -v m="$1" '!m || $3 == m { print $2, $1 }' "$2" | sort
}

# run_build RELEASE HEADERS DIR: run the package's build program in DIR, a copy of its
# source
run_build() {
	local package=linux-headers-$1 root arguments=(W=1)
	[ "$(arch_of "$1")" = "$native" ] ||
		arguments+=(ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-)
	if [ "$(release_of "$1")" = "$own" ]; then
		[ "$(arch_of "$1")" = "$native" ] || "$top/scripts/fetch/deps.sh" module-arm64
		# They are not at their installed path
		sed -i "s|\([ =]\)/usr/src/|\1$2/usr/src/|" "$2/usr/src/$package/Makefile"
		"$3/build" "$1" "$2/usr/src/$package" "${arguments[@]}"
		return
	fi
	# shellcheck disable=SC2046
	root=$("$top/scripts/kernel/module-root.sh" "$stable" \
		$(arch_of "$1" | grep -xv "$native" || :))
	rm -rf "$root/build" "$root"/usr/src/linux-* "$root"/usr/lib/linux-kbuild-*
	mkdir "$root/build"
	cp -al "$2/usr" "$root/"
	cp -r "$3/." "$root/build/"
	# shellcheck disable=SC2016
	unshare --mount --pid --fork --net sh -c 'mount -t proc proc "$0/proc" &&
		exec chroot "$0" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"' \
		"$root" /build/build "$1" "/usr/src/$package" "${arguments[@]}" || return
	cp -r "$root/build/." "$3/"
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
		run_logged "$log" run_build "$1" "$2" "$dir" || return
		echo "$content" >"$dir/.built"
	fi
	said=$(grep -iE 'warning|error' "$dir/messages" || :)
	[ -z "$said" ] || {
		echo "$said" >&2
		return 1
	}
	sed -n 's/.*(\(source of .*\))\.$/\1/p' "$dir/messages"
}

# exports RELEASE HEADERS: compare our symbols with the stock module's
exports() {
	local mine theirs
	mine=$(symbols "" "$cache/module/$1/Module.symvers")
	theirs=$(symbols "$stock" "$2/usr/src/linux-headers-$1/Module.symvers")
	[ -n "$theirs" ] || {
		echo "the kernel's Module.symvers has no $stock" >&2
		return 1
	}
	[ "$mine" = "$theirs" ] || {
		diff <(echo "$theirs") <(echo "$mine") >&2
		return 1
	}
	wc -l <<<"$theirs"
	grep -qv ' 0x00000000$' <<<"$theirs" ||
		echo "names, this kernel has no symbol versions"
}

# wanted MODULE: the symbols with versions that a module uses
wanted() {
	local plain
	/sbin/modprobe --dump-modversions "$1" 2>/dev/null | awk '{ print $2, $1 }' |
		sort | grep . && return
	plain=$work/users.ko
	case $1 in
	*.xz) xz -dc "$1" >"$plain" ;;
	*.zst) zstd -dcq "$1" >"$plain" ;;
	*) cp "$1" "$plain" ;;
	esac
	nm -u "$plain" | awk '{ print $2, "0x00000000" }' | sort
}

# users RELEASE HEADERS: check the symbols needed by the stock users of the module
users() {
	local image deb module name missing
	local dir=$2/users
	image=$(offer "$1" 2,3) || return
	image=${image/ /=}
	# Debian's 7.x has the modules in a package of their own
	[[ $1 == 6.* ]] || image=linux-modules-$1=${image#*=}
	if [ ! -e "$dir/.complete" ]; then
		say "module: fetching $image"
		deb=$("$apt" deb "$(offer "$1" 4)" "$image" "$cache/deb") || return
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
		symbols "$stock" "$2/usr/src/linux-headers-$1/Module.symvers" |
			cut -d' ' -f1 | join - <(wanted "$module") >"$dir/$name.wants"
		[ -s "$dir/$name.wants" ] || {
			echo "$name uses nothing of $stock?" >&2
			return 1
		}
		missing=$(symbols "" "$cache/module/$1/Module.symvers" |
			comm -13 - "$dir/$name.wants")
		[ -z "$missing" ] || {
			echo "$name needs symbols that we do not have: ${missing//$'\n'/, }" >&2
			return 1
		}
		echo "$name $(wc -l <"$dir/$name.wants")"
	done
}

# try CHECK RELEASE HEADERS: run a check, print its result
try() {
	local said
	if said=$("$1" "$2" "$3"); then
		result ok "$2/$1" "$(paste -sd ' ' <<<"$said")"
	else
		result "not ok" "$2/$1"
	fi
}

# groups ARCHITECTURE: what is offered, with series and Debian release, and flavour:
# SERIES[+debN] FLAVOUR RELEASE
groups() {
	cut -d' ' -f1 "$work/offers.$1" |
		sed -E 's/^([0-9]+\.[0-9]+)\.[^+-]*(\+deb[0-9]+)?[^-]*-([0-9]+-)?(.*)/\1\2 \4 &/'
}

# pick GROUP FLAVOUR [head]: its newest or oldest release
pick() {
	groups "${2##*-}" | awk -v g="$1" -v f="$2" '$1 == g && $2 == f { print $3 }' |
		"${3:-tail}" -n 1
}

# chosen [all]: the releases to build; of these the last of each series and Debian
# release for normal machines has the word "users" behind it
chosen() {
	local group flavour series
	groups "$native" | cut -d' ' -f1 | uniq | if [ -n "${1:-}" ]; then
		while read -r group; do
			echo "$(pick "$group" "$native") users"
			for flavour in "cloud-$native" "rt-$native"; do
				pick "$group" "$flavour"
			done
			pick "$group" "$native" head
		done
	else
		while read -r group; do
			for series in $("$top/scripts/kernel/module-source.sh" --series |
					head -n -1); do
				[ "${group%+*}" != "$series" ] || pick "$group" "$native"
			done
		# The first is that of this machine
		done | awk -F'[.+-]' '!seen[$1 "." $2]++ { print $0, "users" }'
		echo "$(pick "$(groups "$native" | tail -n 1 | cut -d' ' -f1)" "$native") users"
	fi | awk 'NF && !seen[$1]++'
}

work=$(mktemp -d "${TMPDIR:-/tmp}/lio-srp-module.XXXXXX")
trap 'rm -rf "$work"' EXIT
own=$(. /etc/os-release && echo "$VERSION_CODENAME")
stable=$("$apt" codename stable)
for arch in $(if [[ $* =~ arm64 ]]; then printf '%s\n' "$native" arm64 | sort -u
		else echo "$native"; fi); do
	offers "$arch" >"$work/offers.$arch"
done

with_users=()
case $* in
all | '')
	chosen "$@" >"$work/chosen"
	mapfile -t releases < <(cut -d' ' -f1 "$work/chosen")
	mapfile -t with_users < <(sed -n 's/ users$//p' "$work/chosen")
	;;
*)
	releases=("$@")
	with_users=("$@")
	;;
esac

lock "$cache/module/.lock"
source=$work/source
"$top/scripts/kernel/module-source.sh" "$source" >/dev/null

for release in "${releases[@]}"; do
	dir=$(headers_of "$release")
	try build "$release" "$dir"
	try exports "$release" "$dir"
	[[ " ${with_users[*]} " != *" $release "* ]] || try users "$release" "$dir"
done | "$top/ci/summary.sh"
