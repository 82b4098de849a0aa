# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# The Debian releases that packages are made for, and where their packages are.  Sourced
# after common.sh.

# Oldest first: each version of a package sorts below those of later releases
releases="12 13"

# next_release RELEASE: print the one after it, if it is here
next_release() {
	# shellcheck disable=SC2086
	printf '%s\n' $releases | sed -n "/^$1\$/{n;p;}"
}

# suites_of RELEASE: its suites for apt-source.sh
suites_of() {
	if [ "$(. /etc/os-release && echo "${VERSION_ID:-}")" = "$1" ]; then
		echo machine
	else
		echo "$(codename_of "$1") $(codename_of "$1")-security"
	fi
}

# backports_of RELEASE: the suite with kernels that are newer than its own and 6.12
backports_of() {
	case $1 in
	13) echo trixie-backports ;;
	esac
}

# codename_of RELEASE: its codename, which is also the suite in the archive
codename_of() {
	case $1 in
	12) echo bookworm ;;
	13) echo trixie ;;
	*) usage_error "no Debian release '$1': must be one of $releases" ;;
	esac
}
