// The version, which is one for everything: `node tools/set_version.mjs` says where it stands, with --check it fails where
// not all are the same, with a version it sets them all.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Places that are no JSON: what stands before the version, and it. The first is what the others are held to. */
const places = [
  ["CMakeLists.txt", /^(project\(hearth VERSION )([\d.]+)/m],
  ["python/pyproject.toml", /^(version = ")([\d.]+)/m],
  ["docs/python.md", /(dist\/hearth-)([\d.]+)/],
];

const is_ours = (name) => name.startsWith("@hearth/") || name === "create-hearth";
const dependencies = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

/** Visits each version in a package's description: its own, if it is one of ours, and those of ours that it uses. */
function visit_package(description, is_our_package, visit) {
  if (is_our_package && description.version) visit(description, "version");
  for (const group of dependencies) {
    for (const name of Object.keys(description[group] ?? {})) if (is_ours(name)) visit(description[group], name);
  }
}

/** The versions in a package.json, or in the lock file of one, which has an entry for each folder. */
function in_json(file, set) {
  const content = JSON.parse(readFileSync(file, "utf8"));
  const entries = content.packages
    ? Object.entries(content.packages)
    : [[file.replace(/\/package\.json$/, ""), content]];
  const found = [];
  for (const [path, description] of entries) {
    visit_package(description, /^(\.\.\/)*packages\/[^/]+$/.test(path), (object, key) => {
      // A template may ask for "^1.2.3"; "file:..." and "*" are no versions.
      const [, range, version] = /^([\^~]?)(\d+\.\d+\.\d+)$/.exec(object[key]) ?? [];
      if (!version) return;
      found.push({ place: `${file}: ${content.packages ? `${path} ` : ""}${key}`, version });
      if (set) object[key] = range + set;
    });
  }
  if (set && found.length > 0) writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  return found;
}

function in_text([file, pattern], set) {
  const text = readFileSync(file, "utf8");
  const version = pattern.exec(text)?.[2];
  if (!version) throw new Error(`${file} has no version where ${pattern} looks for it`);
  if (set) writeFileSync(file, text.replace(pattern, `$1${set}`));
  return { place: file, version };
}

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const [wanted] = process.argv.slice(2);
const set = wanted === "--check" ? undefined : wanted;
if (set && !/^\d+\.\d+\.\d+$/.test(set)) {
  console.error(`'${set}' is no version: CMake, npm and Python all read three numbers, such as 1.2.3`);
  process.exit(2);
}
const listed = execFileSync("git", ["ls-files", "*package.json", "*package-lock.json"], { encoding: "utf8" });
const files = listed.trim().split("\n");
const found = [...places.map((place) => in_text(place, set)), ...files.flatMap((file) => in_json(file, set))];
const [{ version }] = found;
const others = found.filter((one) => one.version !== version);
if (wanted === undefined) for (const one of found) console.log(`${one.version}  ${one.place}`);
if (wanted === "--check") {
  for (const one of others) console.error(`${one.place} has version ${one.version}, CMakeLists.txt has ${version}`);
  if (others.length > 0) process.exitCode = 1;
}
