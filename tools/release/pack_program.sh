#!/usr/bin/env bash
# Packs the program: hearth-VERSION-linux-ARCHITECTURE.tar.gz, a folder that may lie anywhere. Beside the program lie the
# libraries that other systems than Debian 12 may not have, the bundled model and the web files of `hearth bundle`.
# Usage: tools/release/pack_program.sh x64|arm64, after build.sh and tools/build_bundle.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/release/common.sh
set_architecture "$1"

folder=$scratch/hearth-$version-linux-$architecture
mkdir -p "$folder"/{bin,lib/hearth,share/hearth,share/doc/hearth}
of_machine strip -o "$folder/bin/hearth" "build-release-$architecture/hearth"
cp models/hearth-spark.gguf "$folder/share/hearth/"
cp -R build/share/hearth/web "$folder/share/hearth/"

libraries=$(python3 tools/release/sbom.py libraries "$architecture")
xargs cp --dereference --target-directory "$folder/lib/hearth" <<< "$libraries"

needs() {
  of_machine readelf --version-info "$folder"/bin/hearth "$folder"/lib/hearth/* |
    grep --only-matching "\b$1_[0-9.]*" | sort --version-sort --unique | tail -n 1
}
sed "s/@VERSION@/$version/; s/@ARCHITECTURE@/$machine/; s/@GLIBC@/$(needs GLIBC)/; s/@GLIBCXX@/$(needs GLIBCXX)/" \
  tools/release/program_readme.md > "$folder/README.md"
cp LICENSE "$folder/"
python3 tools/release/sbom.py licences "$architecture" "$folder/share/doc/hearth"
pack "$folder"
