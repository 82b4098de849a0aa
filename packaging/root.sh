#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# root.sh: create a Debian root file system to test packages in, print its path
#
# It has the release of this machine and is read-only after its creation: tests
# mount an overlay on it. It contains
#  - dkms and a compiler, Debian's open-iscsi and targetcli-fb, bash-completion
#  - headers of the oldest 6.12 kernel in the archive, and only the SCSI target
#    modules of that kernel
#  - in /offline, so that tests need no network: Debian's versions of the packages
#    that we change; the headers of the newest 6.12 and 6.1 kernels, in one
#    directory each; the file "kernels", which lists the three releases
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"

[ $# -eq 0 ] || usage_error "usage: $prog"
[ "$(id -u)" -eq 0 ] || die "must be root to create a root file system"

arch=$(dpkg --print-architecture)
hash=$(sha256sum <"$0" | cut -c1-16)
root=$cache/packages/root-$hash
lock "$cache/packages/.lock-root"

# kernels SERIES: kernels in the archive, oldest first: RELEASE IMAGE-PACKAGE VERSION
kernels() {
	"$top/scripts/fetch/apt-source.sh" kernels machine "${1//./\\.}\.[0-9].*-cloud-$arch"
}

# in_root COMMAND...
in_root() {
	chroot "$root.part" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		HOME=/root DEBIAN_FRONTEND=noninteractive ${http_proxy:+"http_proxy=$http_proxy"} "$@"
}

make_root() {
	local oldest newest other image kernel
	"$top/scripts/fetch/apt-source.sh" lines >"$root.part.sources"
	mmdebstrap --mode=root --variant=minbase --skip=cleanup/apt \
		--include=ca-certificates,debian-archive-keyring \
		"$(. /etc/os-release && echo "$VERSION_CODENAME")" \
		"$root.part" - <"$root.part.sources"
	rm "$root.part.sources"
	printf '#!/bin/sh\nexit 101\n' >"$root.part/usr/sbin/policy-rc.d"
	chmod 755 "$root.part/usr/sbin/policy-rc.d"

	read -r oldest image _ < <(kernels 6.12)
	newest=$(kernels 6.12 | tail -n 1 | cut -d' ' -f1)
	other=$(kernels 6.1 | tail -n 1 | cut -d' ' -f1)
	[ "$oldest" != "$newest" ] || die "the archive has only one 6.12 kernel: $oldest"
	in_root apt-get -q -y --no-install-recommends install \
		dkms "linux-headers-$oldest" libbsd0 libcap-ng0 libjson-c5 \
		libkeyutils1 libseccomp2 libssl3 libunistring2 keyutils systemd \
		open-iscsi targetcli-fb bash-completion man-db
	for kernel in "$newest" "$other"; do
		in_root apt-get clean
		in_root apt-get -q -y --no-install-recommends --download-only install \
			"linux-headers-$kernel"
		mkdir -p "$root.part/offline/$kernel"
		mv "$root.part"/var/cache/apt/archives/*.deb "$root.part/offline/$kernel/"
	done
	# shellcheck disable=SC2016
	in_root sh -c 'cd /offline && apt-get -q -o APT::Sandbox::User=root download \
		open-iscsi libopeniscsiusr iscsiuio libopeniscsiusr-dev \
		python3-rtslib-fb targetcli-fb "$1"' sh "$image"
	(
		cd "$root.part"
		mkdir image
		dpkg-deb -x "$(ls offline/linux-image-*)" image
		mkdir -p "lib/modules/$oldest/kernel/drivers"
		cp image/lib/modules/"$oldest"/modules.* "lib/modules/$oldest/"
		cp -r image/lib/modules/"$oldest"/kernel/drivers/target \
			"lib/modules/$oldest/kernel/drivers/"
		rm -rf image offline/linux-image-*
		depmod -b . "$oldest"
		printf '%s\n' "$oldest" "$newest" "$other" >offline/kernels
	)
	in_root apt-get clean
}

if [ ! -d "$root" ]; then
	say "creating a Debian root file system to test packages in"
	rm -rf "$root.part"
	mkdir -p "$cache/packages"
	run_logged "$cache/log/deb-root.log" make_root || die "cannot create $root"
	mv "$root.part" "$root"
	find "$cache/packages" -maxdepth 1 -name 'root-*' ! -path "$root*" -exec rm -rf {} +
fi
touch "$root"
echo "$root"
