#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# module-source.sh DIR [VERSION]: create the source of iscsi_target_mod with SRP in
# DIR, which must be empty or not exist, for a build with DKMS or make on Debian's
# kernels.
#
# Each of Debian's kernel series has its own source in DIR/linux-SERIES: all of
# drivers/target/iscsi from Debian's linux-source of that kernel, with the patches, the
# overlay and compat/.  The last series is mainline.  DIR/build chooses the source for a
# kernel.
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
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	usage_error "usage: $prog DIR [VERSION]"
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
	local pristine tree work=$stage/$1 patch
	tree=$dir/linux-$(series_of "$1")
	pristine=$("$top/scripts/fetch/pristine.sh" "$1")
	mkdir -p "$work" "$tree"
	check_overlay_named
	compat_patch before "$1" "$pristine" "$work"
	for patch in "$series_dir"/*.patch; do
		apply_patch "$patch" "$pristine" "$work"
	done
	compat_patch after "$1" "$pristine" "$work"
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

for kernel in $kernels; do
	lay "$kernel"
done
cp "$top/compat/build" "$dir/build"

cat >"$dir/dkms.conf" <<END
# SPDX-License-Identifier: GPL-2.0
PACKAGE_NAME="iscsi-target-srp"
PACKAGE_VERSION="$version"
BUILT_MODULE_NAME[0]="iscsi_target_mod"
DEST_MODULE_LOCATION[0]="/updates/dkms"
BUILD_EXCLUSIVE_CONFIG="CONFIG_ISCSI_TARGET CONFIG_KEYS"
AUTOINSTALL="yes"
# It exits with 77, by which DKMS skips the kernel, if there is no source for it
PRE_BUILD="build \$kernelver \$kernel_source_dir"
MAKE[0]="./build \$kernelver \$kernel_source_dir"
# Only called before Debian 13, and after PRE_BUILD
CLEAN="true"
END
echo "$dir"
