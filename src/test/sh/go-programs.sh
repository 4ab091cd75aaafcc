#!/usr/bin/env bash
# Builds the programs in Go that the tests start, each a module below src/test/go, and prints the path of each, one a line.
# A program lies outside the checkout, in ${VARVE_TEST_CACHE:-~/.cache/varve-test}/KEY/NAME, where KEY is the SHA-256 of its
# sources and the version of Go: what is there is not built again. The first build of the control plane takes ten minutes.
# go-programs.sh [--cached] NAME…: with --cached builds nothing.
# Ends with 3 where Go or the modules can't be had, with 4 where --cached finds a program not yet built.
set -euo pipefail
modules=$(cd "$(dirname "$0")/../go" && pwd)
cache=${VARVE_TEST_CACHE:-$HOME/.cache/varve-test}
say() { echo "go-programs.sh: $*" >&2; }

cached=""
if [ "${1:-}" = --cached ]; then
  cached=yes
  shift
fi
[ $# -gt 0 ] || { say "usage: go-programs.sh [--cached] NAME…, of: $(ls "$modules" | paste -sd ' ')"; exit 2; }
# Where Go's own archive is unpacked, whether or not it is on the PATH.
PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null || { say "there is no 'go' on the PATH or in /usr/local/go/bin: install Go 1.26 or later"; exit 3; }

package() { # the module's own, or the tool of another module that it names
  sed -n 's/^tool //p' go.mod | grep . || echo .
}
flags() { # Kubernetes' parts say their version, and refuse some things if they have none
  local version
  version=$(sed -n 's|^[[:space:]]*k8s.io/kubernetes \(v[0-9.]*\)$|\1|p' go.mod)
  [ -n "$version" ] || { echo "-s -w"; return; }
  local minor=${version#v1.} at=k8s.io/component-base/version
  echo "-s -w -X $at.gitVersion=$version -X $at.gitMajor=1 -X $at.gitMinor=${minor%%.*}"
}
key() {
  { find . -type f ! -name '*_test.go' \( -name '*.go' -o -name go.mod -o -name go.sum \) -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; go version; flags; } \
    | sha256sum | cut -d ' ' -f 1
}

for name in "$@"; do
  [ -f "$modules/$name/go.mod" ] || { say "there is no module $modules/$name"; exit 2; }
  cd "$modules/$name"
  folder=$cache/$(key)
  if [ ! -x "$folder/$name" ]; then
    [ -z "$cached" ] || { say "$name is not built yet: run src/test/sh/go-programs.sh $name"; exit 4; }
    mkdir -p "$folder"
    # A second one that wants the same program waits, and finds it then.
    exec {lock}>"$folder/$name.lock"
    flock "$lock"
    if [ ! -x "$folder/$name" ]; then
      say "building $name into $folder"
      go mod download || { say "the modules of $name can't be fetched from $(go env GOPROXY)"; exit 3; }
      CGO_ENABLED=0 go build -trimpath -ldflags "$(flags)" -o "$folder/$name.part" "$(package)"
      mv "$folder/$name.part" "$folder/$name"
    fi
    exec {lock}>&-
  fi
  echo "$folder/$name"
done
