#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make-series.sh [-c]: create the patch series for mainline, one for each stack of series/:
# out/series/STACK/NNNN-*.patch, with a cover letter.  A patch that has one of its own,
# NNNN-*.rfc, which begins with the list it goes to, is also sent alone: out/series/rfc/.
#
# Each patch becomes a commit, signed off by the user configured in git.  Then check
# the patches: git am, stack by stack, must turn a pristine tree into the trees of these
# commits, and at the end into the one of lay-tree.sh, byte for byte except for the
# vectors; and checkpatch must not complain.  -c: create the patches only.
#
# The series contains a selection of the vectors, so that mailing lists accept the
# patch: each special case in two short groups, and the plain case in every group.
set -euo pipefail
. "$(dirname "$0")/../common.sh"
. "$top/scripts/kernel/series.sh"

check=yes
if [ "${1:-}" = -c ]; then
	check=
	shift
fi
[ $# -eq 0 ] || usage_error "usage: $prog [-c]"
name=$(git -C "$top" config user.name || :)
mail=$(git -C "$top" config user.email || :)
if [ -z "$name" ] || [ -z "$mail" ]; then
	die "no name for Signed-off-by: set user.name and user.email with git config"
fi

[ -z "$check" ] || src=$("$top/scripts/kernel/lay-tree.sh" mainline)
pristine=$("$top/scripts/fetch/pristine.sh" mainline)
for id in 'SRP-768/*' 'SRP-1024/*' '*/basic' 'encoding/*'; do
	vectors_only+=(--only "$id")
done
lock "$cache/mainline/.lock-src"
out=$top/out/series
mapfile -t stacks < <(find "$series_dir" -name cover-letter -printf '%P\n' |
	xargs -n1 dirname | sort)

work=$(mktemp -d "$cache/mainline/.series.XXXXXX")
trap 'rm -rf "$work"' EXIT
# Ignore the user's git configuration
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=$name GIT_AUTHOR_EMAIL=$mail
export GIT_COMMITTER_NAME=$name GIT_COMMITTER_EMAIL=$mail

# cover FILE TEXT DATE: fill in a cover letter: the first line is the subject
cover() {
	[ -s "$2" ] || die "there is no $2"
	awk -v text="$2" -v date="$3" '
	/^Date: / { $0 = "Date: " date }
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

# patches [STACK]: what was created, without the cover letters
patches() {
	find "$out${1:+/$1}" -name '[0-9]*.patch' ! -name '0000-*' | sort
}

# Commits
say "series: creating the commits"
mkdir "$work/tree"
begin_repository "$pristine" "$work/tree"
check_overlay_named
rm -rf "$out"
before=base
for stack in "${stacks[@]}"; do
	for patch in "$series_dir/$stack"/*.patch; do
		apply_patch "$patch" "$pristine" "$work/tree"
		git -C "$work/tree" add -fA
		date=$(git -C "$top" log -1 --format=%aD -- "$patch")
		patch_message "$patch" |
			GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date \
				git -C "$work/tree" commit -q -s --cleanup=strip -F -
	done
	git -C "$work/tree" tag "$stack"
	git -C "$work/tree" format-patch -q -o "$out/$stack" --subject-prefix="PATCH" \
		--no-signature --cover-letter "$before..$stack"
	cover "$out/$stack/0000-cover-letter.patch" "$series_dir/$stack/cover-letter" \
		"$(git -C "$work/tree" log -1 --format=%aD)"
	before=$stack
done

# Patches that are sent alone first, as a request for comments
for letter in "$series_dir"/*/*.rfc; do
	alone=$out/rfc/$(basename "$letter" .rfc)
	commit=$(git -C "$work/tree" log -1 --format=%H -F \
		"--grep=$(sed 1q "${letter%.rfc}.patch")" "$before")
	git -C "$work/tree" format-patch -q -o "$alone" --rfc --no-signature --cover-letter \
		"--to=$(sed -n '1s/^To: //p' "$letter")" -1 "$commit"
	sed 1d "$letter" >"$work/letter"
	cover "$alone/0000-cover-letter.patch" "$work/letter" \
		"$(git -C "$work/tree" log -1 --format=%aD "$commit")"
done

[ -n "$check" ] || exit 0

# Check
say "series: applying it to a pristine tree"
cp -al "$pristine" "$work/am"
begin_repository "$pristine" "$work/am"
for stack in "${stacks[@]}"; do
	mapfile -t files < <(patches "$stack")
	run_logged "$cache/mainline/log/am.log" git -C "$work/am" am "${files[@]}"
	[ "$(git -C "$work/am" rev-parse "HEAD^{tree}")" = \
		"$(git -C "$work/tree" rev-parse "$stack^{tree}")" ] ||
		die "git am of $stack does not create what its commits did"
done
# The laid tree is that of guests
guest_patches mainline "$pristine" "$work/am"
diff -rq --no-dereference -x .git -x .pristine -x .laid -x .content -x .complete \
	-x '.checkpatch-camelcase*' -x "${vectors_h##*/}" \
	"$src" "$work/am" ||
	die "git am and lay-tree.sh create different trees"

say "series: checkpatch"
# One of the commits adds the entry in MAINTAINERS.  The vectors are data, and
# checkpatch dislikes tracepoint macros and lists (ci/style.sh checks the rest of
# these files).
mkdir "$work/check"
for patch in $(patches); do
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

# What reviewers have to read
echo "lines that the patches add, without tests and vectors:"
for stack in "${stacks[@]}"; do
	mapfile -t files < <(patches "$stack")
	for patch in "${files[@]}"; do
		printf '%6d  %s\n' "$(added_lines "$patch")" "${patch#"$top/"}"
	done
	printf '%6d  %s\n' "$(added_lines "${files[@]}")" "all of $stack"
done
