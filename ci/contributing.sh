#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# contributing.sh: run the commands of CONTRIBUTING.md in a copy of the checkout, and
# check that a change to LIO's code gets from the tree into a kernel object.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/lio-srp-contributing.XXXXXX")
log=$work/log
copy=$work/copy
# The kernel's tree is shared: the next build must not find the changed line
cleanup() {
	"$top/scripts/kernel/lay-tree.sh" mainline >/dev/null
	rm -rf "$work"
}

# block SECTION: the commands of the first section whose heading starts with that
block() {
	awk -v section="## $1" '
	/^## / { inside = index($0, section) == 1 }
	inside && sub(/^    /, "")
	inside && /^$/ { print }' "$top/CONTRIBUTING.md"
}

# follow SECTION: run its commands
follow() {
	local commands
	commands=$(block "$1")
	[ -n "${commands//[[:space:]]/}" ] || die "CONTRIBUTING.md has no commands for '$1'"
	(cd "$copy" && bash -euo pipefail -c "$commands")
}

# check NAME COMMAND...: passes if the command succeeds
check() {
	local status=0
	# Not as a condition: set -e would have no effect there
	set +e
	(set -e; "${@:2}") >"$log" 2>&1 </dev/null
	status=$?
	set -e
	if [ $status -eq 0 ]; then
		echo "ok contributing/$1"
	else
		echo "not ok contributing/$1"
		sed 's/^/    /' "$log"
	fi
}

# make refresh changes nothing if no tree was edited
unchanged() {
	cd "$copy"
	make -s trees
	make -s refresh
	git diff --exit-code
}

# in_kernel TEXT: nego.c of the laid tree has it, and so has its object
in_kernel() {
	local src build=$cache/mainline/build
	src=$("$copy/scripts/kernel/lay-tree.sh" mainline)
	grep -F "$1" "$src/drivers/target/iscsi/iscsi_target_nego.c"
	lock "$cache/mainline/.lock-build"
	make -s -C "$src" O="$build" ARCH=um CC="ccache gcc" HOSTCC="ccache gcc" \
		drivers/target/iscsi/iscsi_target_nego.o
	grep -F "$1" "$build/drivers/target/iscsi/iscsi_target_nego.o"
}

lio() {
	follow "Change a line of LIO"
	in_kernel 'sent an empty security payload'
}

open_iscsi() {
	local version tree
	follow "Change a line of open-iscsi"
	for version in 2.1.13 2.1.11; do
		tree=$("$copy/usr/open-iscsi/build.sh" --cache $version)
		grep -F 'Cannot turn off core dumps' "$tree/src/usr/initiator_common.c"
	done
}

rtslib() {
	local tree
	follow "Change a line of rtslib"
	for tree in 2.2.3 2.1.75 "2.1.75 trixie"; do
		# shellcheck disable=SC2086
		tree=$("$copy/scripts/package/patch-deb.sh" "$copy"/usr/rtslib/$tree)
		grep -F '# For SRPNode' "$tree/src/rtslib/fabric.py"
	done
}

# Where the two versions differ, the change has to be made in both trees
both_versions() {
	local version sed='s/^from .savefile import write_private/& as write_file/'
	cd "$copy"
	for version in 2.2.3 2.1.75; do
		sed -i "$sed; s/^from .tcm import .*/& # T/" \
			"out/trees/rtslib-$version/rtslib/root.py"
		git -C "out/trees/rtslib-$version" fold Add-SRP-to-portal-groups
		[ $version = 2.1.75 ] || ! make -s refresh 2>"$work/said" || return 1
	done
	grep 'make it in out/trees/rtslib-2.1.75 as well' "$work/said"
	make -s refresh
	for version in 2.2.3 2.1.75; do
		grep '^+from .savefile import write_private as write_file' \
			"usr/rtslib/$version"/0003-*.patch
	done
}

# An edited tree is refused if the checkout has changed as well
stale() {
	cd "$copy"
	git -C out/trees/linux commit -q --allow-empty -m edited
	echo >>series/1-fixes/0001-*.patch
	! make -s refresh 2>"$work/said" || return 1
	grep 'laid from an older checkout' "$work/said"
}

# A line of our own code that a later patch changes: it can be built, but the patches
# before that cannot be made
later() {
	cd "$copy"
	git checkout -q series
	git -C out/trees/linux reset -q --hard laid
	sed -i 's/^\tsrp->min_group = iscsit_srp_min_group();$/\tsrp->min_group = 1;/' \
		drivers/target/iscsi/srp/exchange.c
	[ -n "$(git status --porcelain drivers)" ]
	scripts/kernel/lay-tree.sh mainline
	! make -s trees 2>"$work/said" || return 1
	grep 'exchange.c was changed where .*\.patch changes it' "$work/said"
}

# So are changes that are not committed
uncommitted() {
	cd "$copy"
	echo >>out/trees/open-iscsi-2.1.13/README
	! make -s refresh 2>"$work/said" || return 1
	grep 'uncommitted' "$work/said"
	git -C out/trees/open-iscsi-2.1.13 checkout -q README
}

export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_BASEDIR=$cache
# Whoever runs this need not be known to git
export GIT_AUTHOR_NAME=lio-srp GIT_AUTHOR_EMAIL=lio-srp@localhost
export GIT_COMMITTER_NAME=lio-srp GIT_COMMITTER_EMAIL=lio-srp@localhost
trap cleanup EXIT
"$top/scripts/kernel/build-kernel.sh" mainline >/dev/null
mkdir "$copy"
tar -C "$top" -c --exclude=./out --exclude=./.git . | tar -x -C "$copy"
git -C "$copy" init -q
git -C "$copy" add -A
git -C "$copy" commit -q -m copy

check refresh unchanged
check end-to-end-test follow "Add an end-to-end test"
check uncommitted uncommitted
check lio lio
check open-iscsi open_iscsi
check rtslib rtslib
check both-versions both_versions
check stale stale
check later later
