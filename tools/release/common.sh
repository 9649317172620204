# What the scripts of a release share; they source it from the root of the repository.
# shellcheck shell=bash disable=SC2034 # what is set here is used there

version=$(sed --quiet 's/^project(hearth VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
release=$PWD/release

# One date for all that is packed, the last commit's, so that the same sources make the same bytes.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export LC_ALL=C.UTF-8 TZ=UTC
umask 022

# In which files and folders are made that nobody needs later.
scratch=$(mktemp --directory)
trap 'rm -rf "$scratch"' EXIT

# pack FOLDER: FOLDER.tar.gz in the release, with FOLDER as its top.
pack() {
  mkdir -p "$release"
  tar --create --sort=name --format=gnu --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --mode=go=rX,u+rw,a-s --directory "$(dirname "$1")" "$(basename "$1")" |
    gzip --no-name -9 > "$release/$(basename "$1").tar.gz"
}

# Debian's names of an architecture, of its files' folder and of its compiler's prefix: set_architecture x64|arm64.
set_architecture() {
  architecture=$1
  case $1 in
    x64) machine=x86_64 system_root='' ;;
    arm64)
      machine=aarch64 system_root=''
      [ "$(uname --machine)" = aarch64 ] || system_root=$PWD/.cache/arm64
      ;;
    *) echo "'$1' is no architecture of a release: there are x64 and arm64" >&2; return 2 ;;
  esac
  # What runs its programs here: nothing, where this machine is one.
  runner=()
  [ "$(uname --machine)" = "$machine" ] || runner=(qemu-"$machine" -cpu max -L "$system_root")
}

# of_machine TOOL [ARGUMENT...]: the compiler or the tool of binutils for the architecture.
of_machine() {
  if [ -n "$system_root" ]; then "$machine-linux-gnu-$1" "${@:2}"; else "$@"; fi
}

# Not 'npm ci', which refuses a lock file where a mirror lacks packages for other systems.
npm_install() {
  (cd "$1" && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null)
}
