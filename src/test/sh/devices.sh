#!/usr/bin/env bash
# The main job on real block devices, as root: an ext4 of real files on a loop device is backed up whole, changed in 1 % of its
# blocks, backed up by exact ranges, grown and shrunk, and every backup restored onto a device that was full of 0xff.
# devices.sh FOLDER: leaves the repository in FOLDER/devices for an independent checker.
set -euo pipefail
cd "$(dirname "$0")/../../.."
keep=${1:?folder to leave the repository in}/devices
work=$(mktemp -d)
loops=()
clean() {
  for loop in "${loops[@]}"; do losetup -d "$loop" 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean EXIT
mkdir -p "$keep"
printf '%s' 'devices' >"$keep/PASSWORD"
export VARVE_HOME=$work/home VARVE_REPOSITORY=$keep/repo VARVE_PASSWORD_FILE=$keep/PASSWORD
MIB=1048576
generation=0

fail() { echo "devices.sh: $*" >&2; exit 1; }
attach() { # FILE: prints the loop device
  local loop
  loop=$(losetup --find --show "$1")
  echo "$loop"
}
expect() { # JSON FILTER: the filter must give true
  jq -e "$2" >/dev/null <<<"$1" || fail "not so: $2 in $1"
}
dirty_target() { # BYTES: prints a loop device of that size, every byte 0xff
  local file=$work/target-$1
  rm -f "$file"
  head -c "$1" /dev/zero | tr '\0' '\377' >"$file"
  attach "$file"
}
restored_equals() { # BACKUP SOURCE BYTES
  local loop
  loop=$(dirty_target "$3")
  loops+=("$loop")
  local out
  out=$(./varve restore run "$1" --to-device "$loop" --json)
  expect "$out" '.status == "COMPLETED" and .writtenBytes + .zeroedBytes + .skippedBytes == .volumeBytes'
  sync "$loop"
  cmp -n "$3" "$2" "$loop" || fail "backup $1 differs after its restore"
  losetup -d "$loop"
}

echo "a volume of 1 GiB with the files of /usr/share"
source=$work/source.img
mkdir "$work/files"
(cd /usr/share && find . -type f -size -4M -print | sort >"$work/list")
head -n 20000 "$work/list" | tar cf - -C /usr/share -T - | tar xf - -C "$work/files"
[ "$(du -sm "$work/files" | cut -f1)" -lt 800 ] || fail "/usr/share has more files than fit"
truncate -s 1G "$source"
mke2fs -q -F -t ext4 -d "$work/files" "$source"
loop=$(attach "$source")
loops+=("$loop")

./varve repository create
full=$(./varve backup run --device "$loop" --volume vol --change-id c0 --json)
expect "$full" '.actualType == "FULL" and .reason == "FIRST_BACKUP" and .volumeBytes == 1073741824'
expect "$full" '.unallocatedBytes + .unchangedBytes + .zeroBytes + .deduplicatedBytes + .storedBytes == .volumeBytes'
cp --sparse=always "$source" "$work/full.img"

echo "1 % of the blocks changed, told by exact ranges"
seed=${VARVE_TEST_SEED:-$RANDOM}
echo "seed $seed"
python3 - "$loop" "$work/changed.json" "$seed" <<'PYTHON'
import json, os, random, sys
device, ranges, seed = sys.argv[1:]
chosen = random.Random(int(seed))
blocks = sorted(chosen.sample(range(100, 1024), 10))
with open(device, "r+b", buffering=0) as volume:
    for block in blocks:
        volume.seek(block * 1048576 + 4096)
        volume.write(chosen.randbytes(8192))
    os.fsync(volume.fileno())
json.dump([{"offset": block * 1048576 + 4096, "length": 8192} for block in blocks], open(ranges, "w"))
PYTHON
incremental=$(./varve backup run --device "$loop" --volume vol --changed-blocks "$work/changed.json" \
  --base-change-id c0 --change-id c1 --json)
expect "$incremental" '.actualType == "INCREMENTAL" and .reason == null and .readBytes == 10485760'
expect "$incremental" '.storedBytes == 10485760 and .unchangedBytes == .volumeBytes - 10485760'
cp --sparse=always "$source" "$work/incremental.img"

for size in $((1024 * MIB + 700 * 1024 + 512)) $((900 * MIB + 4096)) $((901 * MIB)); do
  echo "resized to $size bytes"
  losetup -d "$loop"
  truncate -s "$size" "$source"
  loop=$(attach "$source")
  loops+=("$loop")
  printf 'tail' | dd of="$loop" bs=1 seek=$((size - 512)) conv=notrunc status=none
  echo "[{\"offset\":$((size - 512)),\"length\":4}]" >"$work/tail.json"
  generation=$((generation + 1))
  resized=$(./varve backup run --device "$loop" --volume vol --changed-blocks "$work/tail.json" \
    --base-change-id "c$generation" --change-id "c$((generation + 1))" --json)
  expect "$resized" ".actualType == \"INCREMENTAL\" and .volumeBytes == $size and .readBytes <= 3 * $MIB"
  expect "$resized" '.unallocatedBytes + .unchangedBytes + .zeroBytes + .deduplicatedBytes + .storedBytes == .volumeBytes'
  restored_equals "$(jq -r .backupId <<<"$resized")" "$source" "$size"
done

echo "both backups of 1 GiB, onto a device full of 0xff"
restored_equals "$(jq -r .backupId <<<"$full")" "$work/full.img" 1073741824
restored_equals "$(jq -r .backupId <<<"$incremental")" "$work/incremental.img" 1073741824

echo "the file system and its files agree"
loop2=$(attach "$work/target-1073741824")
loops+=("$loop2")
./varve restore run "$(jq -r .backupId <<<"$full")" --to-device "$loop2" --overwrite --verify
fsck.ext4 -fn "$loop2" >/dev/null || fail "fsck finds damage"
mkdir "$work/mnt"
mount -o ro "$loop2" "$work/mnt"
diff -r --no-dereference "$work/files" "$work/mnt" | grep -v 'Only in .*: lost+found' && { umount "$work/mnt"; fail "files differ"; }
set +e
./varve restore run "$(jq -r .backupId <<<"$full")" --to-device "$loop2" >"$work/refused" 2>&1
code=$?
set -e
umount "$work/mnt"
[ "$code" = 2 ] || fail "a mounted target ended with $code, not 2: $(cat "$work/refused")"

echo "a target that is too small"
truncate -s 100M "$work/small"
small=$(attach "$work/small")
loops+=("$small")
set +e
./varve restore run "$(jq -r .backupId <<<"$full")" --to-device "$small" >"$work/refused" 2>&1
code=$?
set -e
[ "$code" = 2 ] || fail "a small target ended with $code, not 2: $(cat "$work/refused")"
echo "devices.sh: all good"
