#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh [-d|-t PATCH] [6.12|mainline]...: run the KUnit suites on these kernels, by
# default on both.  -d: use the debug kernels.  -t PATCH: those with the patches of
# series/ up to this one.  Print a line for each case.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"
. "$top/qemu/console.sh"

build=()
case ${1:-} in
-d)
	build=(-d)
	shift
	;;
-t)
	build=(-t "${2:-}")
	shift 2
	;;
esac
[ $# -gt 0 ] || set -- 6.12 mainline

dir=$(mktemp -d /tmp/lio-srp.XXXXXX)
trap 'rm -rf "$dir"' EXIT
ulimit -c 0

# results KERNEL CONSOLE: print a line for each case; fail unless every suite in
# the kernel's plan has finished
results() {
	awk -v kernel="$1" '
	{ sub(/\r$/, "") }
	/^1\.\.[0-9]+$/ { plan = substr($0, 4) + 0 }
	/^    # Subtest: / { suite = $3; log_text = "" }
	/^    (ok|not ok) [0-9]+ / {
		failed = $1 == "not"
		name = failed ? $4 : $3
		skip = match($0, / # SKIP.*/) ? substr($0, RSTART) : ""
		printf "%s %s/%s.%s%s\n", failed ? "not ok" : "ok", kernel,
			suite, name, skip
		if (failed)
			printf "%s", log_text
		log_text = ""
		next
	}
	/^(ok|not ok) [0-9]+ / { ended++; next }
	/^    / { log_text = log_text $0 "\n" }
	END {
		if (plan && plan == ended)
			exit
		printf "not ok %s/kunit # %d of %d suites came to an end\n",
			kernel, ended, plan
	}' "$2"
}

# unexpected CONSOLE: our own messages that no suite provokes on purpose
unexpected() {
	sed 's/\r$//' "$1" | grep -E '^iSCSI( SRP)?: ' |
		grep -vEf <(grep -v '^#' "$top/kunit/expected-log")
}

for kernel; do
	check_kernel "$kernel"
	linux=$("$top/scripts/kernel/build-kernel.sh" "${build[@]}" "$kernel") || {
		echo "not ok $kernel/kernel # does not build"
		continue
	}
	TMPDIR=$(memory_dir 512 "$dir") timeout -s KILL 300 \
		"$linux" mem=512M noreboot panic=-1 printk.time=0 uml_dir="$dir" \
		ssl=null con=null con0=null,fd:1 kunit.enable=1 kunit_shutdown=halt \
		"kunit.filter_glob=iscsi_target_*" \
		</dev/null >"$dir/console" 2>&1 || :
	results "$kernel" "$dir/console"
	grep -q '^1\.\.' "$dir/console" || tail -n 20 "$dir/console" >&2
	if report_trouble "$dir/console"; then
		echo "not ok $kernel/kunit-console # the kernel reported a bug"
	elif unexpected "$dir/console"; then
		echo "not ok $kernel/kunit-console # no test expects these messages"
	fi
done | "$top/ci/summary.sh"
