#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# debian-root.sh: print the directory of a Debian root, made once a week and for
# each new kernel: the machine's own release with the newest cloud kernel 6.12,
# systemd, and what the packages of this project depend on, but not these
# themselves nor the ones that they replace.  In it: tree, the root; vmlinuz and
# initrd.
set -euo pipefail
. "$(dirname "$0")/common.sh"

[ $# -eq 0 ] || usage_error "usage: $prog"
[ "$(id -u)" -eq 0 ] || die "a Debian root can be made by root only"

kernel=$("$top/scripts/debian-kernel.sh")
release=$(cat "$kernel/release")
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
dir=$cache/debian/root
lock "$dir/.lock"

# What the machine's apt has of Debian, as lines of a sources.list
sources() {
	# shellcheck disable=SC2016
	apt-get indextargets --no-release-info \
		--format '$(RELEASE) $(COMPONENT) $(REPO_URI)' "Created-By: Packages" |
		awk -v r="$codename" '($1 == r || index($1, r "-") == 1) && $2 == "main" {
			print "deb", $3, $1, $2 }' | sort -u
}

# A system; what is needed to look at one; the module's build
packages=(systemd-sysv udev dbus ifupdown iproute2 iputils-ping kmod procps e2fsprogs
	initramfs-tools linux-image-"$release" libpam-systemd zstd
	dkms gcc make linux-headers-"$release" keyutils)
# Their dependencies stay, they themselves go
replaced=(targetcli-fb python3-rtslib-fb open-iscsi libopeniscsiusr)
# As the kernel of a virtual machine needs them to find its root
modules=(virtio_pci virtio_blk ext4)

hash=$({ cat "$0"; echo "$kernel"; sources; } | sha256sum | cut -c1-16)
root=$dir/$hash
if [ -z "$(find "$root/.complete" -mtime -7 2>/dev/null)" ]; then
	say "debian: making a root with $release (some minutes)"
	rm -rf "$root" "$root.part"
	mkdir -p "$root.part"
	sources >"$root.part/sources.list"
	[ -s "$root.part/sources.list" ] ||
		die "apt knows no archive of Debian $codename: check /etc/apt"
	include=$(IFS=,; echo "${packages[*]},${replaced[*]},multipath-tools")
	# No documentation but copyrights, no translations; the DKMS of a machine
	# builds when a package is installed
	# shellcheck disable=SC2016
	TMPDIR=/tmp run_logged "$cache/log/debian-root.log" \
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
		--customize-hook='chroot "$1" apt-mark manual $(chroot "$1" \
			dpkg-query -W -f "\${Package} ") >/dev/null' \
		--customize-hook='chroot "$1" dpkg --purge '"${replaced[*]}" \
		"$codename" "$root.part/tree" "$root.part/sources.list"
	cp "$root.part/tree/boot/vmlinuz-$release" "$root.part/vmlinuz"
	cp "$root.part/tree/boot/initrd.img-$release" "$root.part/initrd"
	# Nothing but the packages at hand: apt has no source
	rm -rf "$root.part"/tree/var/lib/apt/lists/*
	: >"$root.part/tree/etc/apt/sources.list"
	touch "$root.part/.complete"
	mv "$root.part" "$root"
	find "$dir" -maxdepth 1 -name '????????????????' ! -path "$root" -exec rm -rf {} +
fi
echo "$root"
