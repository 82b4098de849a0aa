#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# debian-root.sh [-t|-u] RELEASE: create a root file system of that Debian release and print
# its directory.  It is created again once a week and for each new kernel.  It has the
# newest 6.12 kernels of both flavours, the newest kernel of the release's backports,
# systemd, and the dependencies of this project's packages, but neither those packages nor
# the ones that they replace.  The directory contains the root in tree, and vmlinuz and
# initrd of each kernel in cloud-amd64, amd64 and, if there is one, backports.
#
# -t: with the tools of qemu/bench-tls as well, and only the kernel amd64.
# -u: a root to upgrade to the next release.  Its only kernel is the release's own, amd64,
# from the metapackages that follow updates; apt has Debian's sources.
set -euo pipefail
. "$(dirname "$0")/../common.sh"
. "$top/scripts/package/release.sh"

kind=
upgrade=
tools=()
flavours=(cloud-amd64 amd64)
case ${1:-} in
-t)
	kind=-tools
	tools=(fio nvme-cli stunnel4)
	flavours=(amd64)
	shift
	;;
-u)
	kind=-upgrade
	upgrade=yes
	shift
	;;
esac
[ $# -eq 1 ] || usage_error "usage: $prog [-t|-u] RELEASE"
debian=$1
codename=$(codename_of "$debian")
[ "$(id -u)" -eq 0 ] || die "must be root to create a Debian root file system"

kernels=()
packages=()
newer=		# "release image version"
if [ -n "$upgrade" ]; then
	packages=(linux-image-amd64 linux-headers-amd64 ca-certificates)
else
	for flavour in "${flavours[@]}"; do
		kernel=$("$top/scripts/fetch/debian-kernel.sh" "$debian" "$flavour")
		kernels+=("$kernel")
		release=$(cat "$kernel/release")
		version=$(cat "$kernel/version")
		packages+=("$(cat "$kernel/package")=$version"
			"linux-headers-$release=$version")
	done
	backports=$(backports_of "$debian")
	[ -z "$kind" ] || backports=
	[ -z "$backports" ] || newer=$("$top/scripts/fetch/apt-source.sh" kernels \
		"$backports" '[7-9]\.[0-9]+\..*\+deb[0-9]+-amd64' | tail -n 1)
fi
dir=$cache/debian/root
lock "$dir/.lock"
lines=$("$top/scripts/fetch/apt-source.sh" lines "$codename")
case $debian in
12) libraries=(libunistring2) ;;
*) libraries=(libunistring5 ktls-utils) ;;
esac

# The system; tools to inspect it; build dependencies of the module; libraries
packages+=(systemd-sysv udev dbus ifupdown iproute2 iputils-ping kmod procps e2fsprogs
	initramfs-tools libpam-systemd zstd dkms gcc make keyutils
	libbsd0 libcap-ng0 libjson-c5 openssl "${libraries[@]}" "${tools[@]}")
# Packages to remove again; their dependencies stay
replaced=(targetcli-fb python3-rtslib-fb open-iscsi libopeniscsiusr)
# Modules that a virtual machine needs to find its root
modules=(virtio_pci virtio_blk ext4)

hash=$({ cat "$0"; echo "${kernels[*]} $newer"; echo "$lines"; } | sha256sum | cut -c1-16)
root=$dir/$debian$kind-$hash
if [ -z "$(find "$root/.complete" -mtime -7 2>/dev/null)" ]; then
	say "Debian $debian: creating a root file system${upgrade:+ to upgrade} (some minutes)"
	rm -rf "$root" "$root.part"
	mkdir -p "$root.part"
	echo "$lines" >"$root.part/sources.list"
	hooks=()
	if [ -n "$newer" ]; then
		sed -n "s/ $codename main\$/ $backports main/p" <<<"$lines" >>"$root.part/sources.list"
		read -r release image version <<<"$newer"
		hooks=(--customize-hook="chroot \"\$1\" apt-get -q -y -t $backports install \
			$image=$version linux-headers-$release=$version")
	fi
	# shellcheck disable=SC2016
	[ -n "$upgrade" ] || hooks+=(--customize-hook='chroot "$1" apt-mark manual \
		$(chroot "$1" dpkg-query -W -f "\${Package} ") >/dev/null')
	include=$(IFS=,; echo "${packages[*]},${replaced[*]},multipath-tools")
	# No documentation except copyrights, no translations.  DKMS builds the module
	# when its package is installed
	# shellcheck disable=SC2016
	TMPDIR=/tmp run_logged "$cache/log/debian-root-$debian$kind.log" \
		mmdebstrap --mode=root --variant=minbase --include="$include" \
		--aptopt='Apt::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-include=/usr/share/doc/*/copyright' \
		--essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d" &&
			echo MODULES=list >"$1/etc/initramfs-tools/conf.d/guest" &&
			echo COMPRESS=zstd >>"$1/etc/initramfs-tools/conf.d/guest" &&
			printf "%s\\n" '"${modules[*]}"' >"$1/etc/initramfs-tools/modules"' \
		"${hooks[@]}" \
		--customize-hook='chroot "$1" dpkg --purge '"${replaced[*]}" \
		"$codename" "$root.part/tree" "$root.part/sources.list"
	# boots RELEASE NAME: copy the files to boot it
	boots() {
		mkdir "$root.part/$2"
		cp "$root.part/tree/boot/vmlinuz-$1" "$root.part/$2/vmlinuz"
		cp "$root.part/tree/boot/initrd.img-$1" "$root.part/$2/initrd"
	}
	for kernel in "${kernels[@]}"; do
		release=$(cat "$kernel/release")
		boots "$release" "${release#*+deb*-}"
	done
	[ -z "$newer" ] || boots "${newer%% *}" backports
	etc=$root.part/tree/etc
	rm -rf "$root.part"/tree/var/lib/apt/lists/*
	rm -f "$etc"/apt/sources.list.d/*
	if [ -n "$upgrade" ]; then
		boots "$(ls "$root.part/tree/lib/modules")" amd64
		echo "$lines" >"$etc/apt/sources.list"
	else
		# The machines always boot with the copies
		rm "$root.part"/tree/boot/{vmlinuz,initrd.img}-*
		sed -i 's/^update_initramfs=yes/update_initramfs=no/' \
			"$etc/initramfs-tools/update-initramfs.conf"
		# Use only local packages: apt has no sources
		: >"$etc/apt/sources.list"
	fi
	touch "$root.part/.complete"
	mv "$root.part" "$root"
	find "$dir" -maxdepth 1 -name "$debian$kind-????????????????" ! -path "$root" \
		-exec rm -rf {} +
fi
echo "$root"
