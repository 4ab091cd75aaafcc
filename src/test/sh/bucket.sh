# Sourced by scripts that need a bucket: the tests' S3 server (src/test/sh/go-programs.sh versitygw) over a folder.

start_bucket() { # FOLDER: the bucket "bench" in it; sets bucket_pid, which the caller ends, bucket_port, bucket_requests (a log), and keys
  local gateway root
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
  gateway=$(bash "$root/src/test/sh/go-programs.sh" versitygw | tail -1)
  export AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench-secret AWS_REGION=us-east-1
  bucket_port=$((20000 + RANDOM % 10000)) bucket_requests=$1/requests
  # A bucket of the server's is a folder.
  mkdir -p "$1/objects/bench" "$1/sidecar"
  ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY "$gateway" --port "127.0.0.1:$bucket_port" --quiet \
    --access-log "$bucket_requests" posix --sidecar "$1/sidecar" "$1/objects" >"$1/server.log" 2>&1 &
  bucket_pid=$!
  local tries
  for tries in $(seq 100); do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$bucket_port") 2>/dev/null || return 0
    kill -0 "$bucket_pid" || break
    sleep 0.1
  done
  echo "bucket.sh: no server after ${tries} tries: $(tail -5 "$1/server.log")" >&2
  return 1
}
