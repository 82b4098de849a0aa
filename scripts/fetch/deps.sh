#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# deps.sh [bench|deb|check-packages|debian|arm64|series]: install missing Debian packages that
# the build, the guests and the tests need.  Additionally, install packages
#   bench           for the benchmark
#   deb             to build Debian packages and an apt repository, and modules for
#                   another Debian release
#   check-packages  to build and test Debian packages
#   debian          to build them and run guests with Debian's own kernel
#   arm64           to run programs for arm64
#   series          to check each patch by itself, for other machines and by clang
set -eu
. "$(dirname "$0")/../common.sh"

# Kernels; user space; guests; checks
packages="
	bc bison ccache debian-archive-keyring dpkg-dev flex gcc git libc6-dev
	libelf-dev make pahole patch perl python3 util-linux xz-utils
	libbsd-dev libcap-dev libcap-ng-dev libcmocka-dev libgnutls28-dev libisns-dev
	libjson-c-dev libkeyutils-dev libkmod-dev libmount-dev libseccomp-dev
	libssl-dev libsystemd-dev libunistring-dev meson
	ninja-build pkg-config
	autoconf automake libcunit1-dev libgcrypt20-dev libtool
	dbus e2fsprogs iproute2 keyutils kmod openssl procps qemu-block-extra
	qemu-utils targetcli-fb
	clang libclang-rt-dev python3-pytest shellcheck valgrind
"

deb="apt-utils gnupg mmdebstrap"
case $#,${1:-} in
0,) ;;
1,bench) packages="$packages gnuplot-nox" ;;
1,deb) packages="$packages $deb" ;;
1,check-packages) packages="$packages $deb lintian" ;;
1,debian) packages="$packages $deb qemu-system-x86 qemu-utils" ;;
1,arm64) packages="$packages $deb cpio qemu-system-arm" ;;
1,series) packages="$packages clang-19 coccinelle gcc-aarch64-linux-gnu
		gcc-powerpc-linux-gnu python3-sphinx python3-yaml" ;;
*) usage_error "usage: $prog [bench|deb|check-packages|debian|arm64|series]" ;;
esac

command -v apt-get >/dev/null || {
	echo "$prog: this needs Debian or a system with its packages: $packages" |
		tr -s '\n\t ' ' ' >&2
	exit 69
}

missing=
for package in $packages; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || :)
	[ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "$prog: missing packages; as root: apt-get install$missing" >&2
	exit 77
fi

export DEBIAN_FRONTEND=noninteractive
say "installing:$missing"
install_missing() {
	# shellcheck disable=SC2086
	run_logged "$cache/log/apt-install.log" \
		apt-get -q -y --no-install-recommends install $missing
}
# The package lists may be missing or outdated
install_missing 2>/dev/null || {
	run_logged "$cache/log/apt-update.log" apt-get -q update
	install_missing
}
