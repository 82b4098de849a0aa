# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
#
# What the scripts share.  Sourced; the caller has set -eu.
#
# The cache holds everything that is downloaded or built outside the checkout:
#   deb/            downloaded packages
#   apt/            state of the private apt (scripts/fetch/apt-source.sh)
#   pristine/       kernel source trees as Debian ships them, never written to
#   <kernel>/       for 6.12 and mainline: src (laid tree), build and
#                   build-debug (kbuild's output), logs
#   ccache/         compiler cache
#   user/           user-space programs by content hash

# The checkout: the directory above that of the script that has these scripts
top=$(cd "$(dirname "$0")" && pwd -P)
while [ ! -e "$top/scripts/common.sh" ]; do
	top=$(dirname "$top")
done
cache=${XDG_CACHE_HOME:-$HOME/.cache}/lio-srp
prog=${0##*/}

# Sorting and messages must not depend on the user
export LC_ALL=C

# An error within $(...) is an error
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

# Progress goes to standard error: standard output is for results
say() {
	echo "  $*" >&2
}

# check_kernel NAME: one of the kernels this project knows, or exit
check_kernel() {
	case $1 in
	6.12 | mainline) ;;
	*) usage_error "unknown kernel '$1': must be 6.12 or mainline" ;;
	esac
}

# lock FILE: serialise with other runs until the caller exits
lock() {
	mkdir -p "$(dirname "$1")"
	exec 9>"$1"
	flock 9
}

# run_logged LOG COMMAND...: quiet when it works, the log's end when it fails
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
