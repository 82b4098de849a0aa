#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-root.sh RELEASE[:arm64]      create a clean root file system of that Debian
#                                    release with what our packages and kernel modules
#                                    are built with, print its path
# build-root.sh RELEASE[:arm64] DIR COMMAND [ARG...]
#                                    run a command in it, without a network; DIR is its
#                                    /build.  All other changes are discarded.
#
# RELEASE:arm64 has cross compilers, and what the helper and its tests need, instead.
#
# The root is created again when the way to create it, the build dependencies or the
# sources of packages change.
set -euo pipefail
. "$(dirname "$0")/../common.sh"
. "$top/scripts/package/release.sh"

case $# in
0 | 2) usage_error "usage: $prog RELEASE[:arm64] [DIR COMMAND [ARG...]]" ;;
esac
release=${1%:arm64}
arch=${1#"$release"}
arch=${arch#:}
codename=$(codename_of "$release")
[ "$(id -u)" -eq 0 ] || die "must be root to create a root file system"

# Source packages, of which only debian/control is used; pahole is for kernel modules,
# GnuTLS for iscsi-tls in open-iscsi
native=$(dpkg --print-architecture)
architectures=$native${arch:+,$arch}
included=ccache,ca-certificates,pahole
if [ -n "$arch" ]; then
	controls=("$top/packaging/iscsi-srp-utils/debian/control")
	included+=,crossbuild-essential-$arch,libcmocka-dev:$arch
else
	open_iscsi=$("$top/usr/open-iscsi/build.sh" --cache 2.1.11)
	included+=,libgnutls28-dev
	controls=("$top"/packaging/*/debian/control "$open_iscsi/src/debian/control")
fi
lines=$("$top/scripts/fetch/apt-source.sh" lines "$codename")
make_root() {
	local control n=0
	mkdir -p "$root.part/mnt" "$root.part.controls"
	for control in "${controls[@]}"; do
		n=$((n + 1))
		mkdir -p "$root.part.controls/$n/debian"
		cp "$control" "$root.part.controls/$n/debian/"
	done
	# set -e has no effect in a condition
	# shellcheck disable=SC2016
	mmdebstrap --mode=root --variant=buildd --include="$included" \
		--architectures="$architectures" \
		--aptopt='Apt::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--customize-hook="copy-in $root.part.controls /" \
		--customize-hook='chroot "$1" sh -ec "cd /*.controls &&
			apt-get -q -y --no-install-recommends '"${arch:+-a $arch}"' build-dep ./*/"' \
		--customize-hook='rm -rf "$1"/*.controls' \
		"$codename" "$root.part/tree" - <<<"$lines" || return
	mkdir "$root.part/tree/build" "$root.part/tree/ccache"
	rm -rf "$root.part.controls"
}

# The fields up to the first empty line are those of the source package
hash=$({
	declare -f make_root
	echo "$architectures $included $lines"
	for control in "${controls[@]}"; do
		sed '/^$/q' "$control"
	done
} | sha256sum | cut -c1-16)
dir=$cache/build-root
name=${arch:+$arch-}$release
root=$dir/$name-$hash

(
	lock "$dir/.lock-$name"
	if [ ! -d "$root" ]; then
		say "creating a Debian $release root file system to build in${arch:+ for $arch}"
		rm -rf "$dir/$name"-*.part*
		run_logged "$cache/log/build-root-$name.log" make_root ||
			die "cannot create $root"
		mv "$root.part" "$root"
		find "$dir" -maxdepth 1 -name "$name-*" ! -path "$root*" -mtime +7 \
			-exec rm -rf {} +
	fi
	touch "$root"
) 9>&-
shift
if [ $# -eq 0 ]; then
	echo "$root"
	exit 0
fi

build=$(cd "$1" && pwd -P)
shift
compiled=${CCACHE_DIR:-$cache/ccache}
mkdir -p "$compiled"
# The mounts end with the namespace
# shellcheck disable=SC2016
exec unshare --mount --propagation private --pid --fork --kill-child --net --ipc --uts \
	sh -euc '
	root=$1 build=$2 compiled=$3
	shift 3
	mount -t tmpfs tmpfs "$root/mnt"
	mkdir "$root/mnt/upper" "$root/mnt/work" "$root/mnt/root"
	mount -t overlay overlay "$root/mnt/root" \
		-o "lowerdir=$root/tree,upperdir=$root/mnt/upper,workdir=$root/mnt/work"
	root=$root/mnt/root
	mount -t proc proc "$root/proc"
	mount --bind "$build" "$root/build"
	mount --bind "$compiled" "$root/ccache"
	mount -t tmpfs tmpfs "$root/tmp"
	for device in null zero full random urandom tty; do
		[ -c "$root/dev/$device" ] || {
			: >"$root/dev/$device"
			mount --bind "/dev/$device" "$root/dev/$device"
		}
	done
	exec chroot "$root" env -i PATH=/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin \
		LC_ALL=C.UTF-8 HOME=/tmp CCACHE_DIR=/ccache CCACHE_BASEDIR=/build \
		sh -euc "cd /build; exec \"\$@\"" sh "$@"' sh "$root" "$build" "$compiled" "$@"
