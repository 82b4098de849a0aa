# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Parts of check-packages, which sources this file: the apt repository, installed as in
# Documentation/install.md, while Debian has newer versions of the packages, and the
# upgrade to the next Debian release

blocks() {
	"$top/qemu/debian/lib/blocks.py" "$@"
}

# documented MARK...: the commands that install packages, or all if there are none
documented() {
	local script
	script=$(blocks "$@")
	! grep -q '^apt-get install' <<<"$script" ||
		script=$(grep '^apt-get install' <<<"$script")
	inside sh -euxc "$script"
}

# publish DIR: make the root's repository of the packages below DIR
publish() {
	"$top/scripts/package/make-repo.sh" -d "$1" -o "$root/srv/lio-srp"
}

# A later update of Debian's: the same packages with a higher version
debian_updates() {
	local name dir=$root/srv/debian
	mkdir -p "$dir"
	for name in $changed; do
		dpkg-deb -R "$base/offline/$name"_*.deb "$work/update.$name"
		sed -i -e 's/^Version: .*/Version: 9:9/' \
			-e 's/\(libopeniscsiusr ([>=]* \)[^)]*)/\19:9)/' \
			"$work/update.$name/DEBIAN/control"
		dpkg-deb --root-owner-group -b "$work/update.$name" "$dir/"
	done
	(
		cd "$dir" || exit
		apt-ftparchive packages . >Packages
		apt-ftparchive -o APT::FTPArchive::Release::Origin=Debian \
			-o APT::FTPArchive::Release::Label=Debian-Security \
			-o "APT::FTPArchive::Release::Suite=$codename" \
			-o "APT::FTPArchive::Release::Codename=$codename-security" \
			release . >Release
	)
	debian_at /srv/debian
	inside apt-get update
}

# no_debian: nothing of Debian's is available
no_debian() {
	mkdir "$root/srv/none"
	: >"$root/srv/none/Packages"
	debian_at /srv/none
}

# debian_at PATH: use that repository in the root instead of Debian's archive
debian_at() {
	rm -f "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d"/*.list
	echo "deb [trusted=yes] file:$1 ./" >"$root/etc/apt/sources.list.d/debian.list"
}

# versions_are COMMAND NAME...: those that COMMAND prints are ours
versions_are() {
	local command=$1 name
	shift
	for name; do
		same "$("$command" "$name")" "$(control "$name" Version)"
	done
}

installed() {
	# shellcheck disable=SC2016
	inside dpkg-query -W -f '${Version}' "$1"
}

candidate() {
	inside apt-cache policy "$1" | sed -n 's/^  Candidate: //p'
}

# would COMMAND: what apt would install, as NAME=VERSION
would() {
	apt -s "$1" | sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p'
}

# documented_install [-v VERSION]: VERSION as for built
documented_install() {
	documented repository
	documented target
	documented initiator
	documented initiator tls
	sane "${main[@]}"
	helper
	built "$@" "$oldest"
}

none_of_debian() {
	[[ $1 != *=9:9* ]] || { echo "would install: $1"; return 1; }
}

# Only our older versions and Debian's newer ones are there
kept() {
	same "$(would full-upgrade)" ""
	same "$(would upgrade)" ""
}

# Our newer versions are there, too
offered() {
	local said
	inside apt-get update
	versions_are candidate "${main[@]}"
	said=$(would full-upgrade)
	none_of_debian "$said"
	same "$(xargs -n 1 <<<"$said" | cut -d= -f1 | sort | xargs)" \
		"$(xargs -n 1 <<<"${main[*]}" | sort | xargs)"
}

# unattended WHAT...: these packages would be upgraded
unattended() {
	local said
	said=$(inside unattended-upgrade --dry-run -v 2>&1) || { echo "$said"; return 1; }
	same "$(sed -n 's/^.*Packages that will be upgraded: *//p' <<<"$said" |
		xargs -n 1 | sort | xargs)" "$(xargs -n 1 <<<"$*" | sort | xargs)" ||
		{ echo "$said"; return 1; }
}

unattended_documented() {
	documented unattended
	unattended "${main[@]}"
}

upgraded_by_apt() {
	apt -o DPkg::Options::=--force-confold full-upgrade
	versions_are installed "${main[@]}"
	sane "${main[@]}"
}

# What the preferences prevent; without them, the metapackages still do
refused_by_depends() {
	mkdir "$work/preferences"
	mv "$root"/etc/apt/preferences.d/lio-srp-* "$work/preferences/"
	same "$(candidate open-iscsi)" 9:9
	same "$(would upgrade)" ""
	mv "$work/preferences"/* "$root/etc/apt/preferences.d/"
	versions_are candidate "${debians[@]}"
}

# Without our packages nothing of ours is preferred
returned() {
	apt purge lio-srp-target lio-srp-initiator open-iscsi libopeniscsiusr
	[ -z "$(ls "$root/etc/apt/preferences.d")" ]
	same "$(candidate open-iscsi)" 9:9
}

# With newer versions of Debian's, an installation needs the versions of ours
installed_later() {
	local output
	! output=$(documented initiator 2>&1) || { echo "$output"; return 1; }
	grep 'lio-srp-initiator : Depends: open-iscsi-srp' <<<"$output"
	same "$(inside dpkg-query -W -f x lio-srp-initiator 2>/dev/null)" ""
	apt install lio-srp-initiator "open-iscsi=$(control open-iscsi Version)" \
		"libopeniscsiusr=$(control libopeniscsiusr Version)"
	versions_are installed open-iscsi libopeniscsiusr
	# lio-srp-target is gone, so Debian's versions of its packages are preferred
	same "$(would full-upgrade | grep iscsi)" ""
}

# A repository that somebody else has changed
tampered() {
	sed -i 's/^Label: .*/Label: Debian/' "$root/srv/lio-srp/dists/$codename/InRelease"
	! inside apt-get -o APT::Update::Error-Mode=any update
}

part_repo() {
	local older=$work/older-debs
	mkdir "$older"
	root repo plain
	no_debian
	check repo/older older "$older/$debian"
	check repo/published publish "$older"
	check repo/install documented_install -v 0.0
	check repo/debian debian_updates
	check repo/kept kept
	check repo/unattended-kept unattended
	check repo/update publish "$top/out/deb"
	check repo/offered offered
	check repo/unattended unattended_documented
	check repo/upgrade upgraded_by_apt
	check repo/depends refused_by_depends
	check repo/purge returned
	check repo/later installed_later
	check repo/tampered tampered
}

#
# Upgrade to the next Debian release
#

# What a machine with SRP has: a record with a password, a saved target
configured() {
	inside iscsiadm -m node -T "$node" -p 10.9.8.1 -o new
	inside iscsiadm -m node -T "$node" -p 10.9.8.1 -o update \
		-n node.session.auth.authmethod -v SRP
	with_password
	inside iscsiadm -m node -T "$node" -p 10.9.8.1 -S >"$work/record"
	echo '{ "fabric_modules": [], "storage_objects": [], "targets": [] }' >"$work/next.json"
	mkdir -p "$root/etc/rtslib-fb-target"
	cp "$work/next.json" "$root/etc/rtslib-fb-target/saveconfig.json"
}

next_upgrade() {
	local name
	debian_at /offline/next
	# Only what is needed is there
	echo 'APT::Install-Recommends "false"; DPkg::Use-Pty "false";' \
		>"$root/etc/apt/apt.conf.d/90test"
	documented next
	# shellcheck disable=SC2016
	same "$(inside sh -c '. /etc/os-release && echo $VERSION_ID')" "$next"
	for name in "${main[@]}"; do
		same "$(installed "$name")" \
			"$(dpkg-deb -f "$top/out/deb/$next/$name"_*.deb Version)"
	done
	sane "${main[@]}"
	# apt has nothing left to do
	same "$(would full-upgrade)" ""
}

next_configuration() {
	diff "$work/record" <(inside iscsiadm -m node -T "$node" -p 10.9.8.1 -S)
	grep -x 'node.session.auth.srp_password = password123' "$work/record"
	cmp "$work/next.json" "$root/etc/rtslib-fb-target/saveconfig.json"
}

part_next() {
	local next
	next=$(next_release "$debian")
	[ -n "$next" ] || return 0
	root next plain
	check next/published publish "$top/out/deb"
	no_debian
	check next/install documented_install
	check next/configured configured
	check next/upgrade next_upgrade
	check next/configuration next_configuration
	check next/helper helper
	check next/python python
	check "next/dkms/$oldest" built "$oldest"
}
