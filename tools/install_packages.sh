#!/usr/bin/env bash
# Installs the Debian packages that building ("build"), releasing ("release") or testing ("test") Hearth needs and that are
# missing, or those of its tests in browsers ("browser") or as code for 64-bit ARM ("neon"). Does nothing, quickly, where all
# are there.
# Usage: tools/install_packages.sh build|release|test|browser|neon
set -euo pipefail

build_packages=(
  g++              # the compiler: GCC 12
  cmake            # the build
  ninja-build      # runs it
  libfmt-dev       # formatting of messages
  nlohmann-json3-dev # JSON
  libcli11-dev     # the command line
  libedit-dev      # lines typed on a terminal
  libssl-dev       # SHA-256 of files, TLS of the server
  libcurl4-openssl-dev # downloads of models
  libboost1.81-dev # the server's sockets and HTTP: Asio and Beast, headers alone
  prometheus-cpp-dev # the server's metrics
  libyaml-cpp-dev  # the server's configuration
  libvulkan-dev    # the headers of Vulkan
)
test_packages=(
  "${build_packages[@]}"
  libgtest-dev     # the tests
  libgmock-dev     # their matchers
  libbenchmark-dev # the micro-benchmarks, which are only checked
  clang-14         # sanitizers and fuzzing
  libclang-rt-14-dev # their run-time libraries
  lld-14           # their linker
  llvm-14          # llvm-symbolizer: names instead of addresses in sanitizer reports
  clang-format-14  # formatting
  clang-tidy-14    # static checks
  mesa-vulkan-drivers # a GPU that this machine's processor plays
  vulkan-validationlayers # what of a program's use of it is against the rules
  spirv-tools      # spirv-val: is each of its kernels right?
  python3          # the tests of the command line and of what is installed
  python3-pytest   # the tests of the Python package
  python3-httpx    # its client of a server
  python3-websockets # its client of a WebSocket
  python3-numpy    # its arrays of vectors
  python3-yaml     # its reader of workflows
  python3-pydantic # models whose schemas answers keep
  python3-venv     # environments that its wheel is installed in
  mypy             # its types
  pkgconf          # tells a compiler where an installed library is
  shellcheck       # static checks of shell scripts
  black            # formatting of Python
  pyflakes3        # static checks of Python
)
release_packages=(
  "${build_packages[@]}"
  clang-14         # makes kernels for CUDA
)
browser_packages=(
  chromium firefox-esr  # the browsers
  mesa-vulkan-drivers   # a GPU that computes on the processor, for Firefox
)
neon_packages=(
  "${test_packages[@]}"
  g++-aarch64-linux-gnu # the compiler
  qemu-user        # runs its programs
)

case "${1:-}" in
  build) wanted=("${build_packages[@]}") ;;
  release) wanted=("${release_packages[@]}") ;;
  test) wanted=("${test_packages[@]}") ;;
  browser) wanted=("${browser_packages[@]}") ;;
  neon) wanted=("${neon_packages[@]}") ;;
  *) echo "usage: $0 build|release|test|browser|neon" >&2; exit 2 ;;
esac
# For the conformance tests; one that did not come from Debian's packages is as good.
if [ "$1" = test ] && ! command -v npm > /dev/null; then wanted+=(npm); fi

if ! command -v dpkg-query > /dev/null; then
  echo "not a Debian system: please see that you have the like of: ${wanted[*]}" >&2
  exit 0
fi
installed=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2> /dev/null || true)
missing=()
for package in "${wanted[@]}"; do
  grep -qx "installed $package" <<< "$installed" || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || {
    echo "please install these packages as root: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "Installing from Debian: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -qq --yes --no-install-recommends "${missing[@]}" > /dev/null
