#!/usr/bin/env bash
# A power cut below everything, as root: database, repository and restored files lie on an ext4 whose disk is copied in mid-run,
# and the run goes on from the copy. What no fsync had written is lost: the disk is a loop device without a cache of its own, and
# the file system commits its journal only when asked. The writers are stopped while it is copied, so that it is one moment.
# Left out: a disk that loses or reorders what it had already taken.
# power.sh FOLDER: leaves the last repository in FOLDER/power for an independent checker. VARVE_TEST_SEED, VARVE_TEST_ROUNDS.
set -euo pipefail
cd "$(dirname "$0")/../../.."
keep=${1:?folder to leave the repository in}/power
# shellcheck source=src/test/sh/checks.sh
. src/test/sh/checks.sh
RANDOM=${VARVE_TEST_SEED:-$RANDOM}
echo "seed ${VARVE_TEST_SEED:=$RANDOM}"
RANDOM=$VARVE_TEST_SEED
ROUNDS=${VARVE_TEST_ROUNDS:-2}
MIB=1048576
DISK_BYTES=$((1024 * MIB))
IMAGE_MIB=240
mnt=$work/mnt
mkdir "$mnt"
export VARVE_HOME=$mnt/home VARVE_REPOSITORY=$mnt/repo VARVE_STREAMS=2
run=0

mount_disk() {
  mount -o commit=600 "$loop" "$mnt"
  mounts+=("$mnt")
}
new_disk() {
  if mountpoint -q "$mnt"; then umount "$mnt"; losetup -d "$loop"; fi
  rm -f "$work/disk"
  truncate -s "$DISK_BYTES" "$work/disk"
  attach "$work/disk"
  mke2fs -q -F -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 "$loop"
  mount_disk
  sync -f "$mnt"
}
begin() { # ARGUMENTS…: a command in the background, whose JVM is $run
  command="./varve $* &" code=0
  ./varve "$@" >"$work/run.out" 2>"$work/run.err" &
  run=$!
}
cut_power() { # while $run may live; afterwards the disk is what it was at this moment
  kill -STOP "$run" 2>/dev/null || true
  cp --sparse=always "$work/disk" "$work/copy"
  alive=no
  if kill -KILL "$run" 2>/dev/null; then alive=yes; fi
  code=0
  wait "$run" 2>/dev/null || code=$?
  umount "$mnt"
  losetup -d "$loop"
  mv "$work/copy" "$work/disk"
  # The same number: a file is known by its device, too.
  losetup --direct-io=on "$loop" "$work/disk"
  mount_disk
}
packs() { find "$VARVE_REPOSITORY/p" -type f 2>/dev/null | wc -l; }
blocks_of() { stat -c %b "$1" 2>/dev/null || echo 0; } # FILE: how many 512 bytes it takes
await() { # NUMBER COMMAND…: until it prints no less, or the run has ended
  local wanted=$1
  shift
  until (($("$@") >= wanted)) || ! kill -0 "$run" 2>/dev/null; do sleep 0.02; done
  sleep "0.$((RANDOM % 10))"
}
whole() { # BACKUP SOURCE
  restored_equals "$1" "$2"
}
clean_repository() {
  varve 0 verify run --read-data 100 --json
  document '.status == "CLEAN" and .damaged == []'
}

head -c $((9 * MIB)) /dev/urandom >"$work/small"
head -c $((IMAGE_MIB * MIB)) /dev/urandom >"$work/large"
./varve --version >/dev/null # built before time matters

cuts=0
for ((round = 1; round <= ROUNDS; round++)); do
  new_disk
  varve 0 repository create
  varve 0 backup run --device "$work/small" --volume small --json
  acknowledged=("$(field .backupId):small")
  wanted=$((RANDOM % (IMAGE_MIB / 20 + 3)))
  backup=(backup run --device "$work/large" --volume large --json)
  had=$(packs)
  begin "${backup[@]}"
  await $((had + wanted)) packs
  cut_power
  if [ "$alive" = yes ]; then cuts=$((cuts + 1)); else acknowledged+=("$(jq -r .backupId "$work/run.out"):large"); fi
  left=$(($(packs) - had))
  for one in "${acknowledged[@]}"; do whole "${one%:*}" "$work/${one#*:}"; done
  clean_repository
  varve 0 "${backup[@]}"
  document '.status == "COMPLETED"'
  last=$(field .backupId)
  resumed=$(field .resumed)
  whole "$last" "$work/large"
  # A checkpoint is on the medium too: what was begun before the cut goes on.
  [ "$alive" = no ] || ((left == 0)) || [ "$resumed" = true ] || fail "$left packs were durable, the run began anew"
  for one in "${acknowledged[@]}"; do whole "${one%:*}" "$work/${one#*:}"; done
  clean_repository
  varve 0 backup list --json
  document "length == $((${#acknowledged[@]} + 1))"
  ok "backup $round: cut at $wanted packs, $left were durable, alive: $alive, resumed: $resumed; all that was acknowledged is whole"
done

for ((round = 1; round <= ROUNDS; round++)); do
  new_disk
  varve 0 repository create
  varve 0 backup run --device "$work/large" --volume large --json
  backup=$(field .backupId)
  target=$mnt/restored.img
  # Odd ones after the first flush, which comes after 128 MiB of a stream: then the target holds something that stays.
  first=$((round % 2 * 130))
  wanted=$(((first + RANDOM % (IMAGE_MIB - first)) * 2048))
  export VARVE_STREAMS=1
  restore=(restore run "$backup" --to-device "$target" --verify --json)
  begin "${restore[@]}"
  await "$wanted" blocks_of "$target"
  cut_power
  left=$(blocks_of "$target")
  if [ "$alive" = no ]; then
    cmp "$work/large" "$target" >&2 || fail "a restore that had ended lost bytes"
    rm "$target"
  else
    cuts=$((cuts + 1))
  fi
  varve 0 "${restore[@]}"
  document '.status == "COMPLETED" and .verified'
  resumed=$(field .resumed)
  [ "$alive" = no ] || ((left == 0)) || [ "$resumed" = true ] || fail "$((left / 2048)) MiB were durable, the run began anew"
  cmp "$work/large" "$target" >&2 || fail "the restored file differs"
  clean_repository
  ok "restore $round: cut at $((wanted / 2048)) MiB, $((left / 2048)) MiB were durable, alive: $alive, resumed: $resumed; restored"
done
((cuts > ROUNDS)) || fail "only $cuts of $((2 * ROUNDS)) cuts met a living run"
mkdir -p "$keep"
cp -a "$VARVE_REPOSITORY" "$keep/repo"
printf '%s' "$VARVE_PASSWORD" >"$keep/PASSWORD"
echo "power.sh: all good"
