#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# qemu.sh: print the path of the QEMU that runs the guests.
#
# Without KVM, guests of QEMU 7.2 from Debian 12 sometimes crash on a busy machine, in
# code that their kernel has just patched (static branches).  In that case, unpack
# newer packages from Debian's backports in the cache; the installed ones stay.
set -eu
. "$(dirname "$0")/../common.sh"

[ $# -eq 0 ] || usage_error "usage: $prog"
own=$(command -v qemu-system-x86_64) ||
	die "qemu-system-x86_64 is missing: scripts/fetch/deps.sh debian installs it"
version=$("$own" --version | sed -n 's/^QEMU emulator version \([0-9]*\).*/\1/p')
[ "${version:-0}" -lt 9 ] || {
	echo "$own"
	exit 0
}

dir=$cache/debian/qemu
lock "$dir.lock"
if [ ! -x "$dir/qemu" ]; then
	say "unpacking a newer QEMU"
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	rm -rf "$dir.part"
	mkdir -p "$dir.part/root"
	for package in qemu-system-x86 qemu-system-common qemu-system-data seabios; do
		deb=$("$top/scripts/fetch/apt-source.sh" deb "$codename-backports" \
			$package "$dir.part")
		dpkg-deb -x "$deb" "$dir.part/root"
		rm "$deb"
	done
	cat >"$dir.part/qemu" <<-END
	#!/bin/sh
	QEMU_MODULE_DIR=$dir/root/usr/lib/x86_64-linux-gnu/qemu
	export QEMU_MODULE_DIR
	exec $dir/root/usr/bin/qemu-system-x86_64 -L $dir/root/usr/share/qemu \\
		-L $dir/root/usr/share/seabios "\$@"
	END
	chmod +x "$dir.part/qemu"
	rm -rf "$dir"
	mv "$dir.part" "$dir"
fi
"$dir/qemu" --version >/dev/null || die "$dir/qemu does not run"
echo "$dir/qemu"
