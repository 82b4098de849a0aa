#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# module-source.sh [-p PACKAGE] DIR [VERSION]: create the source of a module in DIR,
# which must be empty or not exist, for a build with DKMS or make on Debian's kernels.
# PACKAGE: iscsi-target-srp, the default, iscsi_target_mod with SRP; iscsi-tcp-srp,
# iscsi_tcp with TLS
#
# Each of Debian's kernel series has its own source in DIR/linux-SERIES: all of
# drivers/target/iscsi, or iscsi_tcp, from Debian's linux-source of that kernel, with the
# patches, the overlay and compat/.  The last series is mainline.  DIR/build chooses the
# source for a kernel.
# VERSION: version of the package, by default that of this project.
# --series: print the series that are in DIR instead.
set -euo pipefail
. "$(dirname "$0")/../common.sh"
. "$top/scripts/kernel/series.sh"

kernels='6.1 6.12 mainline'

# series_of KERNEL: such as 7.3 for mainline
series_of() {
	local pristine
	pristine=$("$top/scripts/fetch/pristine.sh" "$1")
	pristine=${pristine##*/linux-source-}
	echo "${pristine%%_*}"
}

if [ "$*" = --series ]; then
	for kernel in $kernels; do
		series_of "$kernel"
	done
	exit
fi
package="iscsi-target-srp"
if [ "${1:-}" = -p ]; then
	package=${2:-}
	shift 2 || :
fi
case $package in
iscsi-target-srp)
	module=iscsi_target_mod
	config="CONFIG_ISCSI_TARGET CONFIG_KEYS"
	exports=drivers/target/iscsi/iscsi_target_mod
	adds=SRP
	;;
iscsi-tcp-srp)
	module=iscsi_tcp
	config="CONFIG_ISCSI_TCP CONFIG_TLS"
	exports=''
	adds=TLS
	;;
*) usage_error "no package '$package': must be iscsi-target-srp or iscsi-tcp-srp" ;;
esac
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	usage_error "usage: $prog [-p PACKAGE] DIR [VERSION]"
fi
dir=$1
version=${2:-$(cat "$top/VERSION")}
[[ $version =~ ^[0-9][0-9A-Za-z.+~]*$ ]] ||
	usage_error "bad version '$version': digits, letters and . + ~, a digit first"
if [ -n "$(ls -A "$dir" 2>/dev/null)" ]; then
	die "$dir is not empty: name a new directory"
fi
mkdir -p "$dir"
dir=$(cd "$dir" && pwd -P)

stage=$(mktemp -d "${TMPDIR:-/tmp}/lio-srp-module.XXXXXX")
trap 'rm -rf "$stage"' EXIT

iscsi=drivers/target/iscsi

# lay KERNEL: create its source in DIR/linux-SERIES
lay() {
	local pristine tree work=$stage/$1
	tree=$dir/linux-$(series_of "$1")
	pristine=$("$top/scripts/fetch/pristine.sh" "$1")
	mkdir -p "$work" "$tree"
	lay_series "$1" "$pristine" "$work"
	"lay_$module" "$@"
}

# lay_iscsi_target_mod KERNEL: with lay's variables
lay_iscsi_target_mod() {
	add_compat "$pristine" "$work"
	cp -r "$pristine/$iscsi/." "$work/$iscsi/." "$tree/"
	cp -r "$work/include" "$tree/"
	[ ! -d "$top/compat/linux-$1/include" ] ||
		cp -r "$top/compat/linux-$1/include" "$tree/"
	# Another module, tests that need KUnit, and options that are set below
	rm -r "$tree/cxgbit" "$tree/tests" "$tree/srp/tests" "$tree/tls/tests" "$tree/Kconfig"
	{
		cat <<-END
		# SPDX-License-Identifier: GPL-2.0
		CONFIG_ISCSI_TARGET := m
		CONFIG_ISCSI_TARGET_CXGB4 :=
		CONFIG_ISCSI_TARGET_KUNIT_TEST :=
		CONFIG_ISCSI_TARGET_SRP := y
		CONFIG_ISCSI_TARGET_SRP_KUNIT_TEST :=
		ccflags-y += -DCONFIG_ISCSI_TARGET_SRP=1
		ccflags-y += -I\$(src)/include -I\$(src)/include/uapi
		subdir-ccflags-y += -include \$(src)/compat/compat.h
		subdir-ccflags-y += \$(if \$(shell grep kzalloc_obj \$(srctree)/include/linux/slab.h),,-DCOMPAT_KZALLOC_OBJ)

		END
		sed '1d; /^subdir-ccflags-y/d' "$tree/Makefile"
	} >"$tree/Kbuild"
	rm "$tree/Makefile"
	# DKMS installs a module only if it is newer than the kernel's own
	sed -i "s/^MODULE_VERSION(\"\(.*\)\");\$/MODULE_VERSION(\"\1-srp$version\");/" \
		"$tree/iscsi_target.c"
	grep -q "^MODULE_VERSION(\".*-srp$version\");\$" "$tree/iscsi_target.c" ||
		die "$1: iscsi_target.c has no MODULE_VERSION to add to"
}

# lay_iscsi_tcp KERNEL: with lay's variables
lay_iscsi_tcp() {
	local cap flags=
	cp "$work"/drivers/scsi/iscsi_tcp.[ch] "$tree/"
	[ ! -d "$top/compat/linux-$1/include/net" ] || {
		mkdir "$tree/include"
		cp -r "$top/compat/linux-$1/include/net" "$tree/include/"
		# Updates of 6.1 have brought sk_use_task_frag
		# shellcheck disable=SC2016
		flags=' -I$(src)/include $(if $(shell grep sk_use_task_frag $(srctree)/include/net/sock.h),,-DCOMPAT_NO_TASK_FRAG)'
	}
	# The kernel's own iscsi_if.h does not have the new capability
	cap=$(sed -n 's/^#define CAP_TLS[[:space:]]*\(0x[0-9a-f]*\).*/\1/p' \
		"$work/include/scsi/iscsi_if.h")
	[ -n "$cap" ] || die "$1: iscsi_if.h has no CAP_TLS"
	cat >"$tree/Kbuild" <<-END
	# SPDX-License-Identifier: GPL-2.0
	obj-m := iscsi_tcp.o
	ccflags-y := -DCAP_TLS=$cap$flags
	END
	# The kernel's own has no version.  DKMS takes any as the newer one.
	echo "MODULE_VERSION(\"srp$version\");" >>"$tree/iscsi_tcp.c"
}

for kernel in $kernels; do
	lay "$kernel"
done
cp "$top/compat/build" "$dir/build"

cat >"$dir/dkms.conf" <<END
# SPDX-License-Identifier: GPL-2.0
PACKAGE_NAME="$package"
PACKAGE_VERSION="$version"
BUILT_MODULE_NAME[0]="$module"
DEST_MODULE_LOCATION[0]="/updates/dkms"
BUILD_EXCLUSIVE_CONFIG="$config"
AUTOINSTALL="yes"
# It exits with 77, by which DKMS skips the kernel, if there is no source for it
PRE_BUILD="build \$kernelver \$kernel_source_dir"
MAKE[0]="./build \$kernelver \$kernel_source_dir"
# Only called before Debian 13, and after PRE_BUILD
CLEAN="true"
# For build
EXPORTS="$exports"
ADDS="$adds"
END
echo "$dir"
