#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [PART...]: build the packages and test them in roots of Debian's. Prints
# a line "ok NAME" or "not ok NAME" for each test, and what went wrong on standard
# error. PART, by default all of them:
#   files     what is in the packages
#   install   where nothing of the kind was: use, removal, purge
#   upgrade   from earlier ones of ours, then DKMS with more kernels
#   debian    from Debian's versions, and back
#
# Nothing is installed on the machine. No test uses the network.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"

here=$top/packaging
[ $# -gt 0 ] || set -- files install upgrade debian
for part; do
	case $part in
	files | install | upgrade | debian) ;;
	*) usage_error "usage: $prog [files|install|upgrade|debian ...]" ;;
	esac
done
if [ "$(id -u)" -ne 0 ]; then
	echo "ok deb # SKIP only root can make root file systems"
	exit 0
fi
"$top/scripts/deps.sh" check-deb

base=$("$here/root.sh")
mapfile -t kernels <"$base/offline/kernels"
oldest=${kernels[0]} newest=${kernels[1]} other=${kernels[2]}

work=$(mktemp -d "${TMPDIR:-/tmp}/lio-srp-deb.XXXXXX")
debs=$work/debs
log=$work/log
mounted=()
cleanup() {
	local dir
	for dir in "${mounted[@]}"; do
		umount -l "$dir"
	done
	rm -rf "$work"
}
trap cleanup EXIT

# check NAME COMMAND...: it is to succeed
check() {
	local name=deb/$1 status=0
	shift
	# not as a condition: there, set -e would have no effect
	set +e
	(set -e; "$@") >"$log" 2>&1 </dev/null
	status=$?
	set -e
	if [ $status -eq 0 ]; then
		echo "ok $name"
	else
		echo "not ok $name"
		tail -n 25 "$log" | sed 's/^/# /' >&2
	fi
}

# silent COMMAND...: succeeds without a word
silent() {
	local said
	said=$("$@" 2>&1) || { echo "$said"; return 1; }
	[ -z "$said" ] || { echo "$said"; return 1; }
}

same() { # WHAT EXPECTED
	[ "$1" = "$2" ] || { printf 'is       %s\nshould be %s\n' "$1" "$2"; return 1; }
}

#
# Roots: layers on top of the base
#

# root NAME LAYER...: a root with the layers below it, the uppermost first;
# it becomes the one that inside() is about
root() {
	local name=$1 lower='' layer
	shift
	for layer; do
		lower+=$work/$layer/upper:
	done
	mkdir -p "$work/$name/upper" "$work/$name/work" "$work/$name/root"
	mount -t overlay overlay "$work/$name/root" \
		-o "lowerdir=$lower$base,upperdir=$work/$name/upper,workdir=$work/$name/work"
	mounted+=("$work/$name/root")
	root=$work/$name/root
}

inside() {
	# shellcheck disable=SC2016
	unshare --mount --pid --fork --net --ipc --uts sh -c '
		mount -t proc proc "$0/proc" && exec chroot "$0" env -i LC_ALL=C.UTF-8 \
			PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
			DEBIAN_FRONTEND=noninteractive "$@"' "$root" "$@"
}

apt() {
	inside apt-get -q -y --no-install-recommends -o DPkg::Use-Pty=0 "$@"
}

# install [-o OPTION] [DIR] NAME...: packages from DIR, by default those that were
# built
install() {
	local dir=$debs name files=()
	if [ "$1" = -o ]; then
		files+=(-o "$2")
		shift 2
	fi
	if [ -d "$1" ]; then
		dir=$1
		shift
	fi
	mkdir -p "$root/debs"
	for name; do
		cp "$dir/$name"_*.deb "$root/debs/"
		files+=("/debs/$(basename "$(echo "$dir/$name"_*.deb)")")
	done
	apt --allow-downgrades install "${files[@]}"
}

# What dpkg thinks of the root: nothing half done, and every file as packed
sane() {
	silent inside dpkg --audit
	silent inside sh -c 'dpkg --verify "$@" | grep -v " c /etc/"; true' sh "$@"
}

# listing [-c]: names of all files of the root; -c: and what is in those of packages.
# Left out is what belongs to dpkg and apt, caches, root's own files, and the key that
# the package dkms makes at its first build.
listing() {
	local printf='%y %m %p %l\n'
	(
		cd "$root"
		find . \( -path ./proc -o -path ./debs -o -path ./run -o -path ./tmp \
			-o -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./var/log \
			-o -path ./var/cache -o -path ./etc/ld.so.cache \
			-o -path './etc/*-' -o -path ./var/lib/systemd/catalog \
			-o -path './root/*' -o -path './var/lib/dkms/mok.*' \) -prune \
			-o -printf "$printf"
		[ -z "${1:-}" ] ||
			find etc usr \( -path usr/src -o -path etc/iscsi/nodes \) -prune -o \
				-type f ! -path etc/ld.so.cache ! -name '*.pyc' \
				! -path 'etc/*-' -exec sha256sum {} +
	) | sort
}

control() { # DEB FIELD
	dpkg-deb -f "$debs/$1"_*.deb "$2"
}

#
# The files, as they are
#

ours="iscsi-srp-utils iscsi-target-srp-dkms"
changed="open-iscsi libopeniscsiusr iscsiuio libopeniscsiusr-dev python3-rtslib-fb targetcli-fb"

lint() { # DEB...: names of tags
	lintian --allow-root --tag-display-limit 0 --no-override "$@" 2>/dev/null |
		sed -n 's/^[EW]: [^:]*: \([a-z0-9-]*\).*/\1/p' | sort -u
}

no_complaint() {
	silent lintian --allow-root --fail-on error,warning "$debs/$1"_*.deb
}

no_new_complaint() {
	silent comm -13 <(lint "$base/offline/$1"_*.deb) <(lint "$debs/$1"_*.deb)
}

reproducible() {
	local dir
	mkdir -p "$work/other/lio-srp/open-iscsi"
	for dir in pristine deb apt ccache open-iscsi/download python/deb; do
		mkdir -p "$cache/$dir" "$work/other/lio-srp/$(dirname "$dir")"
		ln -s "$cache/$dir" "$work/other/lio-srp/$dir"
	done
	XDG_CACHE_HOME=$work/other CCACHE_DIR=$cache/ccache \
		"$top/scripts/make-deb.sh" -o "$work/again"
	diff -rq "$debs" "$work/again"
}

# versions: above Debian's, and below the next one's
versions() {
	local name theirs
	for name in $changed; do
		theirs=$(dpkg-deb -f "$base/offline/$name"_*.deb Version)
		dpkg --compare-versions "$(control "$name" Version)" gt "$theirs"
	done
	theirs=$(. "$top/usr/open-iscsi/pin" && echo "$VERSION")
	dpkg --compare-versions "$(control open-iscsi Version)" gt "$theirs"
	dpkg --compare-versions "$(control open-iscsi Version)" lt "${theirs%?}9"
	dpkg --compare-versions "$(control open-iscsi Version)" lt 2.1.11-2
	dpkg --compare-versions "$(control python3-rtslib-fb Version)" lt 2.1.75-2.2
	dpkg --compare-versions "$(control targetcli-fb Version)" lt 1:2.1.53-1.2
}

# repacked NAME: only what the patches change differs from Debian's package
repacked() {
	local name=$1 expected differs
	dpkg-deb -R "$base/offline/$name"_*.deb "$work/$name.theirs"
	dpkg-deb -R "$debs/$name"_*.deb "$work/$name.ours"
	differs=$({ diff -rq "$work/$name.theirs" "$work/$name.ours" || :; } |
		sed -n "s,^Only in $work/$name.ours\(.*\): ,+ \1/,p
			s,^Only in .*,- &,p
			s,^Files .* and $work/$name.ours\(.*\) differ,\1,p" | sort)
	expected=$(case $name in
	python3-rtslib-fb)
		for dir in rtslib rtslib_fb; do
			printf "%s/usr/lib/python3/dist-packages/$dir/%s.py\n" '' fabric \
				'' root '' target '+ ' savefile '+ ' srp
		done
		;;
	targetcli-fb)
		printf '%s/usr/lib/python3/dist-packages/targetcli/%s.py\n' '' ui_node \
			'' ui_target '+ ' srp_shell '+ ' srp_values '+ ' ui_srp
		printf '/usr/%s\n' bin/targetcli bin/targetclid share/man/man8/targetcli.8.gz
		;;
	esac | {
		cat
		printf '%s\n' /DEBIAN/control /DEBIAN/md5sums \
			"/usr/share/doc/$name/changelog.Debian.gz"
	} | sort)
	diff <(echo "$expected") <(echo "$differs")
	(cd "$work/$name.ours" && md5sum --quiet --check DEBIAN/md5sums)
	same "$(cut -c35- "$work/$name.ours/DEBIAN/md5sums" | sort)" "$(cd "$work/$name.ours" &&
		find . -path ./DEBIAN -prune -o -type f ! -path './etc/*' -printf '%P\n' | sort)"
}

mkdir "$debs"
say "building the packages"
"$top/scripts/make-deb.sh" >/dev/null
cp "$top"/out/deb/*.deb "$debs/"

part_files() {
	local package
	for package in $ours; do
		check "lintian/$package" no_complaint "$package"
	done
	for package in $changed; do
		check "lintian/$package" no_new_complaint "$package"
	done
	check versions versions
	check reproducible reproducible
	for package in python3-rtslib-fb targetcli-fb; do
		check "repacked/$package" repacked "$package"
	done
}

#
# All of them on a system that has nothing of the kind
#

main="iscsi-srp-utils iscsi-target-srp-dkms open-iscsi libopeniscsiusr python3-rtslib-fb targetcli-fb"
# shellcheck disable=SC2206
main=($main)

helper() {
	inside iscsi-srpd --check
	inside iscsi-srpd --version | grep -F "iscsi-srpd $(control iscsi-srp-utils Version),"
	same "$(inside getent passwd iscsi-srpd | cut -d: -f1,6-)" \
		"iscsi-srpd:/:/usr/sbin/nologin"
	[ "$(inside id -u iscsi-srpd)" -lt 1000 ]
	# What request-key would start
	same "$(sed -n 's/^create[[:space:]]*iscsi_srp[[:space:]].*[[:space:]]\(\/[^ ]*\) %k$/\1/p' \
		"$root/etc/request-key.d/iscsi_srp.conf")" /usr/sbin/iscsi-srpd
	[ -x "$root/usr/sbin/iscsi-srpd" ] && [ -x "$root/sbin/request-key" ]
}

tools() {
	same "$(inside sh -c 'echo password123 | iscsi-srp-passwd alice' | cut -d= -f1 | xargs)" \
		"srp_userid srp_salt srp_verifier_MODP-3072 srp_verifier_SRP-2048 srp_verifier_SRP-1536"
	inside iscsi-login --version
	inside man -P cat iscsi-srp-passwd | grep srp_verifier
	inside man -P cat iscsi-login | grep -e --method
	inside man -P cat targetcli | grep srp_password
	inside man -P cat iscsiadm | grep SRP
	grep srp_username "$root/etc/iscsi/iscsid.conf"
}

completion() {
	cp "$here/test-completion.bash" "$root/debs/"
	silent inside bash /debs/test-completion.bash
}

python() {
	# That are compiled as the package was configured: -B writes none
	inside python3 -B -c '
import os, rtslib.srp, rtslib_fb.srp, rtslib_fb.savefile, targetcli.ui_srp
for module in rtslib.srp, rtslib_fb.srp, rtslib_fb.savefile, targetcli.ui_srp:
    os.stat(module.__cached__)'
	inside targetcli --version
}

initiator() {
	inside iscsiadm --version | grep 2.1.11
	inside iscsiadm -m node -T iqn.2026-01.org.example:t -p 10.9.8.1 -o new
	inside iscsiadm -m node -T iqn.2026-01.org.example:t -p 10.9.8.1 -o update \
		-n node.session.auth.authmethod -v SRP
	inside iscsiadm -m node -T iqn.2026-01.org.example:t -p 10.9.8.1 |
		grep -x 'node.session.auth.authmethod = SRP'
}

# built KERNEL...: the module is there for exactly these, and it is what modprobe
# would load
built() {
	local version kernel
	version=$(control iscsi-target-srp-dkms Version)
	same "$(inside dkms status | sort)" "$(for kernel; do
		echo "iscsi-target-srp/$version, $kernel, x86_64: installed"
	done | sort)"
	for kernel; do
		# Compressed or not as the kernel's own are
		inside modinfo -k "$kernel" -F filename iscsi_target_mod |
			grep "^/lib/modules/$kernel/updates/dkms/iscsi_target_mod\.ko"
		inside modinfo -k "$kernel" -F version iscsi_target_mod | grep -e "-srp$version\$"
		inside modinfo -k "$kernel" -F vermagic iscsi_target_mod | grep "^$kernel "
	done
}

# modprobed KERNEL PART: the file that would be loaded is in that part of the modules
modprobed() {
	inside modprobe -S "$1" --show-depends iscsi_target_mod |
		grep "^insmod /lib/modules/$1/$2/.*iscsi_target_mod\.ko"
}

# The kernel's own files, as a running target has them, do what a real one's do
refused() {
	local target=$root/sys/kernel/config/target/iscsi/iqn.2026-01.org.example:t
	local module=$root/sys/module/iscsi_target_mod
	mkdir -p "$target" "$module"
	echo "4.1.0-srp0.1" >"$module/version"
	if apt remove iscsi-srp-utils >"$work/said" 2>&1; then
		echo "removed under a target"
		return 1
	fi
	cat "$work/said"
	grep -F 'systemctl stop rtslib-fb-targetctl' "$work/said"
	helper
	built "$oldest"
	# The kernel's own module: nothing of ours is in use
	echo "4.1.0" >"$module/version"
	apt -s remove iscsi-target-srp-dkms
	rm -rf "${root:?}/sys/kernel" "$root/sys/module"
	sane "${main[@]}"
}

removed() {
	apt remove "${main[@]}"
	[ ! -e "$root/usr/sbin/iscsi-srpd" ]
	[ -e "$root/etc/request-key.d/iscsi_srp.conf" ]
	same "$(inside dkms status)" ""
	modprobed "$oldest" kernel/drivers/target
	silent inside dpkg --audit
}

purged() {
	apt purge "${main[@]}"
	diff "$work/before" <(listing)
	# Debian's rule for users of a package: they stay
	inside getent passwd iscsi-srpd
}

part_install() {
	root install plain
	listing >"$work/before"
	check install install "${main[@]}"
	check install/sane sane "${main[@]}"
	check helper helper
	check tools tools
	check completion completion
	check python python
	check initiator initiator
	check "dkms/$oldest" built "$oldest"
	check dkms/modprobe modprobed "$oldest" updates/dkms
	check remove/refused refused
	check remove removed
	check purge purged
}

#
# From an earlier version of ours, and another kernel after that
#

# older DIR: versions before those that were built
older() {
	local name version
	mkdir "$1"
	for name in "${main[@]}"; do
		dpkg-deb -R "$debs/$name"_*.deb "$work/older.$name"
		version=$(control "$name" Version)
		if [ "$name" = iscsi-target-srp-dkms ]; then
			mv "$work/older.$name/usr/src/iscsi-target-srp-$version" \
				"$work/older.$name/usr/src/iscsi-target-srp-0.0"
			sed -i "s/$version/0.0/" "$work/older.$name"/DEBIAN/{postinst,prerm,md5sums} \
				"$work/older.$name/usr/src/iscsi-target-srp-0.0/dkms.conf"
		fi
		sed -i -e 's/^Version: .*/&~/' -e 's/\(= [^)]*srp1\))/\1~)/g' \
			"$work/older.$name/DEBIAN/control"
		dpkg-deb --root-owner-group -b "$work/older.$name" "$1/"
	done
}

upgraded() {
	local name
	echo '# mine' >>"$root/etc/request-key.d/iscsi_srp.conf"
	echo '# mine' >>"$root/etc/iscsi/iscsid.conf"
	install "${main[@]}"
	sane "${main[@]}"
	for name in "${main[@]}"; do
		# shellcheck disable=SC2016
		same "$(inside dpkg-query -W -f '${Version}' "$name")" "$(control "$name" Version)"
	done
	grep -x '# mine' "$root/etc/request-key.d/iscsi_srp.conf"
	grep -x '# mine' "$root/etc/iscsi/iscsid.conf"
	[ ! -e "$root/usr/src/iscsi-target-srp-0.0" ]
	built "$oldest"
}

# headers KERNEL: they arrive as by an upgrade
headers() {
	# shellcheck disable=SC2016
	inside sh -c 'dpkg -i "/offline/$0"/*.deb' "$1"
}

part_upgrade() {
	check upgrade/older older "$work/older"
	root upgrade plain
	check upgrade/install install "$work/older" "${main[@]}"
	check upgrade/upgrade upgraded
	check upgrade/helper helper
	check upgrade/initiator initiator
	check "dkms/$newest-arrives" headers "$newest"
	check "dkms/$newest" built "$oldest" "$newest"
	check "dkms/$other-arrives" headers "$other"
	check "dkms/$other" built "$oldest" "$newest" "$other"
}

#
# From Debian's versions, with data, and back
#

debians=(open-iscsi libopeniscsiusr python3-rtslib-fb targetcli-fb)
node=iqn.2026-01.org.example:t

from_debian() {
	# The answer of an admin who has a configuration
	install -o DPkg::Options::=--force-confold "${debians[@]}"
	sane "${debians[@]}"
	grep -x '# mine' "$root/etc/iscsi/iscsid.conf"
	cmp "$root/etc/rtslib-fb-target/saveconfig.json" "$work/saveconfig.json"
	# The record is still known
	inside iscsiadm -m node | grep " $node\$"
}

# A record that a version without SRP would not read
with_password() {
	# shellcheck disable=SC2016
	inside sh -c 'echo password123 | iscsiadm -m node -T "$0" -p 10.9.8.1 -o update \
		-n node.session.auth.srp_password -v -' $node
	grep -rq password123 "$root/var/lib/iscsi"
}

back_to_debian() {
	local name files=()
	for name in "${debians[@]}"; do
		files+=("/offline/$(basename "$(echo "$base/offline/$name"_*.deb)")")
	done
	apt --allow-downgrades -o DPkg::Options::=--force-confold install "${files[@]}"
	inside iscsiadm -m node | grep " $node\$"
	inside iscsiadm -m node -T $node -p 10.9.8.1 |
		grep -x 'node.session.auth.authmethod = None'
	if grep -rq password123 "$root/etc/iscsi" "$root/var/lib"; then
		echo "SRP's password is still there"
		return 1
	fi
	# dpkg's copy of the configuration that was not taken
	rm -rf "$root/debs" "$root"/etc/iscsi/iscsid.conf.dpkg-dist
	diff "$work/before" <(listing -c)
}

part_debian() {
	root debian
	check debian/record inside iscsiadm -m node -T $node -p 10.9.8.1 -o new
	echo '# mine' >>"$root/etc/iscsi/iscsid.conf"
	echo '{ "fabric_modules": [], "storage_objects": [], "targets": [] }' >"$work/saveconfig.json"
	mkdir -p "$root/etc/rtslib-fb-target"
	cp "$work/saveconfig.json" "$root/etc/rtslib-fb-target/"
	listing -c >"$work/before"
	check debian/upgrade from_debian
	check debian/python python
	check debian/initiator initiator
	check debian/password with_password
	check debian/downgrade back_to_debian
}

# Without what the packages replace, below the roots that begin so
root plain
apt purge open-iscsi libopeniscsiusr targetcli-fb python3-rtslib-fb >"$log" 2>&1
for part; do
	"part_$part"
done
