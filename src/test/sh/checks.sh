# Sourced by the scripts that run ./varve as a whole process: a command, what it must end with, and what it must have said.
# Sets work: a folder that is removed at the end, when also what is mounted or attached below it is let go of.
# shellcheck shell=bash
work=$(mktemp -d)
mounts=()
loops=()
clean() {
  local at
  for ((at = ${#loops[@]} - 1; at >= 0; at--)); do losetup -d "${loops[at]}" 2>/dev/null || true; done
  for ((at = ${#mounts[@]} - 1; at >= 0; at--)); do umount "${mounts[at]}" 2>/dev/null || umount -l "${mounts[at]}" 2>/dev/null || true; done
  # A loop device below a file system that was still mounted goes now.
  for ((at = ${#loops[@]} - 1; at >= 0; at--)); do losetup -d "${loops[at]}" 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM

# Half the start-up of a short command; what is tried here is not speed.
export VARVE_JAVA_OPTS="-Xmx128m -XX:TieredStopAtLevel=1" VARVE_PASSWORD=faults
command="" code=0

ok() { echo "ok: $*"; }
fail() { # WHAT: shows the last command
  {
    echo "${0##*/}: $*"
    echo "command: $command"
    echo "exit: $code"
    echo "stdout:" && head -c 4000 "$work/out"
    echo "stderr:" && head -c 4000 "$work/err"
  } >&2
  exit 1
}
varve() { # EXIT ARGUMENTS…: what it must end with, and never with a stack trace
  local wanted=$1
  shift
  command="./varve $*" code=0
  ./varve "$@" >"$work/out" 2>"$work/err" || code=$?
  [ "$code" = "$wanted" ] || fail "ended with $code, not $wanted"
  if grep -qE '^[[:space:]]+at |this is a defect' "$work/err"; then fail "a stack trace"; fi
}
says() { # WORDS…: each in one message, on standard error
  local words
  for words in "$@"; do
    grep -F "varve: " "$work/err" | grep -qiF -- "$words" || fail "not said: $words"
  done
}
document() { # FILTER: gives true for the one document on standard output
  [ "$(jq -s length "$work/out" 2>/dev/null)" = 1 ] || fail "not one JSON document"
  jq -e "$1" "$work/out" >/dev/null || fail "not so: $1"
}
field() { jq -r "$1" "$work/out"; }
nothing_listed() { # VOLUME
  varve 0 backup list --volume "$1" --json
  document '. == []'
}
restored_equals() { # BACKUP SOURCE
  rm -f "$work/restored"
  varve 0 restore run "$1" --to-device "$work/restored" --json
  document '.status == "COMPLETED"'
  cmp "$2" "$work/restored" >&2 || fail "backup $1 differs from $2"
  rm -f "$work/restored"
}
tree() { (cd "$1" && find . -type f -exec sha256sum {} + | sort | sha256sum); } # FOLDER: what all its files hold
attach() { # FILE: sets loop
  # Through the page cache a whole folio fails where one page does.
  loop=$(losetup --find --show --direct-io=on "$1")
  loops+=("$loop")
}
memory_disk() { # FOLDER SIZE
  mkdir -p "$1"
  mount -t tmpfs -o "size=$2" tmpfs "$1"
  mounts+=("$1")
}
