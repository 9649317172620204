#!/usr/bin/env bash
# Installs the packed wheel in a fresh environment and asks it; makes the wheel once more from the packed sources.
# Usage: tools/release/try_python.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/release/common.sh
set_architecture "$(uname --machine | sed 's/x86_64/x64/; s/aarch64/arm64/')"

root=$PWD
wheel=$(echo "$release"/*_"$machine".whl)
# Debian's own Python: another may be in front of it.
/usr/bin/python3 -m venv "$scratch/environment"
cd "$scratch"
environment/bin/pip install --quiet --no-index "$wheel"
answer=$(environment/bin/python -c "
import hearth, importlib.metadata
with hearth.Hearth() as models:
    model = models.load_model('$root/models/hearth-spark.gguf')
    print(importlib.metadata.version('hearth'), model.generate_text('What is 37 + 48?', temperature=0).text)")
[ "$answer" = "$version 37 + 48 = 85." ] || { echo "it answered: $answer" >&2; exit 1; }

# With the library that is built already: compiling it takes minutes.
HEARTH_LIBRARY=$root/build-release-$architecture/libhearth.so environment/bin/pip wheel --quiet --no-index --no-deps \
  --wheel-dir again "$release/hearth-$version.tar.gz"
cmp "again/$(basename "$wheel")" "$wheel"
