#!/usr/bin/env bash
# Whole processes in a bad world, as root: a source with unreadable blocks, a full disk below the repository and below the
# database. Nothing half is published, one message says why, and once the cause is mended the same command completes.
# faults.sh FOLDER: leaves the repositories in FOLDER/faults-… for an independent checker.
set -euo pipefail
cd "$(dirname "$0")/../../.."
keep=${1:?folder to leave the repositories in}
# shellcheck source=src/test/sh/checks.sh
. src/test/sh/checks.sh
MIB=1048576
export VARVE_HOME=$work/home

leave() { # NAME: the repository at $VARVE_REPOSITORY, for the checker
  rm -rf "$keep/faults-$1"
  mkdir -p "$keep/faults-$1"
  cp -a "$VARVE_REPOSITORY" "$keep/faults-$1/repo"
  printf '%s' "$VARVE_PASSWORD" >"$keep/faults-$1/PASSWORD"
}

# An ext4 whose device is cut shorter while it is mounted: reads of the cut-off part fail for good, as those of a dying disk.
export VARVE_REPOSITORY=$work/unreadable
varve 0 repository create
truncate -s 160M "$work/medium"
mke2fs -q -F -t ext4 -O ^has_journal "$work/medium"
attach "$work/medium"
medium=$loop
mkdir "$work/mnt"
mount "$medium" "$work/mnt"
mounts+=("$work/mnt")
head -c $((96 * MIB)) /dev/urandom >"$work/good"
image=$work/mnt/disk.img
cp "$work/good" "$image"
attach "$image"
device=$loop
sync
cut_medium() {
  truncate -s 80M "$work/medium"
  losetup -c "$medium"
  echo 3 >/proc/sys/vm/drop_caches
}
mend_medium() {
  truncate -s 160M "$work/medium"
  losetup -c "$medium"
  dd if="$work/good" of="$image" bs=1M conv=notrunc,fsync status=none
  blockdev --flushbufs "$device"
}
cut_medium
bad=$(python3 - "$image" <<'PYTHON'
import mmap, os, sys
image = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECT)
page = mmap.mmap(-1, 4096)
for at in range(0, os.fstat(image).st_size, 4096):
    try:
        os.preadv(image, [page], at)
    except OSError as e:
        print(at)
        sys.exit(e.errno != 5)
sys.exit("nothing is unreadable")
PYTHON
)
for source in "$image" "$device"; do
  volume=$(basename "$source")
  for attempt in first second; do
    varve 1 backup run --device "$source" --volume "$volume" --json
    says "reading $source at byte $bad (4096 bytes): Input/output error"
    document '.status == "FAILED" and .backupId == null'
  done
  nothing_listed "$volume"
  varve 0 job list --json
  document "(map(select(.volume == \"$volume\")) | length) == 2 and (.[0].exitMessage | contains(\"at byte $bad\"))"
  document ".[0].status == \"FAILED\" and .[0].bytesTotal == 96 * $MIB and .[0].bytesDone < .[0].bytesTotal"
  ok "an unreadable place of $volume at byte $bad: exit 1, named, nothing listed"
done
varve 0 verify run --read-data 100 --json
document '.status == "CLEAN" and .backups == 0'
mend_medium
# Its bytes are what they were, but the file was written, also below the device: a new run begins, and says so.
for source in "$image" "$device"; do
  varve 3 backup run --device "$source" --volume "$(basename "$source")" --json
  document '.status == "COMPLETED" and (.resumed | not)'
  says "was given up: its source or its parent has changed since"
  restored_equals "$(field .backupId)" "$work/good"
  ok "$(basename "$source") mended: a new run, restored"
done
leave unreadable
losetup -d "$device"
umount "$work/mnt"
losetup -d "$medium"
rm "$work/medium"

memory_disk "$work/small" 290M # two ranges of 160 MiB, each with a checkpoint after 128
export VARVE_REPOSITORY=$work/small/repo
varve 0 repository create
head -c $((320 * MIB)) /dev/urandom >"$work/source"
varve 1 backup run --device "$work/source" --volume full --json
says "file://$VARVE_REPOSITORY is full: No space left on device" "run again"
document '.status == "FAILED" and .backupId == null'
nothing_listed full
[ -z "$(find "$VARVE_REPOSITORY" -name '*.tmp*')" ] || fail "temporary files are left"
varve 0 verify run --read-data 100 --json
document '.status == "CLEAN" and .backups == 0'
varve 0 job list --json
document '.[0].status == "FAILED" and (.[0].exitMessage | contains("No space left")) and .[0].bytesTotal == 335544320'
ok "a full disk of the repository: exit 1, named, nothing listed, nothing half written, verified"
mount -o remount,size=900M "$work/small"
varve 0 backup run --device "$work/source" --volume full --json
document '.status == "COMPLETED" and .resumed and .storedBytes == .volumeBytes and .readBytes < .volumeBytes'
restored_equals "$(field .backupId)" "$work/source"
ok "after room was made the run goes on from its checkpoint, restored"
leave full
umount "$work/small"

for size in 8K 16K; do # a new repository that does not even fit
  memory_disk "$work/tiny" "$size"
  export VARVE_REPOSITORY=$work/tiny/repo
  varve 1 repository create
  says "is full: No space left on device"
  mount -o remount,size=100M "$work/tiny"
  varve 0 repository create --if-missing
  varve 0 verify run --read-data 100
  umount "$work/tiny"
done
ok "a full disk while a repository is created: exit 1, and --if-missing completes it"

export VARVE_REPOSITORY=$work/database
varve 0 repository create
truncate -s $((128 * MIB)) "$work/source"
met=0
for size in 16 48 144 224 256 320; do # KiB: from no database at all to the last checkpoints
  memory_disk "$work/home-$size" "${size}K"
  export VARVE_HOME=$work/home-$size/home
  code=0
  command="./varve backup run, with $size KiB for the database"
  ./varve backup run --device "$work/source" --volume "v$size" --json >"$work/out" 2>"$work/err" || code=$?
  if [ "$code" != 0 ]; then
    [ "$code" = 1 ] || fail "ended with $code, not 1"
    says "database" "No space left on device"
    [ "$(grep -vcE '^v[0-9]*: .* % |^WARNING: Using incubator modules' "$work/err")" = 1 ] || fail "more than one message beside the progress"
    document '.status == "FAILED" and .backupId == null'
    nothing_listed "v$size"
    met=$((met + 1))
    mount -o remount,size=50M "$work/home-$size"
    varve 0 job list --json
    document 'length <= 1'
    varve 0 backup run --device "$work/source" --volume "v$size" --json
    document '.status == "COMPLETED"'
    echo "    $size KiB: failed, then completed, resumed: $(field .resumed)"
  fi
  umount "$work/home-$size"
done
((met >= 4)) || fail "only $met sizes were too small"
export VARVE_HOME=$work/home
varve 0 verify run --read-data 100 --json
document '.status == "CLEAN" and .damaged == []'
varve 0 backup list --volume v224 --json
document 'length == 1'
restored_equals "$(field '.[0].backupId')" "$work/source"
ok "a full disk of the database at $met sizes: exit 1, one message, nothing listed; after room was made it completes"
leave database
echo "faults.sh: all good"
