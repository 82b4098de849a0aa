#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make-series.sh: create the patch series for mainline, out/series/NNNN-*.patch, and the
# one that adds TLS to it, out/series/tls/NNNN-*.patch.
#
# Each patch becomes a commit, signed off by the user configured in git.  Then check
# the patches: git am must turn a pristine tree into the tree of lay-tree.sh, byte for
# byte except for the vectors, and checkpatch must not complain.
#
# The series contains a selection of the vectors, so that mailing lists accept the
# patch: each special case in two short groups, and the plain case in every group.
set -euo pipefail
. "$(dirname "$0")/../common.sh"
. "$top/scripts/kernel/series.sh"

[ $# -eq 0 ] || usage_error "usage: $prog"
name=$(git -C "$top" config user.name || :)
mail=$(git -C "$top" config user.email || :)
if [ -z "$name" ] || [ -z "$mail" ]; then
	die "no name for Signed-off-by: set user.name and user.email with git config"
fi

src=$("$top/scripts/kernel/lay-tree.sh" mainline)
pristine=$("$top/scripts/fetch/pristine.sh" mainline)
for id in 'SRP-768/*' 'SRP-1024/*' '*/basic' 'encoding/*'; do
	vectors_only+=(--only "$id")
done
lock "$cache/mainline/.lock-src"
version=$(make -s -C "$pristine" kernelversion)
out=$top/out/series

work=$(mktemp -d "$cache/mainline/.series.XXXXXX")
trap 'rm -rf "$work"' EXIT
# Ignore the user's git configuration
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=$name GIT_AUTHOR_EMAIL=$mail
export GIT_COMMITTER_NAME=$name GIT_COMMITTER_EMAIL=$mail

# begin DIR: create a repository of the pristine files that the patches change
begin() {
	local file
	git -C "$1" init -q
	for patch in "$series_dir"/*.patch; do
		for file in $(patch_changes "$patch"); do
			# A patch adds it, another one changes it
			[ ! -e "$top/$file" ] || [ "$file" = MAINTAINERS ] || continue
			from_pristine "$file" "$pristine" "$1"
			git -C "$1" add -f "$file"
		done
	done
	git -C "$1" commit -q -m "Linux $version"
	git -C "$1" tag base
}

# cover FILE TEXT: fill in a cover letter: the first line is the subject
cover() {
	awk -v text="$2" '
	/^Subject: / { getline subject <text; sub(/\*\*\* SUBJECT HERE \*\*\*/, subject) }
	/^\*\*\* BLURB HERE \*\*\*$/ {
		getline line <text
		while ((getline line <text) > 0)
			print line
		next
	}
	{ print }' "$1" >"$1.new"
	mv "$1.new" "$1"
	! grep -q "\*\*\*" "$1" || die "the cover letter is not complete"
}

# Commits
say "series: creating the commits"
mkdir "$work/tree"
begin "$work/tree"
check_overlay_named
for patch in "$series_dir"/*.patch; do
	[[ ${patch##*/} != *-tls-* ]] || git -C "$work/tree" rev-parse -q --verify first >/dev/null ||
		git -C "$work/tree" tag first
	apply_patch "$patch" "$pristine" "$work/tree"
	git -C "$work/tree" add -fA
	date=$(git -C "$top" log -1 --format=%aD -- "$patch")
	patch_message "$patch" |
		GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date \
			git -C "$work/tree" commit -q -s --cleanup=strip -F -
done
rm -rf "$out"
mkdir -p "$out"
git -C "$work/tree" format-patch -q -o "$out" --subject-prefix="PATCH" \
	--no-signature base..first
git -C "$work/tree" format-patch -q -o "$out/tls" --subject-prefix="PATCH" \
	--no-signature --cover-letter first..
cover "$out/tls/0000-cover-letter.patch" "$top/series/tls-cover-letter"

# Check
say "series: applying it to a pristine tree"
cp -al "$pristine" "$work/am"
begin "$work/am"
run_logged "$cache/mainline/log/am.log" git -C "$work/am" am "$out"/*.patch \
	"$out"/tls/000[1-9]-*.patch
diff -rq --no-dereference -x .git -x .pristine -x .laid -x .content -x .complete \
	-x '.checkpatch-camelcase*' -x "${vectors_h##*/}" \
	"$src" "$work/am" ||
	die "git am and lay-tree.sh create different trees"
cmp "$work/tree/$vectors_h" "$work/am/$vectors_h" ||
	die "git am does not create the selected vectors"

say "series: checkpatch"
# One of the commits adds the entry in MAINTAINERS.  The vectors are data, and
# checkpatch dislikes tracepoint macros and lists (ci/style.sh checks the rest of
# these files).
mkdir "$work/check"
for patch in "$out"/*.patch "$out"/tls/000[1-9]-*.patch; do
	awk -v data="$vectors_h" '
		/^diff --git / {
			skip = index($0, " b/" data) ||
				/ b\/include\/trace\// ||
				/ b\/drivers\/.*\/srp\/(group\.h|.*configfs\.[ch])$/
		}
		!skip' "$patch" >"$work/check/$(tr / - <<<"${patch#"$out/"}")"
done
(cd "$work/check" && perl "$src/scripts/checkpatch.pl" --strict --terse --quiet --no-summary \
	--root="$src" --show-types --ignore FILE_PATH_CHANGES -- *.patch) ||
	die "checkpatch found problems"
ls "$out"/*.patch "$out"/tls/*.patch
