#!/usr/bin/env bash
# Makes the wheels of the Python package, with libhearth of each architecture, and its sources.
# Usage: tools/release/pack_python.sh ARCHITECTURE..., after build.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/release/common.sh
for architecture in "$@"; do
  HEARTH_LIBRARY=$PWD/build-release-$architecture/libhearth.so python3 python/build_wheel.py "$release" > /dev/null
done
python3 python/build_sdist.py "$release" > /dev/null
