#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Download Debian packages, including packages of other suites.
#
#   apt-source.sh newest SUITE REGEX           newest package whose whole name
#                                              matches: prints NAME VERSION
#   apt-source.sh codename SUITE               the suite's codename
#   apt-source.sh kernels SUITE REGEX          kernels whose whole release (uname -r)
#                                              matches, oldest first: prints RELEASE
#                                              IMAGE-PACKAGE VERSION
#   apt-source.sh headers SUITE REGEX          the same, with those that have headers,
#                                              but no image yet: it is "-"
#   apt-source.sh deb SUITE PACKAGE[=VERSION] DIR   binary package: prints its path
#   apt-source.sh src SUITE PACKAGE[=VERSION] DIR   source package: prints the
#                                              .dsc; if VERSION is gone, of the
#                                              same upstream version
#   apt-source.sh orig SUITE PACKAGE[=VERSION] DIR   its upstream tarball only: prints
#                                              its path
#   apt-source.sh lines [CODENAME]             sources.list of that Debian release, by
#                                              default of the machine's own
#
# SUITE is a Debian suite, or "machine" for the apt sources of this machine, with
# ":ARCHITECTURE" for packages of another one.  Suites are read from the archive in
# this machine's configuration and verified with Debian's archive keyring.  Lists and
# caches are private: this machine's apt state does not change.
#
# Debian publishes a kernel's headers and its unsigned image days before the signed
# image.  A kernel counts if headers and an image of the same version are there; its
# image is the unsigned one until the signed one arrives.
set -eu
. "$(dirname "$0")/../common.sh"

# Minimum age in minutes before reading the package lists again
max_age=1440

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# archive SUITE: print the Debian archive that this machine uses for such a suite
archive() {
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	case $1 in
	*-security) own=$codename-security ;;
	*) own=$codename ;;
	esac
	# shellcheck disable=SC2016
	uri=$(apt-get indextargets --no-release-info \
		--format '$(RELEASE) $(COMPONENT) $(REPO_URI)' \
		"Created-By: Packages" |
		awk -v r="$own" '$1 == r && $2 == "main" { print $3; exit }')
	[ -n "$uri" ] ||
		die "no archive of Debian's $own in apt's sources: check /etc/apt"
	echo "$uri"
}

# lines CODENAME: sources of a release with updates and security updates, for another
# root: those of this release, from the same archives
lines() {
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016
	apt-get indextargets --no-release-info \
		--format '$(RELEASE) $(COMPONENT) $(REPO_URI)' \
		"Created-By: Packages" |
		awk -v c="$codename" -v to="${1:-$codename}" -v k="$keyring" \
			'($1 == c || $1 == c "-updates" || $1 == c "-security") &&
			 $2 == "main" {
				print "deb [signed-by=" k "]", $3, to substr($1, length(c) + 1), $2
			 }' |
		sort -u
}

# sources_of SUITE DIR: use Debian's archive with that suite as the only source
sources_of() {
	[ -r "$keyring" ] || die "$keyring is missing: install debian-archive-keyring"
	mkdir -p "$2"
	cat >"$2/lio-srp.sources" <<-END
	Types: deb deb-src
	URIs: $(archive "$1")
	Suites: $1
	Components: main
	Signed-By: $keyring
	END
}

# use_suite SUITE: set $apt_options and update the package lists
use_suite() {
	suite=${1%%:*}
	arch=${1#"$suite"}
	arch=${arch#:}
	dir=$cache/apt/$suite${arch:+-$arch}
	apt_options="-o Dir::State=$dir/state
		-o Dir::State::status=/dev/null
		-o Dir::Cache=$dir/cache
		-o APT::Sandbox::User=
		${arch:+-o APT::Architecture=$arch -o APT::Architectures=$arch}"
	# Third-party sources may be unreachable
	strict=
	case $suite in
	machine) ;;
	*[!a-z0-9-]* | "") usage_error "bad suite '$suite'" ;;
	*)
		sources_of "$suite" "$dir/etc"
		apt_options="$apt_options
			-o Dir::Etc::sourcelist=/dev/null
			-o Dir::Etc::sourceparts=$dir/etc
			-o APT::Default-Release="
		strict="-o APT::Update::Error-Mode=any"
		;;
	esac
	mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial"
	lock "$dir/.lock"
	if [ -z "$(find "$dir/updated" -mmin -$max_age 2>/dev/null)" ] ||
	   [ -n "${LIO_SRP_UPDATE:-}" ]; then
		say "apt: reading the package lists of $suite"
		# shellcheck disable=SC2086
		run_logged "$cache/log/apt-update.log" \
			apt-get $apt_options $strict update ||
			die "cannot read the lists of $suite: is the network up?"
		touch "$dir/updated"
	fi
}

# fetch SUBCOMMAND PACKAGE DIR GLOB: run apt-get in DIR, print the new file
fetch() {
	mkdir -p "$3"
	dest=$(cd "$3" && pwd -P)
	part=$(mktemp -d "$dest/.part.XXXXXX")
	trap 'rm -rf "$part"' EXIT
	# shellcheck disable=SC2086
	(cd "$part" && run_logged "$cache/log/apt-get.log" \
		apt-get $apt_options -q $1 "$2") ||
		die "apt cannot download $2"
	# shellcheck disable=SC2086
	file=$(cd "$part" && ls -- $4)
	mv -f "$part"/* "$dest/"
	echo "$dest/$file"
}

# offered PACKAGE[=VERSION]: print it, with the newest Debian revision of that
# upstream version if the archive no longer has VERSION
offered() {
	case $1 in
	*=*) ;;
	*) echo "$1" && return ;;
	esac
	# shellcheck disable=SC2086
	versions=$(apt-cache $apt_options showsrc --only-source "${1%%=*}" 2>/dev/null |
		sed -n 's/^Version: //p' | sort -V)
	if echo "$versions" | grep -qxF -- "${1#*=}"; then
		echo "$1"
		return
	fi
	upstream=${1#*=}
	newest=$(echo "$versions" | grep -F -- "${upstream%-*}-" | tail -n 1)
	[ -n "$newest" ] || die "the archive has no $1; it has: ${versions:-none}"
	say "apt: $1 is gone, using $newest"
	echo "${1%%=*}=$newest"
}

# headers REGEX
headers() {
	# apt also lists packages that are only mentioned by others
	# shellcheck disable=SC2046,SC2086
	apt-cache $apt_options show --no-all-versions \
		$(apt-cache $apt_options pkgnames linux- |
			grep -xE -- "linux-(headers|image)-($1)(-unsigned)?") 2>/dev/null |
		awk '
		/^Package: / { name = $2 }
		/^Version: / { version[name] = $2 }
		END {
			for (name in version) {
				release = name
				if (!sub(/^linux-headers-/, "", release))
					continue
				image = "linux-image-" release
				if (version[image] != version[name])
					image = image "-unsigned"
				if (version[image] != version[name])
					image = "-"
				print release, image, version[name]
			}
		}' | sort -V
}

case ${1:-} in
lines)
	[ $# -le 2 ] || usage_error "usage: lines [CODENAME]"
	lines "${2:-}"
	;;
newest)
	[ $# -eq 3 ] || usage_error "usage: newest SUITE REGEX"
	use_suite "$2"
	# shellcheck disable=SC2086
	name=$(apt-cache $apt_options pkgnames linux- |
		grep -xE -- "$3" | sort -V | tail -n 1)
	[ -n "$name" ] || die "no package in $2 matches $3"
	# shellcheck disable=SC2086
	apt-cache $apt_options show --no-all-versions "$name" |
		awk -v n="$name" '$1 == "Version:" { print n, $2; exit }'
	;;
codename)
	[ $# -eq 2 ] || usage_error "usage: codename SUITE"
	use_suite "$2"
	sed -n 's/^Codename: //p' "$dir/state/lists/"*_InRelease
	;;
headers | kernels)
	[ $# -eq 3 ] || usage_error "usage: $1 SUITE REGEX"
	use_suite "$2"
	headers "$3" | awk -v all="$1" '$2 != "-" || all == "headers"'
	;;
deb)
	[ $# -eq 4 ] || usage_error "usage: deb SUITE PACKAGE[=VERSION] DIR"
	use_suite "$2"
	fetch download "$3" "$4" '*.deb'
	;;
src)
	[ $# -eq 4 ] || usage_error "usage: src SUITE PACKAGE[=VERSION] DIR"
	use_suite "$2"
	package=$(offered "$3")
	fetch "--download-only source" "$package" "$4" '*.dsc'
	;;
orig)
	[ $# -eq 4 ] || usage_error "usage: orig SUITE PACKAGE[=VERSION] DIR"
	use_suite "$2"
	package=$(offered "$3")
	fetch "--download-only --tar-only source" "$package" "$4" '*.orig.tar.*'
	;;
*)
	usage_error "usage: $prog newest|kernels|headers|deb|src|orig SUITE PACKAGE [DIR], codename SUITE, or lines [CODENAME]"
	;;
esac
