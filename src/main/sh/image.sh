#!/usr/bin/env bash
# What jib can't make of the image; mvn -Pimage package calls it twice.
#   base   an image without a program: a runtime of Java 25 and the C library below it; writes target/image/base.tar
#   train  lets io.varve.app.Training run in the image that jib made upon it, target/image/untrained.tar; writes target/image/aot
# Neither needs root, a container engine or a network.
set -euo pipefail
target=$(cd "$(dirname "$0")/../../../target" && pwd)
image=$target/image
root=$image/root
# java.se: Spring reads the properties of beans with java.desktop. The rest is asked for at run time, by no module's descriptor;
# jdk.incubator.vector only in movers that have much to hash.
modules=java.se,jdk.httpserver,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs

stop() { echo "image.sh: $*" >&2; exit 1; }

find_jlink() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25*; do
    if [[ -x $home/bin/jlink && -r $home/release ]] && grep -q '^JAVA_VERSION="25[".]' "$home/release"; then
      printf '%s\n' "$home/bin/jlink"
      return
    fi
  done
  stop "no JDK 25 with jlink found: set JAVA_HOME, or install one below /usr/lib/jvm"
}

# Uncompressed: the layer is compressed as a whole, and classes load faster. The order in which jlink writes some names is that of
# Java's hash tables, which differs from one start to the next in two ways: by a seed, which is fixed where a JVM records what an AOT
# cache is to hold, and by where objects lie, which hash codes that are all the same leave out.
link_runtime() {
  local jlink java=$root/opt/java record=$image/jlink.aot
  jlink=$(find_jlink)
  "$jlink" -J-XX:AOTMode=record -J-XX:AOTConfiguration="$record" -J-Xlog:disable -J-XX:+UnlockExperimentalVMOptions -J-XX:hashCode=2 \
    --add-modules "$modules" --strip-debug --no-header-files --no-man-pages --compress zip-0 --output "$java"
  [[ -s $record ]] || stop "jlink recorded nothing: two images of the same sources may differ"
  rm "$record"
  # Screens, fonts and sound: they would bring in the libraries of X11.
  rm -f "$java"/lib/lib{awt,awt_headless,awt_xawt,fontmanager,freetype,javajpeg,jawt,jsound,lcms,mlib_image,splashscreen}.so
}

# The loader and the libraries that the runtime names, from this machine, at the paths where the loader looks for them.
copy_libraries() {
  local file library java=$root/opt/java
  while IFS= read -r file; do
    LD_LIBRARY_PATH=$java/lib:$java/lib/server ldd "$file"
  done < <(find "$java/bin" "$java/lib" -type f \( -name '*.so' -o -perm -u+x \)) >"$image/ldd"
  grep -oE '(^|[[:space:]])/[^ ]+' "$image/ldd" | sort -u >"$image/libraries"
  if grep -F 'not found' "$image/ldd" >&2; then stop "this machine lacks a library that the runtime needs"; fi
  while read -r library; do
    [[ $library == "$root"/* ]] || install -D -m 755 "$library" "$root$library"
  done <"$image/libraries"
  # Names of files may hold any character: the JVM takes their encoding from the locale.
  mkdir -p "$root/usr/lib/locale"
  cp -RL /usr/lib/locale/C.utf8 "$root/usr/lib/locale/"
  install -D -m 644 /usr/share/doc/libc6/copyright "$root/usr/share/doc/libc6/copyright"
}

# The user has a name, and names of hosts are looked up as usual.
write_settings() {
  mkdir -p "$root/etc"
  printf '%s\n' root:x:0:0:root:/tmp:/sbin/nologin varve:x:65532:65532:varve:/tmp:/sbin/nologin >"$root/etc/passwd"
  printf '%s\n' root:x:0: varve:x:65532: >"$root/etc/group"
  echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
  mkdir -p -m 1777 "$root/tmp"
}

# In the format of docker save, which jib reads.
write_base() {
  local revision layer=$image/base/layer.tar
  mkdir -p "$image/base"
  chmod -R u=rwX,go=rX "$root"
  chmod 1777 "$root/tmp"
  tar -C "$root" --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner --format=gnu -cf "$layer" .
  revision=$(git -C "$target/.." describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null || echo unknown)
  cat >"$image/base/config.json" <<JSON
{"architecture": "amd64", "os": "linux", "created": "1970-01-01T00:00:00Z",
 "config": {"Labels": {"org.opencontainers.image.revision": "$revision"}},
 "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "src/main/sh/image.sh"}],
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$(sha256sum "$layer" | cut -d' ' -f1)"]}}
JSON
  echo '[{"Config": "config.json", "RepoTags": ["varve-base:latest"], "Layers": ["layer.tar"]}]' >"$image/base/manifest.json"
  tar -C "$image/base" -cf "$image/base.tar" manifest.json config.json layer.tar
  rm -rf "$root" "$image/base"
}

base() {
  [[ $(uname -sm) == "Linux x86_64" ]] || stop "this machine is $(uname -sm); images are made on Linux x86_64 only"
  rm -rf "$image" "$target/varve-image.tar"
  mkdir -p "$root" "$image/aot"
  link_runtime
  copy_libraries
  write_settings
  write_base
}

# Layer by layer, in the order of the manifest, whose first digest is the configuration's.
unpack() { # OCI-ARCHIVE FOLDER: leaves the image's configuration in FOLDER.json
  local manifest digests digest
  rm -rf "$2" "$2.oci"
  mkdir -p "$2" "$2.oci"
  tar -C "$2.oci" -xf "$1"
  digests() { grep -oE '"digest":"sha256:[0-9a-f]{64}"' "$1" | grep -oE '[0-9a-f]{64}'; }
  manifest=$(digests "$2.oci/index.json")
  mapfile -t digests < <(digests "$2.oci/blobs/sha256/$manifest")
  cp "$2.oci/blobs/sha256/${digests[0]}" "$2.json"
  for digest in "${digests[@]:1}"; do
    tar -C "$2" --warning=no-unknown-keyword -xzf "$2.oci/blobs/sha256/$digest"
  done
  rm -rf "$2.oci"
}

# By the entry point itself, of the image's own JVM and jars with their times. The JVM lets the folder above the jars be another
# when the cache is used, so nothing needs chroot.
train() {
  local unpacked=$image/unpacked home=$image/home command=() word
  unpack "$image/untrained.tar" "$unpacked"
  sed "s#/varve/#$unpacked/varve/#g" "$unpacked/varve/jib-classpath-file" >"$image/class-path"
  while IFS= read -r word; do
    case $word in
      /opt/java/*) word=$unpacked$word ;;
      -XX:AOTCache=*) word=-XX:AOTCacheOutput=$image/aot/varve.aot ;;
      @/varve/jvm/*) word=@$unpacked${word#@} ;;
      @*) word=@$image/class-path ;;
      io.varve.app.Varve) word=io.varve.app.Training ;;
    esac
    command+=("$word")
  done < <(grep -oE '"Entrypoint":\[[^]]*\]' "$unpacked.json" | cut -d: -f2- | grep -oE '"[^"]+"' | tr -d '"')
  mkdir -p "$home"
  env -i LC_ALL=C.UTF-8 HOME="$home" VARVE_HOME="$home/varve" "${command[@]}" >"$image/training.log" 2>&1 ||
    { cat "$image/training.log" >&2; stop "the training of the AOT cache failed"; }
  [[ -s $image/aot/varve.aot ]] || stop "the training left no AOT cache: see $image/training.log"
  rm -rf "$unpacked" "$home"
}

case ${1:-} in
  base | train) "$1" ;;
  *) stop "found '${1:-}', expected base or train" ;;
esac
