#!/usr/bin/env bash
# Varve beside kopia, restic and borg, as many of them as are on the PATH, on one image: whole fresh processes, medians of ROUNDS.
# Prints a table in Markdown; every measurement goes to $WORK/times. Needs root (loop devices), /usr/bin/time, python3.
#   MIB (4096) of the image, ROUNDS (5), WORK (/dev/shm/varve-bench: for disks, name a folder there),
#   CASES (all: "full zstd tracked untracked restore"), TOOLS ("varve kopia kopia8 restic borg")
set -euo pipefail
cd "$(dirname "$0")/.."
MIB=${MIB:-4096} ROUNDS=${ROUNDS:-5} WORK=${WORK:-/dev/shm/varve-bench}
CASES=${CASES:-full zstd tracked untracked restore} TOOLS=${TOOLS:-varve kopia kopia8 restic borg}
mkdir -p "$WORK"
export VARVE_HOME=$WORK/varve-home VARVE_REPOSITORY=$WORK/varve VARVE_PASSWORD=bench KOPIA_PASSWORD=bench RESTIC_PASSWORD=bench \
  KOPIA_CONFIG_PATH=$WORK/kopia.config KOPIA_CACHE_DIRECTORY=$WORK/kopia-cache KOPIA_CHECK_FOR_UPDATES=false \
  RESTIC_REPOSITORY=$WORK/restic BORG_REPO=$WORK/borg BORG_PASSPHRASE=bench BORG_BASE_DIR=$WORK/borg-home \
  BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_RELOCATED_REPO_ACCESS_IS_OK=yes
unset VARVE_JAVA_OPTS

has() { # TOOL
  [[ " $TOOLS " == *" $1 "* ]] || return 1
  [ "$1" = varve ] || command -v "${1%8}" >/dev/null
}
wants() { [[ " $CASES " == *" $1 "* ]]; }
quietly() { "$@" >>"$WORK/log" 2>&1 || { tail -5 "$WORK/log" >&2; echo "compare.sh: $* failed" >&2; exit 1; }; }

image=$WORK/source/image
mkdir -p "$WORK/source"
new_image() {
  python3 bench/image.py "$MIB" "$image"
  cp --sparse=always "$image" "$WORK/image.0"
}
[ -s "$WORK/image.0" ] && [ "$(stat -c %s "$WORK/image.0")" = $((MIB << 20)) ] || new_image
truncate -s "${MIB}M" "$WORK/target"
source_loop=$(losetup --find --show --direct-io=on "$image" 2>/dev/null || losetup --find --show "$image")
target_loop=$(losetup --find --show "$WORK/target")
trap 'losetup -d "$source_loop" "$target_loop"' EXIT
# A target whose pages were never touched measures the machine's memory.
dd if=/dev/zero bs=4M of="$WORK/target" count=$((MIB / 4)) conv=notrunc status=none

measure() { # CASE TOOL REPOSITORY COMMAND…
  local case=$1 tool=$2 repository=$3
  shift 3
  quietly /usr/bin/time -o "$WORK/time" -f '%e %U %S %M' "$@"
  # The last line: where a command fails, there is one more.
  echo "$case $tool $(tail -1 "$WORK/time") $(du -sm "$repository" | cut -f1)" >>"$WORK/times"
}

varve_new() { # COMPRESSION
  rm -rf "$VARVE_HOME" "$VARVE_REPOSITORY"
  quietly ./varve repository create --compression "$1"
  quietly ./varve database migrate
}
varve_backup() { # CASE OPTIONS…
  local case=$1
  shift
  measure "$case" varve "$VARVE_REPOSITORY" ./varve backup run --device "$source_loop" --volume bench "$@"
}
kopia_new() { # COMPRESSION
  rm -rf "$WORK/kopia" "$KOPIA_CACHE_DIRECTORY" "$KOPIA_CONFIG_PATH"
  mkdir -p "$WORK/kopia"
  quietly kopia repository create filesystem --path "$WORK/kopia" --object-splitter FIXED-1M
  quietly kopia policy set --global --compression "$1"
}
restic_new() { rm -rf "$RESTIC_REPOSITORY"; quietly restic init; }
borg_new() { rm -rf "$BORG_REPO" "$BORG_BASE_DIR"; quietly borg init -e repokey-blake2; }
restic_backup() { # COMPRESSION
  dd if="$source_loop" bs=1M iflag=direct status=none | restic --compression "$1" backup --no-cache --stdin --stdin-filename image
}
export -f restic_backup
export source_loop target_loop
borg_backup() { # CASE COMPRESSION ARCHIVE
  measure "$1" borg "$BORG_REPO" borg create --read-special --chunker-params fixed,1048576 -C "$2" "::$3" "$source_loop"
}

full() { # CASE VARVE-AND-KOPIA RESTIC BORG
  local kopia
  if has varve; then varve_new "$2"; varve_backup "$1" --type full --change-id c0; fi
  for kopia in kopia8 kopia; do
    has $kopia || continue
    kopia_new "$2"
    measure "$1" $kopia "$WORK/kopia" kopia snapshot create --no-progress $([ $kopia = kopia ] || echo --parallel 8) "$WORK/source"
  done
  if has restic; then restic_new; measure "$1" restic "$RESTIC_REPOSITORY" bash -o pipefail -c "restic_backup $3"; fi
  if has borg; then borg_new; borg_backup "$1" "$4" full; fi
}
tracked() {
  if has varve; then varve_backup tracked --changed-blocks "$WORK/ranges" --change-id c1 --base-change-id c0; fi
}
untracked() {
  if has varve; then varve_backup untracked --cbt none; fi
  if has kopia; then touch "$image"; measure untracked kopia "$WORK/kopia" kopia snapshot create --no-progress "$WORK/source"; fi
  if has restic; then measure untracked restic "$RESTIC_REPOSITORY" bash -o pipefail -c "restic_backup off"; fi
  if has borg; then borg_backup untracked none again; fi
}
restore() {
  local id
  if has varve; then
    id=$(./varve backup list --json 2>>"$WORK/log" | jq -r '.[0].backupId')
    measure restore varve "$VARVE_REPOSITORY" ./varve restore run "$id" --to-device "$target_loop" --overwrite
    cmp "$image" "$target_loop"
  fi
  if has kopia; then
    rm -rf "$WORK/restored"
    id=$(kopia snapshot list --json 2>>"$WORK/log" | jq -r '.[-1].id')
    measure restore kopia "$WORK/kopia" kopia restore --no-progress "$id" "$WORK/restored"
    rm -rf "$WORK/restored"
  fi
  if has restic; then
    measure restore restic "$RESTIC_REPOSITORY" bash -o pipefail -c "restic dump --no-cache latest image | dd of=$target_loop bs=1M oflag=direct iflag=fullblock status=none"
  fi
  if has borg; then
    measure restore borg "$BORG_REPO" bash -o pipefail -c "borg extract --stdout ::again | dd of=$target_loop bs=1M oflag=direct iflag=fullblock status=none"
  fi
}

: >"$WORK/times"
: >"$WORK/log"
./varve --version >/dev/null
for ((round = 0; round < ROUNDS; round++)); do
  cp --sparse=always "$WORK/image.0" "$image"
  if wants zstd; then full zstd zstd-fastest auto zstd,1; fi
  if wants full || wants tracked || wants untracked || wants restore; then full full none off none; fi
  python3 bench/image.py change "$image" $((MIB / 100 + 1)) "$WORK/ranges"
  if wants tracked; then tracked; fi
  if wants untracked || wants restore; then untracked; fi
  if wants restore; then restore; fi
done
python3 - "$WORK/times" "$MIB" <<'P'
import statistics, sys
rows = {}
for line in open(sys.argv[1]):
    case, tool, *figures = line.split()
    rows.setdefault((case, tool), []).append([float(figure) for figure in figures])
mib = int(sys.argv[2])
print("| case | tool | wall s (MiB/s) | CPU s per GiB | peak RSS MiB | repository MiB | its wall / Varve's |")
print("|---|---|---|---|---|---|---|")
for (case, tool), rounds in rows.items():
    wall, user, system, rss, size = (statistics.median(column) for column in zip(*rounds))
    ours = statistics.median(figures[0] for figures in rows.get((case, "varve"), rounds))
    print(f"| {case} | {tool} | {wall:.2f} ({mib / wall:.0f}) | {(user + system) / mib * 1024:.2f} | {rss / 1024:.0f} | {size:.0f} | {wall / ours:.2f} |")
P
