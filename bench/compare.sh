#!/usr/bin/env bash
# Varve beside kopia, restic and borg, as many of them as are on the PATH, on one image: whole fresh processes, by turns, medians of
# ROUNDS. Prints a table in Markdown; every measurement goes to $WORK/times. Needs root (loop devices), /usr/bin/time, jq, python3.
#   MIB (4096) of the image, ROUNDS (5), TOOLS ("varve kopia kopia8 restic borg"),
#   CASES (all: "zstd full tracked untracked restore"; full comes with each but zstd, and untracked with restore),
#   WORK (/dev/shm/varve-bench, needs 4 times MIB; without restore 1.3 times. For disks, name a folder there)
set -euo pipefail
cd "$(dirname "$0")/.."
MIB=${MIB:-4096} ROUNDS=${ROUNDS:-5} WORK=${WORK:-/dev/shm/varve-bench}
CASES=${CASES:-zstd full tracked untracked restore} TOOLS=${TOOLS:-varve kopia kopia8 restic borg}
mkdir -p "$WORK/source"
export VARVE_HOME=$WORK/varve-home VARVE_REPOSITORY=$WORK/varve VARVE_PASSWORD=bench KOPIA_PASSWORD=bench RESTIC_PASSWORD=bench \
  KOPIA_CONFIG_PATH=$WORK/kopia.config KOPIA_CACHE_DIRECTORY=$WORK/kopia-cache KOPIA_CHECK_FOR_UPDATES=false \
  RESTIC_REPOSITORY=$WORK/restic BORG_REPO=$WORK/borg BORG_PASSPHRASE=bench BORG_BASE_DIR=$WORK/borg-home \
  BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_RELOCATED_REPO_ACCESS_IS_OK=yes
unset VARVE_JAVA_OPTS
image=$WORK/source/image

case $CASES in *restore*) CASES+=" untracked" ;; esac
case $CASES in *tracked*) CASES+=" full" ;; esac
wants() { [[ " $CASES " == *" $1 "* ]]; }
quietly() { "$@" >>"$WORK/log" 2>&1 || { tail -5 "$WORK/log" >&2; echo "compare.sh: $* failed" >&2; exit 1; }; }
# The same blocks each time, with other bytes.
change() { python3 bench/image.py change "$image" $((MIB / 100 + 1)) "$1" "$WORK/ranges"; }

measure() { # CASE TOOL REPOSITORY COMMAND…
  local case=$1 tool=$2 repository=$3
  shift 3
  quietly /usr/bin/time -o "$WORK/time" -f '%e %U %S %M' "$@"
  # The last line: where a command fails, there is one more.
  echo "$case $tool $(tail -1 "$WORK/time") $(du -sm "$repository" | cut -f1)" >>"$WORK/times"
}

varve() { # CASE
  local id
  case $1 in
    full | zstd)
      rm -rf "$VARVE_HOME" "$VARVE_REPOSITORY"
      quietly ./varve repository create --compression "$([ "$1" = full ] && echo none || echo zstd-fastest)"
      quietly ./varve database migrate
      set -- "$1" --type full --change-id c0
      ;;
    tracked) set -- tracked --changed-blocks "$WORK/ranges" --change-id c1 --base-change-id c0 ;;
    untracked) set -- untracked --cbt none ;;
    restore)
      id=$(./varve backup list --json 2>>"$WORK/log" | jq -r '.[0].backupId')
      measure restore varve "$VARVE_REPOSITORY" ./varve restore run "$id" --to-device "$target_loop" --overwrite
      quietly cmp "$image" "$target_loop"
      return
      ;;
  esac
  measure "$1" varve "$VARVE_REPOSITORY" ./varve backup run --device "$image" --volume bench "${@:2}"
}

kopia_snapshot() { # CASE TOOL OPTIONS…
  measure "$1" "$2" "$WORK/kopia" kopia snapshot create --no-progress "${@:3}" "$WORK/source"
}
kopia_case() { # CASE TOOL OPTIONS…
  local id
  case $1 in
    full | zstd)
      rm -rf "$WORK/kopia" "$KOPIA_CACHE_DIRECTORY" "$KOPIA_CONFIG_PATH"
      mkdir -p "$WORK/kopia"
      quietly kopia repository create filesystem --path "$WORK/kopia" --object-splitter FIXED-1M
      quietly kopia policy set --global --compression "$([ "$1" = full ] && echo none || echo zstd-fastest)"
      kopia_snapshot "$@"
      ;;
    untracked)
      touch "$image"
      kopia_snapshot "$@"
      ;;
    restore)
      id=$(kopia snapshot list --json 2>>"$WORK/log" | jq -r '.[-1].id')
      measure restore "$2" "$WORK/kopia" kopia restore --no-progress "$id" "$WORK/restored"
      rm -rf "$WORK/restored"
      ;;
  esac
}

restic_backup() { # COMPRESSION
  dd if="$image" bs=1M status=none | restic --compression "$1" backup --no-cache --stdin --stdin-filename image
}
to_target() { dd of="$target_loop" bs=1M oflag=direct iflag=fullblock status=none; }
export -f restic_backup to_target
restic_case() { # CASE
  local command="restic_backup off"
  case $1 in
    full | zstd)
      rm -rf "$RESTIC_REPOSITORY"
      quietly restic init
      [ "$1" = full ] || command="restic_backup auto"
      ;;
    tracked) return ;;
    restore) command="restic dump --no-cache latest image | to_target" ;;
  esac
  measure "$1" restic "$RESTIC_REPOSITORY" bash -o pipefail -c "$command"
}

borg_case() { # CASE
  case $1 in
    full | zstd)
      rm -rf "$BORG_REPO" "$BORG_BASE_DIR"
      quietly borg init -e repokey-blake2
      ;;
    tracked) return ;;
    restore)
      measure restore borg "$BORG_REPO" bash -o pipefail -c "borg extract --stdout ::untracked | to_target"
      return
      ;;
  esac
  measure "$1" borg "$BORG_REPO" borg create --read-special --chunker-params fixed,1048576 \
    -C "$([ "$1" = zstd ] && echo zstd,1 || echo none)" "::$1" "$image"
}

run() { # TOOL CASE
  wants "$2" || return 0
  case $1 in
    varve) varve "$2" ;;
    kopia) kopia_case "$2" kopia ;;
    kopia8) [[ $2 == restore ]] || kopia_case "$2" kopia8 --parallel 8 ;;
    *) "$1_case" "$2" ;;
  esac
}

[ -s "$image" ] && [ "$(stat -c %s "$image")" = $((MIB << 20)) ] || python3 bench/image.py "$MIB" "$image"
change 0
# Pages that were never touched measure the machine's memory, in whoever comes first: those of a repository, and those of the target.
dd if=/dev/zero bs=4M of="$WORK/touched" count=$((MIB / 4)) status=none
rm "$WORK/touched"
target_loop=none
if wants restore; then
  dd if=/dev/zero bs=4M of="$WORK/target" count=$((MIB / 4)) status=none
  target_loop=$(losetup --find --show "$WORK/target")
fi
export image target_loop
trap '[ "$target_loop" = none ] || losetup -d "$target_loop"' EXIT
: >"$WORK/times"
: >"$WORK/log"
./varve --version >/dev/null
for ((round = 0; round < ROUNDS; round++)); do
  for tool in $TOOLS; do
    [ "$tool" = varve ] || command -v "${tool%8}" >/dev/null || continue
    run "$tool" zstd
    run "$tool" full
    change $((round + 1))
    for case in tracked untracked restore; do run "$tool" $case; done
    rm -rf "$VARVE_REPOSITORY" "$WORK/kopia" "$RESTIC_REPOSITORY" "$BORG_REPO"
    change 0
  done
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
for (case, tool), rounds in sorted(rows.items(), key=lambda row: row[0][0]):
    wall, user, system, rss, size = (statistics.median(column) for column in zip(*rounds))
    ours = statistics.median(figures[0] for figures in rows.get((case, "varve"), rounds))
    print(f"| {case} | {tool} | {wall:.2f} ({mib / wall:.0f}) | {(user + system) / mib * 1024:.2f} | {rss / 1024:.0f} | {size:.0f} | {wall / ours:.2f} |")
P
