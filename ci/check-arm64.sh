#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-arm64.sh: cross build the helper, the tools and the module for arm64, on a machine
# of another kind.  Then boot Debian's kernel in an emulated arm64 machine, run the
# helper's tests there, whose filter of system calls depends on the machine, and load the
# module.
#
# Compilers, libraries and kernel are those of the newest Debian release.  Prints "ok" or
# "not ok" for each test.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"
. "$top/scripts/package/release.sh"

[ $# -eq 0 ] || usage_error "usage: $prog"
[ "$(id -u)" -eq 0 ] || {
	echo "ok arm64 # SKIP must be root to create a root file system"
	exit 0
}
debian=${releases##* }
read -ra tests < <(sed -n 's/^TESTS := //p' "$top/usr/srpd/Makefile")
console=$cache/log/arm64-guest.log

lock "$cache/log/.lock-arm64"
work=$(mktemp -d "${TMPDIR:-/tmp}/lio-srp-arm64.XXXXXX")
trap 'status=$?
	rm -rf "$work"
	[ $status -eq 0 ] || echo "not ok arm64 # status $status"' EXIT
build=$work/build
guest=$work/guest

# make_it DIR TARGET...: in the build root
make_it() {
	"$top/scripts/package/build-root.sh" "$debian:arm64" "$build" \
		make -j"$(nproc)" -C "usr/$1" O="/build/$1" CC=aarch64-linux-gnu-gcc \
		AR=aarch64-linux-gnu-ar PKG_CONFIG=aarch64-linux-gnu-pkg-config "${@:2}"
}

# programs: build them.  set -e has no effect below run_logged
programs() {
	mkdir "$build" &&
	(cd "$top" && cp -r --parents VERSION usr/lib usr/srpd usr/passwd usr/login \
		include/uapi kunit/vectors "$build") &&
	make_it passwd all &&
	make_it login all &&
	make_it srpd all "${tests[@]/#//build/srpd/tests/test_}"
}

# initrd KERNEL-DIR RELEASE: make $work/initrd, with all modules of the kernel and ours
initrd() {
	local root deb
	root=$("$top/scripts/package/build-root.sh" "$debian:arm64")/tree
	mkdir -p "$guest"/{bin,dev,etc,lib,proc,sys}
	deb=$("$top/scripts/fetch/apt-source.sh" deb "$(codename_of "$debian"):arm64" \
		busybox-static "$work")
	dpkg-deb --fsys-tarfile "$deb" | tar -xO ./usr/bin/busybox >"$guest/bin/busybox"
	chmod 755 "$guest/bin/busybox"
	cp -P "$root"/usr/lib/aarch64-linux-gnu/*.so.[0-9]* "$guest/lib/"
	cp "$build/srpd/iscsi-srpd" "${tests[@]/#/$build/srpd/tests/test_}" "$guest/bin/"
	cp -r "$1/lib/modules" "$guest/lib/"
	mkdir "$guest/lib/modules/$2/updates"
	cp "$cache/module/$2/iscsi_target_mod.ko" "$guest/lib/modules/$2/updates/"
	/sbin/depmod -b "$guest" "$2"
	cp "$root/etc/passwd" "$guest/etc/"
	cat >"$guest/init" <<-END
	#!/bin/busybox sh
	export CMOCKA_MESSAGE_OUTPUT=TAP PATH=/bin
	busybox mount -t devtmpfs dev /dev
	busybox mount -t proc proc /proc
	busybox mount -t sysfs sys /sys
	for name in ${tests[*]}; do
		echo "RUN \$name"
		test_\$name
	done
	result() {
		name=\$1
		shift
		"\$@" && echo "ok - \$name" || echo "not ok - \$name"
	}
	echo "RUN machine"
	result self-test iscsi-srpd --check
	result module-loads busybox modprobe iscsi_target_mod
	result module-is-ours busybox grep srp /sys/module/iscsi_target_mod/version
	echo 1..3
	busybox poweroff -f
	END
	chmod 755 "$guest/init"
	(cd "$guest" && find . | cpio --quiet -o -H newc) >"$work/initrd"
}

"$top/scripts/fetch/deps.sh" arm64
run_logged "$cache/log/arm64.log" programs
echo "ok arm64/programs"
kernel=$("$top/scripts/fetch/debian-kernel.sh" "$debian" cloud-arm64)
release=$(cat "$kernel/release")
"$top/scripts/kernel/build-module.sh" "$release"
initrd "$kernel" "$release"
run_logged "$console" timeout 300 qemu-system-aarch64 -machine virt -cpu cortex-a57 \
	-smp 2 -m 1024 -nographic -nic none -no-reboot -kernel "$kernel/vmlinuz" \
	-initrd "$work/initrd" -append "console=ttyAMA0 quiet panic=-1"
for name in "${tests[@]}" machine; do
	tr -d '\r' <"$console" | sed -n "/^RUN $name\$/,/^RUN /{/^RUN /d;p}" >"$work/$name.tap"
done
cd "$work"
COMPONENT=arm64 PERL5LIB=$top/usr/lib/tests prove --formatter Results -e cat \
	"${tests[@]/%/.tap}" machine.tap || die "the console of the machine is in $console"
