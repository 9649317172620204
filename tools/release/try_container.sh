#!/usr/bin/env bash
# Builds the container from what is packed for it, with podman or docker, and asks its server. Says so where neither is.
# Usage: tools/release/try_container.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/release/common.sh

engine=$(command -v podman || command -v docker || true)
[ -n "$engine" ] || { echo "the container is not built and not tried: neither podman nor docker is here" >&2; exit 0; }
tar --extract --file "$release/hearth-$version-container.tar.gz" --directory "$scratch" --strip-components=1
image=hearth-release-$$ key=of-this-trial
case $(uname --machine) in x86_64) target=amd64 ;; *) target=arm64 ;; esac
# Podman's own format has no HEALTHCHECK.
options=()
if [[ $engine = *podman ]]; then options=(--format docker); fi
# On the host's network, which needs no rules of a firewall; whoever only runs it needs no such thing.
"$engine" build --quiet "${options[@]}" --network=host --build-arg "TARGETARCH=$target" --tag "$image" "$scratch" > /dev/null
trap '"$engine" rm --force "$image" > /dev/null; "$engine" rmi --force "$image" > /dev/null; rm -rf "$scratch"' EXIT

[ "$("$engine" run --rm --network=host --entrypoint id "$image" -u)" = 10001 ]
! "$engine" run --rm --network=host "$image" > "$scratch/log" 2>&1 || { echo "it serves all without a key" >&2; exit 1; }
grep --quiet 'without keys' "$scratch/log" || { cat "$scratch/log" >&2; exit 1; }
"$engine" run --detach --network=host --name "$image" --env "HEARTH_API_KEY=$key" "$image" > /dev/null
for _ in $(seq 60); do
  ! curl --silent --fail http://127.0.0.1:8080/health > /dev/null || break
  sleep 1
done
answer=$(curl --silent --fail http://127.0.0.1:8080/v1/chat/completions --header "Authorization: Bearer $key" --json \
  '{"messages": [{"role": "user", "content": "What is 37 + 48?"}], "temperature": 0}')
grep --quiet --fixed-strings '37 + 48 = 85.' <<< "$answer" || { echo "it answered: $answer" >&2; exit 1; }
if [[ $engine = *podman ]]; then "$engine" healthcheck run "$image" > /dev/null; fi
