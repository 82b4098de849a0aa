#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-module.sh [all|RELEASE...]: build the modules of scripts/kernel/module-source.sh
# against Debian's header packages, and check that they can replace the stock modules.
# RELEASE: as printed by uname -r, such as 6.12.117+deb13-rt-amd64, of any kernel that
# a Debian release of ours, its security updates or its backports offer.  Default: the
# newest release of 6.1 and of 6.12, for this machine's Debian release if it has that
# series, and the newest of all.  all: of each series and Debian release the newest
# kernel of each flavour and the oldest one; of the newest Debian release also for arm64.
#
# No kernel is installed: packages are unpacked in the cache.  The modules stay in the
# cache, the target's in module/RELEASE, the initiator's in module/RELEASE-tcp.  Modules
# for another Debian release than this machine's or
# for arm64 are built in a root file system of that release (build-root.sh).
#
# Tests for each RELEASE:
#   build    the compiler prints nothing, including W=1
#   exports  same symbols with the same versions as the stock module; the names only, if
#            the kernel has no versions
#   users    the stock modules that use it, ib_isert and cxgbit, find all symbols; not
#            for cloud kernels, which have neither
# and for the initiator's module, iscsi_tcp, which exports nothing:
#   tcp-build   as above
#   tcp-uses    symbols with the versions of the kernel
set -euo pipefail
. "$(dirname "$0")/../common.sh"
. "$top/scripts/package/release.sh"

apt=$top/scripts/fetch/apt-source.sh
headers=$cache/headers
stock=drivers/target/iscsi/iscsi_target_mod
native=$(dpkg --print-architecture)

# result ok|"not ok" NAME [TEXT]
result() {
	echo "$1 module/$2${3:+ # $3}"
}

# offers ARCHITECTURE: kernels that a Debian user can have, oldest first:
# RELEASE IMAGE-PACKAGE VERSION SUITE DEBIAN-RELEASE; "-" if the image is not there yet
offers() {
	local debian suite
	for debian in $releases; do
		for suite in $(suites_of "$debian") "$(codename_of "$debian")-backports"; do
			[ "$1" = "$native" ] || suite+=:$1
			"$apt" headers "$suite" "[0-9]+\.[0-9]+\..*-$1" |
				sed "s/\$/ $suite $debian/"
		done
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
	awk -v r="$1" '$1 == r' "$work/offers."* | cut -d' ' -f"$2"
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
		deb=$("$apt" deb "$suite" "$package=$version" "$cache/deb") || return
		dpkg-deb -x "$deb" "$dir" || return
		needed=$(dpkg-deb -f "$deb" Depends |
			grep -oE 'linux-(headers-[^ ,]*-common(-rt)?|kbuild-[^ ,]*)') || return
		rm -f "$deb"
		for dependency in $needed; do
			from=$suite
			# Programs that run here
			[[ $dependency != linux-kbuild-* ]] || from=${suite%%:*}
			deb=$("$apt" deb "$from" "$dependency" "$cache/deb") || return
			dpkg-deb -x "$deb" "$dir" || return
			rm -f "$deb"
		done
		touch "$dir/.complete"
	fi
	echo "$dir"
}

# skip REASON: end a check that is not possible
skip() {
	echo "$1"
	exit 77
}

# builds_here RELEASE: is it a kernel for this machine's Debian release?
builds_here() {
	[ "$(offer "$1" 5)" = "$own" ] && [ "$(arch_of "$1")" = "$native" ]
}

# no_source RELEASE: is its series newer than all sources?
no_source() {
	local newest
	newest=$("$top/scripts/kernel/module-source.sh" --series | tail -n 1)
	! printf '%s\n' "$(cut -d. -f1,2 <<<"$1")" "$newest" | sort -VC
}

# newer_than RELEASE: print the newest kernel of this series, Debian release and
# flavour; fail if it is this one
newer_than() {
	groups "$(arch_of "$1")" | awk -v r="$1" '
		{ newest[$1, $2] = $3 }
		$3 == r { group = $1; flavour = $2 }
		END {
			print newest[group, flavour]
			exit newest[group, flavour] == r
		}'
}

# symbols MODULE FILE: symbols in a Module.symvers with versions; MODULE "": all
symbols() {
	awk -v m="$1" '!m || $3 == m { print $2, $1 }' "$2" | sort
}

# run_build RELEASE HEADERS DIR: run the package's build program in DIR, a copy of its
# source
run_build() {
	local usr=$3/usr src=usr/src/linux-headers-$1 root arguments=(W=1)
	# The headers are not at their installed path
	rm -rf "$usr"
	cp -al "$2/usr" "$3/"
	if builds_here "$1"; then
		sed -i "s|\([ =]\)/usr/src/|\1$3/usr/src/|" "$3/$src/Makefile"
		"$3/build" "$1" "$3/$src" "${arguments[@]}"
	else
		sed -i "s|\([ =]\)/usr/src/|\1/build/usr/src/|" "$3/$src/Makefile"
		root=$(offer "$1" 5)
		if [ "$(arch_of "$1")" != "$native" ]; then
			root+=:arm64
			arguments+=(ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-)
		fi
		"$top/scripts/package/build-root.sh" "$root" "$3" \
			./build "$1" "/build/$src" "${arguments[@]}"
	fi || return
	rm -rf "$usr"
}

# build RELEASE HEADERS [-tcp]: build the module unless its sources are unchanged
build() {
	local dir=$cache/module/$1${3:-} log=$cache/log/module-$1${3:-}.log
	local source=$work/source${3:-} content said newer status=0
	content=$( (cd "$source" && find . -type f -exec sha256sum {} + | sort &&
		echo "$2") | sha256sum)
	if [ "$(cat "$dir/.built" 2>/dev/null)" != "$content" ]; then
		if ! builds_here "$1"; then
			[ "$(id -u)" -eq 0 ] || skip "must be root to create a root file system"
			"$top/scripts/fetch/deps.sh" deb || return
		fi
		rm -rf "$dir"
		mkdir -p "$dir"
		cp -r "$source/." "$dir"
		run_logged "$log" run_build "$1" "$2" "$dir" || status=$?
		[ "$status" -ne 77 ] || ! no_source "$1" ||
			skip "the archive has no linux-source for it yet"
		if [ "$status" -eq 77 ] && newer=$(newer_than "$1") &&
		   grep -q "symbol versions differ" "$dir/.stopped"; then
			skip "symbol versions differ, SRP needs the update to $newer"
		fi
		[ "$status" -eq 0 ] || return
		echo "$content" >"$dir/.built"
	fi
	said=$(grep -iE 'warning|error' "$dir/messages" || :)
	[ -z "$said" ] || {
		echo "$said" >&2
		return 1
	}
	sed -n 's/.*(\(source of .*\))\.$/\1/p' "$dir/messages"
}

tcp-build() {
	build "$1" "$2" -tcp
}

# tcp-uses RELEASE HEADERS: look for what it uses among the symbols of the stock kernel
tcp-uses() {
	local missing dir=$cache/module/$1-tcp
	wanted "$dir/iscsi_tcp.ko" >"$work/tcp.wants"
	grep -q '^iscsi_tcp_hdr_recv_prep ' "$work/tcp.wants" || {
		echo "iscsi_tcp does not use libiscsi_tcp?" >&2
		return 1
	}
	missing=$(symbols "" "$2/usr/src/linux-headers-$1/Module.symvers" |
		comm -13 - "$work/tcp.wants")
	[ -z "$missing" ] || {
		echo "iscsi_tcp uses symbols that the kernel has not: ${missing//$'\n'/, }" >&2
		return 1
	}
	wc -l <"$work/tcp.wants"
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
	local image found deb module name missing dir=$2/users
	image=$(offer "$1" 2,3)
	[[ $image != -* ]] || skip "the archive has its headers, but no image yet"
	# Debian's 7.x has the modules in a package of their own
	[[ $1 == 6.* ]] || image="linux-modules-$1 ${image#* }"
	if [ ! -e "$dir/.complete" ]; then
		name=${image% *}
		name=${name//./\\.}
		found=$("$apt" newest "$(offer "$1" 4)" "${name//+/\\+}") || found=
		[ "$found" = "$image" ] || skip "the archive has no $image yet"
		image=${image/ /=}
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

# try CHECK RELEASE HEADERS: run a check, print its result.  Fail if it did not pass.
try() {
	local said status=0
	said=$("$1" "$2" "$3") || status=$?
	said=$(paste -sd ' ' <<<"$said")
	case $status in
	0) result ok "$2/$1" "$said" ;;
	77) result ok "$2/$1" "SKIP $said" ;;
	*) result "not ok" "$2/$1" ;;
	esac
	return $status
}

# groups ARCHITECTURE: what is offered, with series and Debian release, and flavour:
# SERIES[+debN] FLAVOUR RELEASE
groups() {
	cut -d' ' -f1 "$work/offers.$1" |
		sed -E 's/^([0-9]+\.[0-9]+)\.[^+-]*(\+deb[0-9]+)?[^-]*-([0-9]+-)?(.*)/\1\2 \4 &/'
}

# pick GROUP FLAVOUR [head]: its newest or oldest release.  GROUP may be a SERIES.
pick() {
	groups "${2##*-}" | awk -v g="$1" -v f="$2" \
		'($1 == g || index($1, g "+") == 1) && $2 == f { print $3 }' |
		"${3:-tail}" -n 1
}

# chosen [all]: the releases to build; those whose users are tried have the word "users"
# behind them
chosen() {
	local group series
	if [ -n "${1:-}" ]; then
		for group in $(groups "$native" | cut -d' ' -f1 | sort -Vu); do
			echo "$(pick "$group" "$native") users"
			pick "$group" "cloud-$native"
			pick "$group" "rt-$native"
			pick "$group" "$native" head
		done
		for group in $(groups arm64 | cut -d' ' -f1 | sort -Vu |
				grep "+deb${releases##* }\$"); do
			echo "$(pick "$group" arm64) users"
		done
	else
		for series in $("$top/scripts/kernel/module-source.sh" --series |
				head -n -1); do
			# Rather one that is built here
			group=$(pick "$series+deb$own" "$native")
			echo "${group:-$(pick "$series" "$native")} users"
		done
		group=$(groups "$native" | cut -d' ' -f1 | sort -V | tail -n 1)
		echo "$(pick "$group" "$native") users"
	fi | awk 'NF && $1 != "users" && !seen[$1]++'
}

work=$(mktemp -d "${TMPDIR:-/tmp}/lio-srp-module.XXXXXX")
trap 'rm -rf "$work"' EXIT
own=$(. /etc/os-release && echo "${VERSION_ID:-}")
for arch in $(if [[ $* =~ arm64|all ]]; then printf '%s\n' "$native" arm64 | sort -u
		else echo "$native"; fi); do
	offers "$arch" >"$work/offers.$arch"
done

case $* in
all | '') chosen "$@" ;;
*) printf '%s users\n' "$@" ;;
esac >"$work/chosen"

lock "$cache/module/.lock"
"$top/scripts/kernel/module-source.sh" "$work/source" >/dev/null
"$top/scripts/kernel/module-source.sh" -p iscsi-tcp-srp "$work/source-tcp" >/dev/null

while read -r release users; do
	if [ -z "$(offer "$release" 1)" ]; then
		echo "no kernel $release with headers in the archive: check /etc/apt" >&2
		result "not ok" "$release"
		continue
	fi
	dir=$(headers_of "$release") || {
		result "not ok" "$release/headers"
		continue
	}
	if try tcp-build "$release" "$dir"; then
		try tcp-uses "$release" "$dir" || :
	fi
	try build "$release" "$dir" || continue
	try exports "$release" "$dir" || continue
	[ -z "$users" ] || [[ $release == *-cloud-* ]] || try users "$release" "$dir" || :
done <"$work/chosen" | "$top/ci/summary.sh"
