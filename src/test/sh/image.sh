#!/usr/bin/env bash
# The container image, as root but without a container engine: built, most of it twice, unpacked, and its entry point run as a pod
# would run it: process 1 of its namespace, an ordinary user without capabilities, a read-only root, a /tmp of its own.
set -euo pipefail
cd "$(dirname "$0")/../../.."
# shellcheck source=src/test/sh/checks.sh
. src/test/sh/checks.sh

# Sets root and config: where the layers lie one upon another, and the file that says how they are to be run.
unpack() { # OCI-ARCHIVE NAME
  local oci=$work/$2.oci blobs manifest digest
  mkdir "$oci"
  tar -C "$oci" -xf "$1"
  blobs=$oci/blobs/sha256
  manifest=$blobs/$(jq -r '.manifests[0].digest | ltrimstr("sha256:")' "$oci/index.json")
  config=$blobs/$(jq -r '.config.digest | ltrimstr("sha256:")' "$manifest")
  root=$work/$2
  mkdir "$root"
  while read -r digest; do
    tar -C "$root" --warning=no-unknown-keyword -xpzf "$blobs/$digest"
  done < <(jq -r '.layers[].digest | ltrimstr("sha256:")' "$manifest")
}
build() { # GOALS…
  command="mvn -Pimage $*" code=0
  mvn -B -ntp -Pimage -Dmaven.test.skip=true "$@" >"$work/out" 2>"$work/err" || fail "the build failed"
}

build package
tar=$work/image.tar
mv target/varve-image.tar "$tar"
untrained=$(sha256sum <target/image/untrained.tar)
build exec:exec@base jib:buildTar@untrained
[ "$(sha256sum <target/image/untrained.tar)" = "$untrained" ] || fail "what the AOT cache is added to differs in two builds"
unpack "$tar" image
mv "$tar" target/varve-image.tar
ok "$(du -m target/varve-image.tar | cut -f1) MiB; two builds are the same but for the AOT cache"

[ "$(jq -r .config.User "$config")" = 65532:65532 ] || fail "the user is not 65532"
[ "$(jq -r '.config.Labels["org.opencontainers.image.version"]' "$config")" != null ] || fail "no label says the version"
mapfile -t environment < <(jq -r '.config.Env[]' "$config")
mapfile -t entry < <(jq -r '.config.Entrypoint[]' "$config")
found=$(cd "$root" && find . ! -type l \( ! -user 0 -o ! -group 0 -o -perm /7022 \))
[ "$found" = ./tmp ] || fail "beside /tmp, not root's alone: $found"
ok "whatever is in the image, only root can write it"

mkdir "$root/proc" "$root/dev" "$root/data" "$work/data"
chmod 755 "$work"
chown 65532:65532 "$work/data"
user=65532 jvm=()
cat >"$work/enter" <<'ENTER'
root=$1 data=$2 user=$3
shift 3
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount --bind "$data" "$root/data"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
exec setpriv --no-new-privs chroot --userspec="$user:$user" --groups= "$root" "$@"
ENTER
# In the background its process is $!, of which process 1 is the only child.
pod() { # ARGUMENTS…
  exec env -i PATH="$PATH" "${environment[@]}" VARVE_REPOSITORY=/data/repo VARVE_PASSWORD=image \
    unshare --mount --pid --ipc --fork --kill-child bash -e "$work/enter" "$root" "$work/data" "$user" \
    "${entry[@]:0:${#entry[@]}-3}" "${jvm[@]}" "${entry[@]: -3}" "$@"
}
runs() { # EXIT ARGUMENTS…
  local wanted=$1
  shift
  command="varve $*, in the image" code=0
  (pod "$@") >"$work/out" 2>"$work/err" || code=$?
  [ "$code" = "$wanted" ] || fail "ended with $code, not $wanted"
}

runs 0 --version
[ ! -s "$work/err" ] || fail "something was said on standard error"
runs 2 backup run
runs 10 backup list
says "no repository at file:///data/repo"
ok "exit codes are the program's own: 0, 2, 10"

# A device that a volume might be named after, and whose name is no ASCII.
image=$work/data/größe.img
head -c $((9 * 1048576 + 512)) /dev/urandom >"$image"
runs 0 repository create
jvm=(-XX:AOTMode=on -Xlog:class+load=info:file=/data/classes) # a cache that is refused is an error
runs 0 backup run --device /data/größe.img --json
jvm=()
id=$(field .backupId)
classes=$(grep -c 'source:' "$work/data/classes")
cached=$(grep -c 'source: shared objects file' "$work/data/classes")
((cached * 4 > classes * 3)) || fail "$cached of $classes classes are from the AOT cache"
ok "a backup by user $user; $cached of $classes classes are from the AOT cache"
runs 0 restore run "$id" --to-device /data/restored --json
cmp "$image" "$work/data/restored" >&2 || fail "what was restored differs"
ok "restored"

# What only a bucket needs of the runtime.
gateway=$(bash src/test/sh/go-programs.sh versitygw | tail -1)
port=$((20000 + RANDOM % 10000)) bucket=$work/bucket
mkdir -p "$bucket/objects/backups" "$bucket/sidecar"
ROOT_ACCESS_KEY=image ROOT_SECRET_KEY=image-secret "$gateway" --port "127.0.0.1:$port" --quiet \
  posix --sidecar "$bucket/sidecar" "$bucket/objects" >"$bucket/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; clean' EXIT
for _ in $(seq 100); do (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break || sleep 0.1; done
kill -0 "$server" 2>/dev/null || fail "the S3 server does not run: $(cat "$bucket/log")"
environment+=(AWS_ACCESS_KEY_ID=image AWS_SECRET_ACCESS_KEY=image-secret)
there="s3://backups/varve?endpoint=http://127.0.0.1:$port"
runs 0 repository create --repository "$there"
runs 0 backup run --repository "$there" --device /data/größe.img --json
id=$(field .backupId)
runs 0 restore run "$id" --repository "$there" --to-device /data/from-bucket --json
cmp "$image" "$work/data/from-bucket" >&2 || fail "what was restored from the bucket differs"
ok "the same from a bucket"

truncate -s 4T "$work/data/large"
command="varve backup run, in the image, and SIGTERM"
pod backup run --device /data/large --volume large --json >"$work/out" 2>"$work/err" &
engine=$!
inner=
until [[ -n $inner && -n $(find "/proc/$inner/fd" -lname '*/large' 2>/dev/null) ]]; do
  [ -e "/proc/$engine/task" ] || fail "it ended before the signal"
  read -r inner _ <"/proc/$engine/task/$engine/children" || true
  sleep 0.05
done
[ "$(awk '/^NSpid/ {print $NF}' "/proc/$inner/status")" = 1 ] || fail "the JVM is not process 1"
grep -qE '^CapEff:\s+0+$' "/proc/$inner/status" || fail "the JVM has capabilities"
kill -TERM "$inner"
code=0
wait "$engine" || code=$?
[ "$code" = 143 ] || fail "ended with $code, not 143"
runs 0 backup run --device /data/large --volume large --json
ok "process 1 is the JVM; at SIGTERM it stops by itself, 143"

user=4711
runs 0 demo
ok "the demo as a user without a name"

# As movers that have much to hash are started.
environment+=(JDK_JAVA_OPTIONS=--add-modules=jdk.incubator.vector)
runs 0 benchmark --seconds 1 --json
document 'any(.stages[]; .stage == "hash" and (.how | endswith(", several at once")))'
ok "a mover that has much to hash does it in vectors: $(field '.stages[] | select(.stage == "hash") | .how')"
