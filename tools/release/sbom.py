"""What a release is made of, as found in what was built: in the headers that compilers read (ninja's list of them), in the
libraries that programs name, in the lock files of npm.

    sbom.py write RELEASE                        writes the SBOM of the folder, CycloneDX 1.5, on standard output
    sbom.py libraries ARCHITECTURE               says which libraries the program brings along
    sbom.py licences ARCHITECTURE FOLDER [--library]
                                                 copies the licences of what is linked into the program (or into libhearth)

The Debian packages of a cross build are those that arm64_libraries.sh unpacked.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections import defaultdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURES = {"x64": "amd64", "arm64": "arm64"}

# What systems have for everybody, with its security fixes: a program that is packed finds these there.
OF_THE_SYSTEM = re.compile(r"(ld-linux-.*|lib(c|m|stdc\+\+|gcc_s|crypto|ssl|curl|tinfo))\.so")

# Their headers declare what the system has; no code of theirs comes along.
DECLARATIONS = re.compile(r"(libc6-dev|linux-libc-dev|libgcc-12-dev)(-arm64-cross)?")

# The packages whose sources the compiler read for each artefact; the rest of the build is for the program alone.
LIBRARY_OBJECTS = ("engine/", "bindings/c/", "CMakeFiles/hearth_fmt")


class Package(NamedTuple):
    name: str
    version: str
    architecture: str


class Component(NamedTuple):
    """A piece of somebody else's, by its package URL."""

    purl: str
    name: str
    version: str
    licence: str = ""


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout


def without_link(path: str) -> str:
    """Debian 12 has /lib as a link to /usr/lib; its packages name either."""
    return re.sub(r"^/lib", "/usr/lib", path)


def debian_packages() -> dict[str, Package]:
    """The package of each file of this machine."""
    shown = run("dpkg-query", "--show", "--showformat", "${binary:Package}\t${Version}\t${Architecture}\n")
    packages = {}
    for line in shown.splitlines():
        name, version, architecture = line.split("\t")
        packages[name] = Package(name.split(":")[0], version, architecture)
    files = {}
    for listed in Path("/var/lib/dpkg/info").glob("*.list"):
        if package := packages.get(listed.stem):
            for path in listed.read_text(encoding="utf-8").splitlines():
                files[without_link(path)] = package
    return files


def unpacked_packages(folder: Path) -> dict[str, Package]:
    """The package of each file that arm64_libraries.sh unpacked."""
    files = {}
    for line in (folder / "packages.tsv").read_text(encoding="utf-8").splitlines():
        name, version, path = line.split("\t")
        files[without_link(path)] = Package(name, version, "arm64")
    return files


class Build:
    """A build of tools/release/build.sh."""

    def __init__(self, architecture: str) -> None:
        self.folder = ROOT / f"build-release-{architecture}"
        crossed = architecture == "arm64" and os.uname().machine != "aarch64"
        self.system = ROOT / ".cache/arm64" if crossed else Path("/")
        self.files = debian_packages()
        self.unpacked = unpacked_packages(self.system) if crossed else {}

    def package_of(self, path: Path) -> Package | None:
        if self.unpacked and path.is_relative_to(self.system):
            return self.unpacked.get(without_link(f"/{path.relative_to(self.system)}"))
        return self.files.get(without_link(str(path)))

    def compiled_in(self, library: bool) -> set[Package]:
        """The packages with headers that were read for the program or, of its objects, for libhearth."""
        found = set()
        wanted = False
        for line in run("ninja", "-C", self.folder, "-t", "deps").splitlines():
            if line and not line.startswith(" "):
                wanted = (
                    line.startswith(LIBRARY_OBJECTS) if library else not line.startswith("bindings/node/")
                )
            elif wanted and line.strip():
                path = Path(os.path.normpath(self.folder / line.strip()))
                if not path.is_relative_to(ROOT) or path.is_relative_to(self.system):
                    found.add(self.package_of(path))
        return {package for package in found if package and not DECLARATIONS.fullmatch(package.name)}

    def libraries(self, program: Path) -> list[Path]:
        """The libraries that a program names, and those that they name which it brings along."""
        found: dict[str, Path] = {}
        folders = [self.system / f"{top}/{name}" for top in ("usr/lib", "lib") for name in self.machines()]

        def follow(file: Path) -> None:
            for name in re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "--dynamic", file)):
                if name in found:
                    continue
                try:
                    found[name] = next(folder / name for folder in folders if (folder / name).exists())
                except StopIteration:
                    continue  # the loader itself
                if not OF_THE_SYSTEM.match(name):
                    follow(found[name])

        follow(program)
        return list(found.values())

    def linked(self, program: Path) -> set[Package]:
        return {package for path in self.libraries(program) if (package := self.package_of(path))}

    def machines(self) -> list[str]:
        return ["aarch64-linux-gnu"] if self.unpacked else [f"{os.uname().machine}-linux-gnu"]

    def copyright_of(self, package: Package) -> Path:
        beside = self.system / f"usr/share/doc/{package.name}/copyright"
        return beside if beside.exists() else Path(f"/usr/share/doc/{package.name}/copyright")


def copy_licences(architecture: str, folder: Path, library: bool) -> None:
    """Debian's copyright files: what is linked or packed, and the headers that were compiled in."""
    build = Build(architecture)
    file = build.folder / ("libhearth.so" if library else "hearth")
    for package in sorted(build.compiled_in(library) | build.linked(file)):
        text = build.copyright_of(package)
        if not text.exists():
            raise SystemExit(f"{package.name} has no licence in {text}")
        shutil.copyfile(text, folder / f"{package.name}.copyright")
    if not library:
        for component in packed_into_pages():
            name = component.name
            source = next(path for path in installed(name).iterdir() if path.name.upper().startswith("LICEN"))
            shutil.copyfile(source, folder / f"{name}.copyright")


def debian_components(packages: set[Package]) -> set[Component]:
    return {
        Component(
            f"pkg:deb/debian/{name}@{version.replace(':', '%3A').replace('+', '%2B')}?arch={architecture}&distro=debian-12",
            name,
            version,
        )
        for name, version, architecture in packages
    }


def installed(name: str) -> Path:
    """The folder of an npm package that a bundler took from there."""
    folders = [ROOT / "node_modules" / name, ROOT / "examples/chat/node_modules" / name]
    return next(folder for folder in folders if folder.is_dir())


def npm_component(name: str) -> Component:
    about = json.loads((installed(name) / "package.json").read_text(encoding="utf-8"))
    url = f"pkg:npm/{name.replace('@', '%40')}@{about['version']}"
    return Component(url, name, about["version"], about.get("license", ""))


def packed_into_pages() -> set[Component]:
    """Packages that bundlers put into @hearth/web and the chat page: what these import that is none of ours."""
    names = set()
    for folder in ("packages/web/src", "packages/bundle/src", "examples/chat/src"):
        for path in (ROOT / folder).rglob("*.ts"):
            if ".test." not in path.name:
                names |= set(
                    re.findall(
                        r'^(?:import|export)[^;]*? from "([a-z][^"]*)";',
                        path.read_text(encoding="utf-8"),
                        re.M,
                    )
                )
    return {npm_component(name) for name in names if not name.startswith("node:")}


def asked_for_by_packages() -> dict[str, set[Component]]:
    """The dependencies of each npm package that are none of ours; npm installs them beside it."""
    found = {}
    for path in sorted(ROOT.glob("packages/*/package.json")):
        about = json.loads(path.read_text(encoding="utf-8"))
        if not about.get("private"):
            found[about["name"]] = {
                npm_component(name)
                for name in about.get("dependencies", {})
                if not name.startswith("@hearth/")
            }
    return found


def of_webassembly() -> set[Component]:
    """Emscripten, whose libraries (musl, libc++, compiler-rt) are linked into the modules."""
    environment = run("tools/setup_emscripten.sh").strip()
    tell = f'. "{environment}" && cat "$EMSCRIPTEN_ROOT/emscripten-version.txt"'
    version = run("bash", "-c", tell).strip().strip('"')
    return {Component(f"pkg:github/emscripten-core/emscripten@{version}", "emscripten", version, "MIT")}


def of_artefacts(release: Path) -> dict[str, set[Component]]:
    """What each file of a release has of others."""
    programs: dict[str, set[Component]] = {}
    libraries: dict[str, set[Component]] = {}
    for architecture in ARCHITECTURES:
        build = Build(architecture)
        if (build.folder / "hearth").exists():
            program = build.compiled_in(library=False) | build.linked(build.folder / "hearth")
            programs[architecture] = debian_components(program)
            library = build.compiled_in(library=True) | build.linked(build.folder / "libhearth.so")
            libraries[architecture] = debian_components(library)
    pages, modules = packed_into_pages(), of_webassembly()
    npm = asked_for_by_packages()
    found: dict[str, set[Component]] = {}
    for name in sorted(path.name for path in release.iterdir()):
        architecture = "arm64" if re.search(r"arm64|aarch64", name) else "x64"
        if name.startswith("hearth-") and "-linux-" in name and name.endswith(".tar.gz"):
            found[name] = programs[architecture] | pages | modules
        elif name.startswith("libhearth-") or name.endswith(".whl"):
            found[name] = libraries[architecture]
        elif "-container" in name:
            found[name] = set().union(*programs.values(), pages, modules)
        elif package := next(
            (one for one in npm if name.startswith(npm_file(one)) and name.endswith(".tgz")), None
        ):
            own = npm[package]
            if package == "@hearth/node":
                own = own.union(*libraries.values())
            if package in ("@hearth/web", "@hearth/wasm"):
                own = own | modules | (pages if package == "@hearth/web" else set())
            found[name] = own
        else:
            found[name] = set()
    return found


def npm_file(package: str) -> str:
    return package.replace("@", "").replace("/", "-") + "-"


def component_json(component: Component) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": "library",
        "bom-ref": component.purl,
        "name": component.name,
        "version": component.version,
        "purl": component.purl,
    }
    if component.licence:
        told["licenses"] = [{"license": {"id": component.licence}}]
    return told


def write_sbom(release: Path) -> None:
    artefacts = of_artefacts(release)
    version = re.search(r"^project\(hearth VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text(), re.M)
    assert version is not None
    date = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), timezone.utc)
    components = [component_json(one) for one in sorted(set().union(*artefacts.values()))]
    dependencies: dict[str, list[str]] = defaultdict(list)
    for name, used in artefacts.items():
        digest = hashlib.sha256((release / name).read_bytes()).hexdigest()
        hashes = [{"alg": "SHA-256", "content": digest}]
        components.append({"type": "file", "bom-ref": name, "name": name, "hashes": hashes})
        dependencies[name] = sorted(one.purl for one in used)
        dependencies["hearth"].append(name)
    sbom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components))}",
        "version": 1,
        "metadata": {
            "timestamp": date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": "hearth",
                "name": "hearth",
                "version": version[1],
                "licenses": [{"license": {"id": "MIT"}}],
            },
        },
        "components": components,
        "dependencies": [{"ref": name, "dependsOn": used} for name, used in dependencies.items()],
    }
    json.dump(sbom, sys.stdout, indent=2)
    print()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("write").add_argument("release", type=Path)
    commands.add_parser("libraries").add_argument("architecture", choices=ARCHITECTURES)
    licences = commands.add_parser("licences")
    licences.add_argument("architecture", choices=ARCHITECTURES)
    licences.add_argument("folder", type=Path)
    licences.add_argument("--library", action="store_true")
    given = parser.parse_args()
    if given.command == "write":
        write_sbom(given.release.resolve())
    elif given.command == "libraries":
        build = Build(given.architecture)
        paths = build.libraries(build.folder / "hearth")
        print(*(path for path in paths if not OF_THE_SYSTEM.match(path.name)), sep="\n")
    else:
        copy_licences(given.architecture, given.folder, given.library)


if __name__ == "__main__":
    main()
