#!/usr/bin/env bash
# Packs what the container is built from: hearth-VERSION-container.tar.gz, the Dockerfile with the programs.
# Usage: tools/release/pack_container.sh ARCHITECTURE..., after pack_program.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/release/common.sh
declare -A as_docker_says=([x64]=amd64 [arm64]=arm64)
folder=$scratch/hearth-$version-container
mkdir "$folder"
for architecture in "$@"; do
  program=$folder/${as_docker_says[$architecture]}
  mkdir "$program"
  tar --extract --file "$release/hearth-$version-linux-$architecture.tar.gz" --directory "$program" --strip-components=1
done
cp tools/release/Dockerfile "$folder/"
pack "$folder"
