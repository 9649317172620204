#!/usr/bin/env bash
# Unpacks Debian 12's libraries for 64-bit ARM, those that tools/install_packages.sh installs for this machine, into
# .cache/arm64: to link with and to run what was linked (qemu-aarch64 -L .cache/arm64). The system stays as it is.
# .cache/arm64/packages.tsv tells whose each file is. Usage: tools/release/arm64_libraries.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
tools/install_packages.sh neon

wanted=(libfmt-dev nlohmann-json3-dev libcli11-dev libedit-dev libssl-dev libcurl4-openssl-dev libboost1.81-dev
        prometheus-cpp-dev libyaml-cpp-dev libvulkan-dev)
folder=$PWD/.cache/arm64
[ "$folder/packages.tsv" -ot tools/release/arm64_libraries.sh ] || exit 0

apt=$PWD/.cache/arm64-apt
rm -rf "$folder"
mkdir -p "$folder" "$apt/state/lists/partial" "$apt/cache/archives/partial"
touch "$apt/status"
# shellcheck disable=SC2016 # apt's own word, not the shell's
site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
key='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
printf 'deb %s %s main\n' "$key" "$site bookworm" "$key" "$site bookworm-updates" \
  "$key" "${site%/debian}/debian-security bookworm-security" > "$apt/sources.list"
private=(-o APT::Architecture=arm64 -o APT::Architectures=arm64 -o "Dir::Etc::sourcelist=$apt/sources.list"
         -o Dir::Etc::sourceparts=- -o "Dir::State=$apt/state" -o "Dir::State::status=$apt/status"
         -o "Dir::Cache=$apt/cache" -o "APT::Sandbox::User=$(id -un)")
echo "Fetching Debian's libraries for arm64"
apt-get "${private[@]}" update -qq
apt-get "${private[@]}" install -qq --yes --no-install-recommends --download-only "${wanted[@]}" > /dev/null

# The list comes last: where it is, everything is.
list=$apt/packages.tsv
for package in "$apt"/cache/archives/*.deb; do
  dpkg-deb --extract "$package" "$folder"
  # shellcheck disable=SC2016 # dpkg-deb's own words
  named=$(dpkg-deb --show --showformat '${Package}\t${Version}' "$package")
  dpkg-deb --fsys-tarfile "$package" | tar --list | sed --quiet "s|^\.\(/.*[^/]\)$|$named\t\1|p"
done > "$list"
mv "$list" "$folder/packages.tsv"
rm -rf "$apt"
