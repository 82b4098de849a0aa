#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make-repo.sh [-k KEY] [-d DIR] [-o DIR]: make an apt repository of the packages in
# out/deb or the directory of -d, in out/repo or the directory of -o, and print its path.
# Its suites are the codenames of the Debian releases.
#
# KEY, a fingerprint, key ID or address that gpg knows, names the secret key that signs
# the repository.  By default it is one that is made and kept in the cache.  The public
# key is lio-srp.asc in the repository.
set -euo pipefail
. "$(dirname "$0")/../common.sh"
. "$top/scripts/package/release.sh"

key=
debs=$top/out/deb
out=$top/out/repo
usage="usage: $prog [-k KEY] [-d DIR] [-o DIR]"
while getopts :k:d:o: option; do
	case $option in
	k) key=$OPTARG ;;
	d) debs=$OPTARG ;;
	o) out=$OPTARG ;;
	*) usage_error "$usage" ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 0 ] || usage_error "$usage"
command -v apt-ftparchive >/dev/null || die "apt-ftparchive is missing: install apt-utils"

gpg=(gpg --batch --yes --quiet)
if [ -n "$key" ]; then
	"${gpg[@]}" --list-secret-keys "$key" >/dev/null 2>&1 ||
		die "gpg has no secret key '$key': see gpg --list-secret-keys"
else
	home=$cache/repo-key
	gpg+=(--homedir "$home")
	key=lio-srp@localhost
	lock "$cache/.lock-repo-key"
	if [ ! -d "$home" ]; then
		say "making a key for the repository"
		rm -rf "$home.part"
		mkdir -m 700 "$home.part"
		run_logged "$cache/log/repo-key.log" gpg --batch --homedir "$home.part" \
			--passphrase '' --quick-generate-key "lio-srp repository <$key>" \
			ed25519 sign never
		gpgconf --homedir "$home.part" --kill all
		mv "$home.part" "$home"
	fi
	trap 'gpgconf --homedir "$home" --kill all' EXIT
fi

arch=$(dpkg --print-architecture)
part=$out.part
rm -rf "$part"
mkdir -p "$part"
# The tree below $part is for everybody
chmod 755 "$part"
"${gpg[@]}" --armor --export "$key" >"$part/lio-srp.asc"

# suite RELEASE: add the packages of a Debian release
suite() {
	local codename dist
	codename=$(codename_of "$1")
	dist=dists/$codename
	mkdir -p "pool/$codename" "$dist/main/binary-$arch"
	cp "$debs/$1"/*.deb "pool/$codename/"
	apt-ftparchive packages "pool/$codename" >"$dist/main/binary-$arch/Packages"
	xz -k "$dist/main/binary-$arch/Packages"
	# Unattended upgrades and our preferences for apt select by these fields
	apt-ftparchive -o APT::FTPArchive::Release::Origin=lio-srp \
		-o APT::FTPArchive::Release::Label=lio-srp \
		-o "APT::FTPArchive::Release::Suite=$codename" \
		-o "APT::FTPArchive::Release::Codename=$codename" \
		-o "APT::FTPArchive::Release::Architectures=$arch" \
		-o APT::FTPArchive::Release::Components=main \
		-o "APT::FTPArchive::Release::Description=SRP logins for iSCSI, Debian $1" \
		release "$dist" >Release
	mv Release "$dist/"
	"${gpg[@]}" --local-user "$key" --clearsign -o "$dist/InRelease" "$dist/Release"
	"${gpg[@]}" --local-user "$key" --armor --detach-sign -o "$dist/Release.gpg" \
		"$dist/Release"
}

made=
cd "$part"
for release in $releases; do
	[ -d "$debs/$release" ] || continue
	suite "$release"
	made=$release
done
[ -n "$made" ] || die "no packages in $debs: run make deb"
cd "$top"
rm -rf "$out"
mv "$part" "$out"
echo "$out"
