#!/usr/bin/env bash
# Sets up the compiler for WebAssembly, once, outside the repository, and prints the file that puts it on the PATH:
#
#   . "$(tools/setup_emscripten.sh)"
#
# It goes to $HEARTH_TOOLCHAIN, or ~/.cache/hearth/emscripten. An `emcc` that is on the PATH already is taken as it is.
# On Debian 12 it comes from Debian and npm: emscripten 6.0.5 (from sid, or the .deb that HEARTH_EMSCRIPTEN_DEB names)
# with clang 22, or where sid no longer has it, 3.1.69 (from Debian 13, which keeps it) with clang 19. The system's own
# package sources stay as they are. Needs root or sudo, npm and a Node.js; Node.js 24 for the compiler itself comes
# with it. HEARTH_EMSCRIPTEN=old asks for the older one.
set -euo pipefail

prefix=${HEARTH_TOOLCHAIN:-${XDG_CACHE_HOME:-$HOME/.cache}/hearth/emscripten}
repository=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$prefix"
cd "$prefix"

say() { echo "$*" >&2; }

if [ -f env.sh ]; then echo "$prefix/env.sh"; exit 0; fi
if command -v emcc > /dev/null; then
  root=$(dirname "$(realpath "$(command -v emcc)")")
  printf 'export EMSCRIPTEN_ROOT=%q\n' "$root" > env.sh
  echo "$prefix/env.sh"
  exit 0
fi
command -v apt-get > /dev/null || {
  say "no emcc, and no Debian to take it from: install emsdk (https://emscripten.org) and put emcc on the PATH"
  exit 1
}

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)

# A list of packages of its own for one suite of Debian, from the mirror that this machine uses.
# fetch_deb SUITE VERSION: downloads that emscripten to emscripten.deb.
fetch_deb() {
  local site apt=$prefix/apt
  # shellcheck disable=SC2016 # apt's own word, not the shell's
  site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $1 main" > "$apt/sources.list"
  local private=(-o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$apt/lists"
                 -o "Dir::Cache=$apt/cache" -o "APT::Sandbox::User=$(id -un)")
  apt-get "${private[@]}" update -qq >&2 &&
    apt-get "${private[@]}" download -qq "emscripten=$2" >&2 && mv emscripten_*.deb emscripten.deb
}

# take_new, take_old: leave emscripten.deb and say what goes with it.
take_new() {
  llvm=22 binaryen=132.0.0
  local sha256=24e9eecd0a6e0c25896acf7dd42ae4261ae70c0669d4a42bde595afb7e4675c2
  local given=${HEARTH_EMSCRIPTEN_DEB:-$repository/../shared/toolchain/emscripten_6.0.5_all.deb}
  if [ -f "$given" ]; then cp "$given" emscripten.deb; else fetch_deb sid '6.0.5+dfsg+~1.41.5-2' || return 1; fi
  echo "$sha256  emscripten.deb" | sha256sum --check --quiet - >&2
}
take_old() {
  llvm=19 binaryen=120.0.0
  fetch_deb trixie '3.1.69+dfsg-3'
}

if [ "${HEARTH_EMSCRIPTEN:-new}" = old ] || ! take_new; then
  say "Setting up emscripten 3.1.69, which Debian 13 keeps"
  take_old
fi
"${as_root[@]}" apt-get update -qq >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -qq --yes --no-install-recommends "clang-$llvm" "lld-$llvm" "llvm-$llvm" python3 > /dev/null

dpkg-deb -x emscripten.deb em
root=$prefix/em/usr/share/emscripten
# 3.1.69 asks for Memory64 by the name that it had before it became a standard.
[ "$llvm" -eq 22 ] || grep -rl "'index': 'i64'" "$root/src" | xargs --no-run-if-empty sed -i "s/'index': 'i64'/'address': 'i64'/"

[ -f package.json ] || echo '{"private":true}' > package.json
npm install --no-audit --no-fund --loglevel=error "binaryen@$binaryen" node@24.21.0 acorn@8.19.0 acorn-import-phases@1.0.4 >&2
node=$prefix/node_modules/node/bin/node
mkdir -p "$root/node_modules" binaryen/bin
for module in acorn acorn-import-phases; do ln -sfn "$prefix/node_modules/$module" "$root/node_modules/$module"; done
# Debian's own binaryen is too old for this code, and so must not be found.
for tool in wasm-opt wasm-metadce wasm-as wasm-dis wasm-ctor-eval wasm2js; do
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$node" "$prefix/node_modules/binaryen/bin/$tool" > "binaryen/bin/$tool"
  chmod +x "binaryen/bin/$tool"
done
cat > em.config <<CONFIG
LLVM_ROOT = '/usr/lib/llvm-$llvm/bin'
LLVM_ADD_VERSION = ''
CLANG_ADD_VERSION = ''
BINARYEN_ROOT = '$prefix/binaryen'
NODE_JS = '$node'
EMSCRIPTEN_ROOT = '$root'
CACHE = '$prefix/cache'
CONFIG
printf 'export EM_CONFIG=%q EMSCRIPTEN_ROOT=%q HEARTH_NODE=%q\n' "$prefix/em.config" "$root" "$node" > env.sh.new
mv env.sh.new env.sh
echo "$prefix/env.sh"
