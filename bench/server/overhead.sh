#!/usr/bin/env bash
# What the server itself costs: requests with answers of one token, by a model so small that it hardly counts.
# Prints the requests a second at full load, and the latencies at half of 5,000 requests a second, each as one line.
# The server's network is one thread; wrk and hey (Debian packages) want another core.
# Usage: bench/server/overhead.sh PROGRAM [MODEL.gguf]
set -euo pipefail

program=${1:?usage: bench/server/overhead.sh PROGRAM [MODEL.gguf]}
here=$(cd "$(dirname "$0")" && pwd)
model=${2:-$here/../../../shared/testdata/models/stories260K/stories260K.gguf}
seconds=${SECONDS_EACH:-10}

folder=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then kill "$server" 2> /dev/null || true; fi
  rm -rf "$folder"
}
trap finish EXIT

"$program" serve "$model" --port 0 --threads 1 --log-level warning > "$folder/address" &
server=$!
until [ -s "$folder/address" ]; do sleep 0.05; done
url=$(head -n 1 "$folder/address")/v1/completions
body='{"prompt": "Once", "max_tokens": 1, "temperature": 0}'
until curl --silent --fail --output /dev/null "$url" --data "$body"; do sleep 0.1; done

cat > "$folder/post.lua" << EOF
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '$body'
EOF
grep --max-count 1 "model name" /proc/cpuinfo | cut -d : -f 2
wrk --threads 1 --connections 32 --duration "${seconds}s" --script "$folder/post.lua" "$url" > "$folder/full"
grep "Non-2xx" "$folder/full" && exit 1
echo "requests/s at full load: $(awk '/Requests\/sec/ { print $2 }' "$folder/full")"
# 20 connections of 125 requests a second each: 2,500.
hey -z "${seconds}s" -c 20 -q 125 -m POST -T application/json -d "$body" "$url" > "$folder/half"
grep -E "Requests/sec" "$folder/half"
grep -E "50%|99%" "$folder/half"
