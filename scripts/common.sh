# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
#
# Common code of the scripts.  Sourced; the caller has set -eu.
#
# The cache contains everything downloaded or built outside the checkout:
#   deb/            downloaded packages
#   apt/            state of the private apt (scripts/fetch/apt-source.sh)
#   pristine/       Debian's kernel source trees, never modified
#   <kernel>/       for 6.12 and mainline: src (patched tree), build and
#                   build-debug (kbuild output), logs
#   ccache/         compiler cache
#   user/           user-space programs by content hash

# The checkout: the directory that contains scripts/
top=$(cd "$(dirname "$0")" && pwd -P)
while [ ! -e "$top/scripts/common.sh" ]; do
	top=$(dirname "$top")
done
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lio-srp
prog=${0##*/}

# Sorting and messages must not depend on the locale
export LC_ALL=C

# Errors within $(...) count as errors
# shellcheck disable=SC3044
[ -z "${BASH_VERSION:-}" ] || shopt -s inherit_errexit

die() {
	echo "$prog: $*" >&2
	exit 1
}

usage_error() {
	echo "$prog: $*" >&2
	exit 64
}

# Print progress to standard error: standard output is for results
say() {
	echo "  $*" >&2
}

# check_kernel NAME: exit unless it is a supported kernel
check_kernel() {
	case $1 in
	6.12 | mainline) ;;
	*) usage_error "unknown kernel '$1': must be 6.12 or mainline" ;;
	esac
}

# lock FILE: exclude other runs until the caller exits
lock() {
	mkdir -p "$(dirname "$1")"
	exec 9>"$1"
	flock 9
}

# run_logged LOG COMMAND...: log the output; print the end of it on failure
run_logged() {
	log=$1
	shift
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 </dev/null && return
	status=$?
	tail -n 40 "$log" >&2
	echo "$prog: failed (status $status): $*; whole log: $log" >&2
	return $status
}

# build_dir DIR SRC: create the kbuild directory DIR for the laid tree SRC.  Objects of
# another version are removed: Debian's files have the dates of upstream, so make would
# take old objects for newer than the sources of the next version.
build_dir() {
	cmp -s "$1/.pristine" "$2/.pristine" || rm -rf "$1"
	mkdir -p "$1"
	cp "$2/.pristine" "$1/"
}
