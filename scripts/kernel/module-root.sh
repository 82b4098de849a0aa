#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# module-root.sh CODENAME [arm64]: create a root file system of that Debian release
# with what builds kernel modules, and print its path.  arm64: also with a compiler and
# the helper's libraries for arm64.
#
# Programs in a release's linux-kbuild packages need the C library of that release.
set -euo pipefail
. "$(dirname "$0")/../common.sh"

if [ $# -lt 1 ] || [ $# -gt 2 ] || [ "${2:-arm64}" != arm64 ]; then
	usage_error "usage: $prog CODENAME [arm64]"
fi
[ "$(id -u)" -eq 0 ] || die "must be root to create a root file system"
native=$(dpkg --print-architecture)

# What linux-headers and linux-kbuild depend on
packages=(make gcc pahole libelf-dev libssl-dev zlib1g)
[ -z "${2:-}" ] ||
	packages+=(gcc-aarch64-linux-gnu pkgconf python3 lib{bsd,cap-ng,cmocka,json-c,keyutils,seccomp,ssl,unistring}-dev:arm64)

root=$cache/module/root-$1${2:+-$2}
lock "$root.lock"
sources=$("$top/scripts/fetch/apt-source.sh" lines "$1")
content=$(sha256sum "$0"; echo "$sources")
if [ "$(cat "$root/.content" 2>/dev/null)" != "$content" ]; then
	"$top/scripts/fetch/deps.sh" module-root
	say "module: creating a root file system of $1${2:+ for $2} (a minute or two)"
	rm -rf "$root" "$root.part"
	echo "$sources" >"$root.list"
	# shellcheck disable=SC2016
	run_logged "$cache/log/module-root.log" \
		mmdebstrap --mode=root --variant=minbase --skip=cleanup/apt \
		--architectures="$native${2:+,$2}" \
		--include="$(IFS=,; echo "${packages[*]}")" \
		--aptopt='Apt::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--customize-hook='chroot "$1" apt-get clean' \
		"$1" "$root.part" "$root.list"
	echo "$content" >"$root.part/.content"
	mv "$root.part" "$root"
fi
echo "$root"
