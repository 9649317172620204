#!/usr/bin/env bash
# Writes a release's notes to standard output: the commits since the last tag, and what the files are.
# Usage: tools/release/notes.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/release/common.sh

printf '# Hearth %s\n\n' "$version"
# The tag of this very commit is the release itself.
if last=$(git describe --tags --abbrev=0 --match 'v[0-9]*' --exclude "v$version" 2> /dev/null); then
  printf 'Since %s:\n\n' "$last"
  git log --reverse --no-merges --format='- %s (%h)' "$last..HEAD"
else
  printf 'The first release, of %s commits. README.md says what it does.\n' "$(git rev-list --count HEAD)"
fi
cat << END

## Files

| file | what it is |
|---|---|
| \`hearth-$version-linux-x64.tar.gz\`, \`-arm64\` | the program, with the small model and the web files of bundles: unpack, run \`bin/hearth\` |
| \`libhearth-$version-linux-x64.tar.gz\`, \`-arm64\` | the library for C and C++, with its headers, for CMake and pkg-config |
| \`*.tgz\` | the packages, as they are on npm |
| \`hearth-$version-py3-*.whl\`, \`hearth-$version.tar.gz\` | the wheels and the source distribution, as they are on PyPI |
| \`hearth-$version-container.tar.gz\` | what the container is built from |
| \`sbom.cdx.json\` | what each of them is made of (CycloneDX) |
| \`SHA256SUMS\` | \`sha256sum --check SHA256SUMS\` |

The programs for arm64 are cross-compiled. macOS and Windows are not tested, and there are no files for them.
END
