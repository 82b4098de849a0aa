#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fuzz.sh PROGRAM CORPUS: run a libFuzzer program for FUZZ_SECONDS, by default 60, or
# for FUZZ_RUNS inputs.  It starts from the files of the directory CORPUS and from those
# that CORPUS.py writes.  Those whose name begins with "good" must be accepted.  Prints
# "ok" or "not ok" and the number of inputs.  What breaks the program is in PROGRAM.found.
set -euo pipefail

program=$(realpath "$1")
seeds=$(realpath -m "$2")
name=$COMPONENT/$(basename "$program")
found=$program.found
export UBSAN_OPTIONS=print_stacktrace=1

# In memory: some programs write a file for each input
work=$(mktemp -d /dev/shm/fuzz.XXXXXX)
trap 'rm -rf "$work"' EXIT
rm -rf "$found"
mkdir -p "$found" "$work/corpus"
[ ! -d "$seeds" ] || cp "$seeds"/* "$work/corpus"
[ ! -e "$seeds.py" ] || "$seeds.py" "$work/corpus"
cd "$work"

limit=-max_total_time=${FUZZ_SECONDS:-60}
[ -z "${FUZZ_RUNS:-}" ] || limit=-runs=$FUZZ_RUNS
status=0
{
	FUZZ_GOOD=1 "$program" corpus/good* &&
		"$program" "$limit" -len_control=0 -timeout=20 -print_final_stats=1 \
			-artifact_prefix="$found/" corpus
} >"$found/log" 2>&1 || status=$?

# stat NAME: a figure at the end of the log
stat() {
	awk -v name="stat::$1:" '$1 == name { print $2 }' "$found/log"
}

if [ $status -ne 0 ]; then
	echo "not ok $name # see $found"
	{
		grep -E -m 1 -A 25 'ERROR: |runtime error: ' "$found/log" ||
			tail -n 25 "$found/log"
	} | sed 's/^/# /'
	exit 1
fi
echo "ok $name # $(stat number_of_executed_units) inputs, $(stat average_exec_per_sec)/s"
