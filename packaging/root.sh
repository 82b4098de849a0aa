#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# root.sh RELEASE: create a root file system of that Debian release to test packages in,
# print its path
#
# It is read-only after its creation: tests mount an overlay on it. It contains
#  - dkms and a compiler, Debian's open-iscsi and targetcli-fb, bash-completion,
#    unattended-upgrades
#  - headers of the oldest 6.12 kernel in the archive, and only the modules of the SCSI
#    target and of the iSCSI initiator of that kernel
#  - in /offline, so that tests need no network: Debian's versions of the packages
#    that we change; the headers of other kernels, in one directory each: the newest
#    6.12, if there is another, and on Debian 12 the newest 6.1; the file "kernels",
#    which lists the releases; if there is a next Debian release, a repository "next"
#    of the packages that the upgrade of this root needs
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"
. "$top/scripts/package/release.sh"

[ $# -eq 1 ] || usage_error "usage: $prog RELEASE"
debian=$1
codename=$(codename_of "$debian")
[ "$(id -u)" -eq 0 ] || die "must be root to create a root file system"

arch=$(dpkg --print-architecture)
hash=$(sha256sum <"$0" | cut -c1-16)
root=$cache/packages/root$debian-$hash
lock "$cache/packages/.lock-root"

# What our packages need by another name in other releases, or have not there
case $debian in
12) libraries="libssl3 libunistring2" ;;
*) libraries="libssl3t64 libunistring5 ktls-utils" ;;
esac

# kernels SERIES: releases of kernels in the archive, oldest first
kernels() {
	# apt also lists packages that are only mentioned by others
	# shellcheck disable=SC2016
	in_root sh -c 'apt-cache show --no-all-versions $(apt-cache pkgnames "$1")' \
		sh "linux-headers-$1." 2>/dev/null |
		sed -n "s/^Package: linux-headers-\(.*-cloud-$arch\)\$/\1/p" | sort -V
}

# in_root COMMAND...
in_root() {
	chroot "$root.part" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		HOME=/root DEBIAN_FRONTEND=noninteractive ${http_proxy:+"http_proxy=$http_proxy"} "$@"
}

make_root() {
	local oldest newest kernel more=()
	"$top/scripts/fetch/apt-source.sh" lines "$codename" >"$root.part.sources"
	mmdebstrap --mode=root --variant=minbase --skip=cleanup/apt \
		--include=ca-certificates,debian-archive-keyring \
		"$codename" "$root.part" - <"$root.part.sources"
	rm "$root.part.sources"
	printf '#!/bin/sh\nexit 101\n' >"$root.part/usr/sbin/policy-rc.d"
	chmod 755 "$root.part/usr/sbin/policy-rc.d"

	oldest=$(kernels 6.12 | head -n 1)
	newest=$(kernels 6.12 | tail -n 1)
	[ -n "$oldest" ] || die "the archive has no headers of a 6.12 kernel"
	[ "$newest" = "$oldest" ] || more+=("$newest")
	[ "$debian" != 12 ] || more+=("$(kernels 6.1 | tail -n 1)")
	# shellcheck disable=SC2086
	in_root apt-get -q -y --no-install-recommends install \
		dkms "linux-headers-$oldest" libbsd0 libcap-ng0 libjson-c5 \
		libkeyutils1 libseccomp2 $libraries keyutils systemd \
		open-iscsi targetcli-fb bash-completion man-db unattended-upgrades
	for kernel in "${more[@]}"; do
		in_root apt-get clean
		in_root apt-get -q -y --no-install-recommends --download-only install \
			"linux-headers-$kernel"
		mkdir -p "$root.part/offline/$kernel"
		mv "$root.part"/var/cache/apt/archives/*.deb "$root.part/offline/$kernel/"
	done
	mkdir -p "$root.part/offline"
	# The signed image may be there later than the headers
	# shellcheck disable=SC2016
	in_root sh -euc 'cd /offline
		download() { apt-get -q -o APT::Sandbox::User=root download "$@"; }
		download open-iscsi libopeniscsiusr iscsiuio libopeniscsiusr-dev \
			python3-rtslib-fb targetcli-fb
		download "linux-image-$1" || download "linux-image-$1-unsigned"' sh "$oldest"
	(
		cd "$root.part"
		mkdir image
		dpkg-deb -x "$(ls offline/linux-image-*)" image
		# Where Debian 13's are
		[ ! -d image/usr/lib/modules ] || ln -s usr/lib image/lib
		mkdir -p "lib/modules/$oldest/kernel/drivers"
		cp image/lib/modules/"$oldest"/modules.* "lib/modules/$oldest/"
		cp -r image/lib/modules/"$oldest"/kernel/drivers/target \
			"lib/modules/$oldest/kernel/drivers/"
		mkdir "lib/modules/$oldest/kernel/drivers/scsi"
		cp image/lib/modules/"$oldest"/kernel/drivers/scsi/*iscsi* \
			"lib/modules/$oldest/kernel/drivers/scsi/"
		rm -rf image offline/linux-image-*
		depmod -b . "$oldest"
		printf '%s\n' "$oldest" "${more[@]}" >offline/kernels
	)
	in_root apt-get clean
	next=$(next_release "$debian")
	[ -z "$next" ] || download_next "$(codename_of "$next")"
}

# download_next CODENAME
download_next() {
	local options=(-q -o Dir::Etc::SourceList=/offline/next.list -o Dir::Etc::SourceParts=/dev/null
		-o Dir::State::Lists=/offline/lists)
	mkdir -p "$root.part/offline/lists/partial" "$root.part/offline/next"
	"$top/scripts/fetch/apt-source.sh" lines "$1" >"$root.part/offline/next.list"
	in_root apt-get "${options[@]}" update
	in_root apt-get "${options[@]}" -y --no-install-recommends --download-only full-upgrade
	# What our packages of that release need beside
	in_root apt-get "${options[@]}" -y --no-install-recommends --download-only install ktls-utils
	mv "$root.part"/var/cache/apt/archives/*.deb "$root.part/offline/next/"
	rm -r "$root.part"/offline/{lists,next.list}
	(cd "$root.part/offline/next" && apt-ftparchive packages . >Packages)
}

if [ ! -d "$root" ]; then
	say "creating a Debian $debian root file system to test packages in"
	rm -rf "$root.part"
	mkdir -p "$cache/packages"
	run_logged "$cache/log/deb-root-$debian.log" make_root || die "cannot create $root"
	mv "$root.part" "$root"
	find "$cache/packages" -maxdepth 1 \( -name 'root-*' -o -name "root$debian-*" \) ! -path "$root*" -exec rm -rf {} +
fi
touch "$root"
echo "$root"
