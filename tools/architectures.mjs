// The tables of architectures: `node tools/architectures.mjs --write build/conformance/architectures.json` takes what the
// last whole run of tests/conformance/run.js found and writes docs/models.md's table and README.md's count; --check fails
// where they do not name the families of engine/model/families/families.inc.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const page = "docs/models.md";
const head = "| `general.architecture` | models, and what is special | largest difference |\n|---|---|---|\n";
const count_in_readme = /(\| architectures \| )\d+/;

/** Of each line of the table of families: the name, and what stands behind it but the file that reads it. */
function families() {
  const lines = readFileSync("engine/model/families/families.inc", "utf8").split("\n");
  return lines.flatMap((line) => {
    const [, architecture, remark] = /^HEARTH_FAMILY\(\w+, "([^"]+)"\) *\/\/ *(.*)$/.exec(line) ?? [];
    return architecture === undefined ? [] : [{ architecture, remark: remark.replace(/^\w+\.cpp(: )?/, "") }];
  });
}

function shown(figures) {
  if (figures === undefined)
    return "a test holds it to what its authors published: llama.cpp does otherwise, or cannot be asked";
  if (figures.angle !== undefined) return `${figures.angle.toExponential(1)} (angle of vectors)`;
  return `${figures.difference.toExponential(1)} (${figures.relative.toExponential(1)} of their size)`;
}

const row = ({ architecture, remark }, figures) => `| \`${architecture}\` | ${remark} | ${shown(figures)} |`;

function table_of(text) {
  const start = text.indexOf(head);
  if (start < 0) throw new Error(`${page} has no table of architectures`);
  const rows = /^(\|.*\n)*/.exec(text.slice(start + head.length))[0];
  return { start: start + head.length, rows };
}

function write(figures) {
  const known = families();
  const text = readFileSync(page, "utf8");
  const { start, rows } = table_of(text);
  const lines = known.map((family) => `${row(family, figures[family.architecture])}\n`).join("");
  writeFileSync(page, text.slice(0, start) + lines + text.slice(start + rows.length));
  writeFileSync("README.md", readFileSync("README.md", "utf8").replace(count_in_readme, `$1${known.length}`));
}

function check() {
  const known = families();
  const { rows } = table_of(readFileSync(page, "utf8"));
  const named = [...rows.matchAll(/^\| `([^`]+)` \| (.*) \| [^|]+ \|$/gm)].map(
    ([, name, remark]) => `${name} ${remark}`,
  );
  const counted = count_in_readme.exec(readFileSync("README.md", "utf8"))?.[0].split(" ").at(-1);
  const wanted = known.map(({ architecture, remark }) => `${architecture} ${remark}`);
  if (named.join("\n") === wanted.join("\n") && counted === `${known.length}`) return;
  console.error(`${page} or README.md does not have the ${known.length} architectures of families.inc:`);
  console.error("run node tools/architectures.mjs --write build/conformance/architectures.json");
  process.exitCode = 1;
}

const [mode, file] = process.argv.slice(2);
if (mode === "--write" && file !== undefined) write(JSON.parse(readFileSync(file, "utf8")));
else if (mode === "--check" && file === undefined) check();
else {
  console.error("usage: node tools/architectures.mjs --write FIGURES.json | --check");
  process.exitCode = 2;
}
