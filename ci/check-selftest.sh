#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-selftest.sh: do what the cover letter of 2-srp tells a reader who has the patch
# series: apply it to mainline, build User-mode Linux, and run the series' selftest there.
# The steps are run as written.  The tree stays in the cache, so that the next build is
# short.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"
. "$top/scripts/kernel/series.sh"
. "$top/qemu/console.sh"

"$top/scripts/kernel/make-series.sh" -c
# Whoever runs this need not be known to git outside the checkout
export GIT_AUTHOR_NAME=lio-srp GIT_AUTHOR_EMAIL=lio-srp@localhost
export GIT_COMMITTER_NAME=lio-srp GIT_COMMITTER_EMAIL=lio-srp@localhost
letter=$top/out/series/2-srp/0000-cover-letter.patch
pristine=$("$top/scripts/fetch/pristine.sh" mainline)
tree=$cache/mainline/selftest
log=$cache/mainline/log/selftest.log
export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_BASEDIR=$cache CCACHE_NOHASHDIR=1

# mainline: lay the tree as a repository, without what the last run applied
mainline() {
	if [ "$(cat "$tree/.pristine" 2>/dev/null)" != "$pristine" ]; then
		rm -rf "$tree"
		cp -al "$pristine" "$tree"
		echo "$pristine" >"$tree/.pristine"
	elif [ -e "$tree/.git/refs/tags/base" ]; then
		git -C "$tree" reset -q --hard base
		rm -rf "$tree/.git"
	fi
	begin_repository "$pristine" "$tree"
}

# steps: the commands of the cover letter, which are one block
steps() {
	sed -n '/^    git am /,/^$/s/^    //p' "$letter"
}

# follow: run them
follow() {
	cd "$tree"
	# A guest that hangs must not hang this
	series=$top/out/series PATH=/usr/lib/ccache:$PATH \
		timeout -k 9 7200 bash -euxo pipefail -c "$(steps)"
}

# results: a line for each case of the selftest, and one for the whole
results() {
	sed 's/\r$//' "$log" | awk '
	/^# (not )?ok [0-9]+ / {
		result = $2 == "ok" ? "ok" : "not ok"
		sub(/^# (not )?ok [0-9]+ /, "")
		gsub(/ /, "-")
		print result " selftest/" $0
	}
	$0 == "ok 1 selftests: target_iscsi_srp: iscsi_srp.sh" { passed = 1 }
	END { print (passed ? "ok" : "not ok") " selftest" }'
}

lock "$cache/mainline/.lock-selftest"
mainline
{
	mkdir -p "${log%/*}"
	follow >"$log" 2>&1 </dev/null || echo "not ok selftest/steps # see $log"
	results
	! grep -E "$trouble" "$log" || echo "not ok selftest/console"
} | "$top/ci/summary.sh"
