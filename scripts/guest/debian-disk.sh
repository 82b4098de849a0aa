#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# debian-disk.sh [-b|-t|-u] RELEASE target|initiator: create the root disk of a machine of
# qemu/pair, with that Debian release, and print its path.  The disk is a raw ext4 image
# that is never modified later.  Next to it, with .modules instead of .img, is a copy of
# the target's /lib/modules.
#
# The disk contains the repository out/repo in /srv/lio-srp, and its packages, installed
# with the commands in Documentation/install.md.  They run in a chroot, because a guest
# without KVM takes 15 minutes to build the target's module.
#
# -b: without the packages.  -t: with the tools of qemu/bench-tls (debian-root.sh -t).
# -u: to upgrade to the next release, with space and a network for it (debian-root.sh -u).
set -euo pipefail
. "$(dirname "$0")/../common.sh"
. "$top/scripts/package/release.sh"

kind=
size=4G		# sparse
root_options=()
case ${1:-} in
-b)
	kind=-bare
	shift
	;;
-t)
	kind=-tools
	root_options=(-t)
	shift
	;;
-u)
	kind=-upgrade
	size=8G
	root_options=(-u)
	shift
	;;
esac
[ $# -eq 2 ] || usage_error "usage: $prog [-b|-t|-u] RELEASE target|initiator"
debian=$1
role=$2
codename=$(codename_of "$debian")
case $role in
target) number=1 ;;
initiator) number=2 ;;
*) usage_error "'$role': must be target or initiator" ;;
esac

root=$("$top/scripts/guest/debian-root.sh" "${root_options[@]}" "$debian")
packages=()
if [ "$kind" != -bare ]; then
	shopt -s nullglob
	packages=("$top/out/repo/pool/$codename"/*.deb)
	[ ${#packages[@]} -gt 0 ] || die "no packages in out/repo: run make repo"
	[ "$kind" != -upgrade ] || packages=("$top"/out/repo/pool/*/*.deb)
fi
dir=$cache/debian/disk
lock "$dir/.lock"

blocks=("$top/qemu/debian/lib/blocks.py" "$top/Documentation/install.md")
[ "$kind" != -bare ] || blocks=()
hash=$({
	echo "$root"
	cat "$0" "$top/qemu/lib/agent" "${blocks[@]}" "${packages[@]}"
} | sha256sum | cut -c1-16)
disk=$dir/$debian-$role$kind-$hash.img

# write FILE: write standard input to a file of the machine
write() {
	mkdir -p "$(dirname "$tree/$1")"
	cat >"$tree/$1"
}

configure() {
	echo "$role" | write etc/hostname
	write etc/hosts <<-END
	127.0.0.1 localhost
	10.9.8.1 target
	10.9.8.2 initiator
	END
	write etc/network/interfaces <<-END
	auto lo eth0 eth1
	iface lo inet loopback
	iface eth0 inet static
	  address 10.9.8.$number/24
	iface eth1 inet static
	  address 10.9.9.$number/24
	END
	# The user network of QEMU
	if [ "$kind" = -upgrade ]; then
		cat >>"$tree/etc/network/interfaces" <<-END
		auto eth2
		iface eth2 inet static
		  address 10.0.2.15/24
		  gateway 10.0.2.2
		END
		echo "nameserver 10.0.2.3" | write etc/resolv.conf
	fi
	write etc/fstab </dev/null
	# Generate a machine ID at the first boot, without questions
	write etc/machine-id </dev/null
	install -m 755 "$top/qemu/lib/agent" "$tree/usr/local/sbin/lio-srp-agent"
	write etc/systemd/system/lio-srp-agent.service <<-END
	[Unit]
	Description=Commands from the machine that runs this guest
	[Service]
	ExecStart=/usr/local/sbin/lio-srp-agent
	KillMode=mixed
	TimeoutStopSec=5
	[Install]
	WantedBy=multi-user.target
	END
	mkdir -p "$tree/var/log/journal"
	# Nobody logs in, and none of this is useful in a short-lived guest
	systemctl --root="$tree" -q enable lio-srp-agent.service
	systemctl --root="$tree" -q disable multipathd.service
	systemctl --root="$tree" -q mask getty@tty1.service serial-getty@ttyS0.service \
		apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
		e2scrub_all.timer e2scrub_reap.service fstrim.timer \
		systemd-firstboot.service
}

# in_tree SCRIPT: run it in the tree, without a network: only our repository is there.
# The mounts end with the namespace
in_tree() {
	# shellcheck disable=SC2016
	unshare -m -n --propagation private sh -euc '
		mount -t proc proc "$1/proc"
		mount -t sysfs -o ro sysfs "$1/sys"
		mount -t tmpfs tmpfs "$1/tmp"
		mount -t devtmpfs devtmpfs "$1/dev" || mount --bind /dev "$1/dev"
		mount -t devpts devpts "$1/dev/pts"
		exec chroot "$1" env -i HOME=/root LANG=C.UTF-8 TERM=dumb \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			DEBIAN_FRONTEND=noninteractive \
			sh -euxc "$2"' sh "$tree" "$1"
}

# depmod takes more than a minute for each kernel in the machine, where the packages are
# removed again, and DKMS would build modules for kernels that the initiator never boots:
# keep its kernel cloud-amd64, and no drivers for devices that a machine cannot have
trim_kernels() {
	rm -rf "$tree"/usr/lib/modules/*/kernel/{sound,drivers/{gpu,media,iio,hid,usb}} \
		"$tree"/usr/lib/modules/*/kernel/drivers/{hwmon,platform,input,net/wireless}
	[ "$role" = initiator ] || return 0
	# shellcheck disable=SC2016
	run_logged "$cache/log/debian-kernels-$debian.log" in_tree '
		dpkg-query -W -f "\${Package}\n" "linux-image-*" "linux-headers-*" |
		grep -v -e -cloud- -e -common | xargs dpkg --purge'
}

# Run the commands of the documentation that install packages
install_packages() {
	local repository lines
	mkdir -p "$tree/srv"
	cp -r "$top/out/repo" "$tree/srv/lio-srp"
	repository=$("$top/qemu/debian/lib/blocks.py" repository)
	lines=$(
		"$top/qemu/debian/lib/blocks.py" "$role"
		case $role$kind in
		initiator | initiator-tools) "$top/qemu/debian/lib/blocks.py" initiator tls ;;
		esac
	)
	lines=$(grep "^apt-get install " <<<"$lines") ||
		die "Documentation/install.md installs nothing on the $role"
	# Daemons must not start in the chroot
	write usr/sbin/policy-rc.d <<-END
	#!/bin/sh
	exit 101
	END
	chmod 755 "$tree/usr/sbin/policy-rc.d"
	# run_logged has no set -e: it runs one command, whose status counts
	run_logged "$cache/log/debian-install-$debian-$role$kind.log" \
		in_tree "$repository"$'\n'"$lines"
	rm "$tree/usr/sbin/policy-rc.d"
}

if [ ! -e "$disk" ]; then
	say "Debian $debian: creating the disk of the $role"
	work=$(mktemp -d "$dir/.work.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	tree=$work/tree
	cp -a "$root/tree" "$tree"
	configure
	[ -n "$kind" ] || trim_kernels
	if [ "$kind" != -bare ]; then
		install_packages
	fi
	rm -f "$work/img"
	truncate -s $size "$work/img"
	run_logged "$cache/log/debian-disk.log" \
		mke2fs -q -t ext4 -F -E lazy_itable_init=1 -L "$role" -d "$tree" "$work/img"
	find "$dir" -maxdepth 1 -name "$debian-$role$kind-????????????????.*" -exec rm -rf {} +
	[ "$role" = initiator ] || mv "$tree/usr/lib/modules" "${disk%.img}.modules"
	mv "$work/img" "$disk"
fi
echo "$disk"
