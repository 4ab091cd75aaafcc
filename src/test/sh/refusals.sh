#!/usr/bin/env bash
# Whole processes, as root: garbage in a file of ranges, wrong settings, and one flipped bit in each kind of blob. Each ends with
# its documented code and one message that names what is wrong; what is refused changes nothing in the repository.
set -euo pipefail
cd "$(dirname "$0")/../../.."
# shellcheck source=src/test/sh/checks.sh
. src/test/sh/checks.sh
export VARVE_HOME=$work/home VARVE_REPOSITORY=$work/repo
image=$work/disk.img
size=$((9 * 1048576 + 512))
head -c "$size" /dev/urandom >"$image"
varve 0 repository create
varve 0 backup run --device "$image" --volume disk --change-id a --json
backup=$(field .backupId)

export VARVE_JAVA_OPTS="$VARVE_JAVA_OPTS -XX:+UseLargePages" # the JVM warns when the machine has none
varve 0 backup list --json
document 'length == 1'
ok "a warning of the JVM itself is not in the document"
export VARVE_JAVA_OPTS=${VARVE_JAVA_OPTS% *}

before=$(tree "$VARVE_REPOSITORY")
untouched() { [ "$(tree "$VARVE_REPOSITORY")" = "$before" ] || fail "the repository is not what it was"; }
ranges=$work/ranges.json
refused() { # WORDS: what is said of $ranges, beside its name
  varve 2 backup run --device "$image" --volume disk --changed-blocks "$ranges" --base-change-id a --json
  says "$ranges: $1"
  document '.status == "FAILED" and .backupId == null'
  untouched
}
garbage() { # CONTENT WORDS
  printf '%s' "$1" >"$ranges"
  refused "$2"
}
garbage 'no json' 'not JSON at line 1'
garbage '' 'found nothing, expected an array of {"offset": bytes, "length": bytes}'
garbage '17' 'found a number, expected an array'
garbage '{"offset":0,"length":1}' 'found an object, expected an array'
garbage '[{"offset":0,"length":1}' 'range [0]: not JSON at line 1'
garbage '[{"offset":0,"length":1},{"offset":-1,"length":1}]' 'range [1]: "offset" is -1, expected a whole number'
garbage '[{"offset":0,"length":-1}]' 'range [0]: "length" is -1, expected a whole number'
garbage "[{\"offset\":$((size - 1)),\"length\":2}]" "range [0]: 2 bytes at byte $((size - 1)) end past the volume, which has $size bytes"
garbage '[{"offset":9223372036854775807,"length":2}]' 'range [0]: 2 bytes at byte 9223372036854775807 end past the volume'
garbage '[{"offset":"0","length":1}]' 'range [0]: "offset" is a string'
garbage '[{"offset":9223372036854775808,"length":1}]' 'range [0]: "offset" is 9223372036854775808'
garbage '[{"offset":0.5,"length":1}]' 'range [0]: "offset" is 0.5'
head -c 100000000 /dev/zero | tr '\0' '[' >"$ranges"
refused 'range [0]: found an array, expected an object'
rm "$ranges"
varve 2 backup run --device "$image" --changed-blocks "$ranges"
says "no such file: $ranges"
mkdir "$ranges"
varve 2 backup run --device "$image" --changed-blocks "$ranges"
says "reading $ranges: Is a directory"
rmdir "$ranges"
untouched
ok "15 unusable files of ranges: exit 2, named, the repository untouched"

printf 'changed' | dd of="$image" bs=1 seek=2000000 conv=notrunc status=none
echo '[{"offset":99999999999,"length":0},{"offset":2000000,"length":7},{"offset":2000003,"length":9}]' >"$ranges"
varve 3 backup run --device "$image" --volume disk --changed-blocks "$ranges" --base-change-id a --change-id b --json
says "warning: $ranges: ranges overlap, first at byte 2000003; they are taken as one set"
document '.actualType == "INCREMENTAL" and .storedBytes == 1048576'
changed=$(field .backupId)
restored_equals "$changed" "$image"
ok "an empty range is ignored, overlapping ones are one set and a warning: exit 3, restored"

before=$(tree "$VARVE_REPOSITORY")
for command in "backup list" "verify run" "backup run --device $image" "restore run $changed --to-device $work/new"; do
  # shellcheck disable=SC2086 # words
  VARVE_PASSWORD=wrong varve 12 $command
  says "kopia.repository does not open with this password"
done
mkdir "$work/empty"
for repository in "$work/empty" "$work/missing"; do
  varve 10 backup list --repository "$repository"
  says "no repository at file://$repository"
  varve 10 backup run --device "$image" --repository "$repository"
  says "no repository at file://$repository"
done
[ ! -e "$work/missing" ] && [ -z "$(ls -A "$work/empty")" ] || fail "something was written where no repository is"
ok "a wrong password is 12; a missing and an empty folder are 10 and stay so"

for device in "$work/none" "$work/empty" /dev/null; do
  varve 2 backup run --device "$device" --json
  says "$device"
  document '.status == "FAILED"'
done
head -c 1048576 "$image" >"$work/small"
small=$(sha256sum "$work/small")
varve 2 restore run "$changed" --to-device "$work/small" --overwrite --json
says "target $work/small: it has 1048576 bytes, $size are needed"
varve 2 restore run 00000000000000000000000000000000 --to-device "$work/new"
says "no backup 00000000000000000000000000000000"
[ "$(sha256sum "$work/small")" = "$small" ] && [ ! -e "$work/new" ] || fail "a refused target was written"
untouched
ok "no device, a folder, a small file, an unknown id: exit 2, nothing written"

chmod 755 "$work"
jdk=$(ls -d /usr/lib/jvm/*25* | head -1)
app=$PWD/target/$(<target/.varve-built)
if setpriv --reuid=65534 --regid=65534 --clear-groups test -r "$app/varve.jar"; then
  command="backup list, as nobody" code=0
  mkdir -m 777 "$work/nobody"
  VARVE_HOME=$work/nobody setpriv --reuid=65534 --regid=65534 --clear-groups "$jdk/bin/java" -Xmx128m --enable-native-access=ALL-UNNAMED \
    -jar "$app/varve.jar" backup list >"$work/out" 2>"$work/err" || code=$?
  [ "$code" = 1 ] || fail "ended with $code, not 1"
  says "file://$VARVE_REPOSITORY denies it" "check who owns it and what it permits"
  ok "a repository that its user may not read: exit 1, named"
else
  echo "left out: user nobody may not read $app" >&2
fi

whole=$VARVE_REPOSITORY
export VARVE_REPOSITORY=$work/damaged
damaged() { # FILE BYTE: a fresh copy of the repository, with one bit of that byte flipped; a negative byte counts from the end
  rm -rf "$VARVE_REPOSITORY"
  cp -a "$whole" "$VARVE_REPOSITORY"
  python3 - "$VARVE_REPOSITORY/$1" "$2" <<'PYTHON'
import sys
path, at = sys.argv[1], int(sys.argv[2])
content = bytearray(open(path, "rb").read())
content[at] ^= 1
open(path, "wb").write(content)
PYTHON
  export VARVE_HOME=$work/home-damaged
  rm -rf "$VARVE_HOME"
}
verified() { # BLOB [FILTER]: verification names this blob and the byte in it
  varve 13 verify run --read-data 100 --json
  document ".status == \"DAMAGED\" and ([.damaged[] | select(.blob == \"$1\" and (.problem | test(\"at byte [0-9]+ of the blob\")))] | length) > 0"
  document "${2:-true}"
}
not_restored() { # BLOB: which the message names
  rm -f "$work/new"
  varve 13 restore run "$changed" --to-device "$work/new" --verify --json
  says "blob $1"
  document '.status == "FAILED"'
}
relative() { (cd "$whole" && find "$1" -type f -size "$2" | sort); }
blob() { tr -d / <<<"${1%.f}"; }

# The first content of a large pack is block 0 or the one in the middle: both backups have it.
pack=$(relative p +2000k | head -1)
damaged "$pack" 70000
verified "$(blob "$pack")" '.damaged | all(.length == 1048576 and .contentId != "" and .backupId != "")'
not_restored "$(blob "$pack")"
ok "a flipped bit in a content: 13 with pack, byte, backup and offset; not restored"

tail=$(stat -c %s "$whole/$pack")
for at in -3 -300; do
  damaged "$pack" "$at"
  verified "$(blob "$pack")" ".damaged | all(.backupId == \"\" and (.problem | capture(\"at byte (?<b>[0-9]+)\").b | tonumber) > $tail - 1000)"
  restored_equals "$changed" "$image"
done
ok "a flipped bit in a pack's postamble or recovery index: 13 with pack and byte; restored all the same"

index=$(cd "$whole" && find x -type f -printf '%s %p\n' | sort -n | tail -1 | cut -d ' ' -f 2)
damaged "$index" 60
verified "$(blob "$index")"
not_restored "$(blob "$index")"
ok "a flipped bit in an index blob: 13 with its name; not restored"

# Which of the small packs holds the backup's manifest is only known from what breaks.
met=0 listed=0
for pack in $(relative q +0); do
  damaged "$pack" 60
  verified "$(blob "$pack")"
  code=0
  rm -f "$work/new"
  command="restore run $changed, with $pack damaged"
  ./varve restore run "$changed" --to-device "$work/new" --json >"$work/out" 2>"$work/err" || code=$?
  case $code in
    0) cmp "$work/new" "$image" || fail "ended with 0, and wrong bytes" ;;
    13) says "blob $(blob "$pack")" && met=$((met + 1)) ;;
    *) fail "ended with $code, not 13" ;;
  esac
  # Whatever manifest is damaged, at least one of the two backups is listed.
  code=0
  command="backup list, with $pack damaged"
  ./varve backup list --json >"$work/out" 2>"$work/err" || code=$?
  case $code in
    0) document 'length == 2' ;;
    13) says "blob $(blob "$pack")" "left out" && listed=$((listed + 1)) && document 'length >= 1' ;;
    *) fail "ended with $code, neither 0 nor 13" ;;
  esac
done
((met > 0)) || fail "no pack of manifests and lists was needed"
((listed > 0)) || fail "no pack's damage was told by a list"
ok "a flipped bit in any pack of manifests: 13 with pack and byte; restored whole or not at all"

damaged kopia.repository.f 500
varve 12 verify run --read-data 100 --json
says "kopia.repository does not open"
varve 12 restore run "$changed" --to-device "$work/new" --json
ok "a flipped bit in kopia.repository: 12"
echo "refusals.sh: all good"
