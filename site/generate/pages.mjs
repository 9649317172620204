/**
 * Puts the pages that are written by hand where VitePress looks for them: docs/, the README, and the site's own. They
 * lead to files of the repository, which the site has not: such links become the text that they have.
 * Usage: node pages.mjs FOLDER
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = process.argv[2];

/** What of the repository has a page of another name. */
const pages = new Map([
  ["README.md", "overview.md"],
  ["engine/hearth.h", "api/c/hearth.md"],
  ["engine/hearth_workflow.h", "api/c/hearth_workflow.md"],
]);

function page_of(path) {
  return pages.get(path) ?? /^(?:docs|site)\/([^/]+\.md)$/.exec(path)?.[1];
}

/** What a link is called: where that is the file's name, the heading of its page. */
function named(label, file) {
  if (!/^[\w/-]+\.md$/.test(label)) return label;
  const [, heading = label] = /^# (.*)$/m.exec(readFileSync(join(root, file), "utf8")) ?? [];
  return heading;
}

/** The page's text, with the links of the file at `path` leading to pages. */
function with_links(text, path) {
  return text.replaceAll(/(\[[^\]\n]*\])\(([^)\s:#]+)(#[^)\s]*)?\)/g, (_link, label, target, anchor = "") => {
    const file = posix.join(posix.dirname(path), target);
    const page = page_of(file);
    if (page) return `[${named(label.slice(1, -1), file)}](./${page}${anchor})`;
    return label.slice(1, -1);
  });
}

mkdirSync(folder, { recursive: true });
const listed = (under) =>
  readdirSync(join(root, under))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${under}/${name}`);
for (const path of ["README.md", ...listed("docs"), ...listed("site")]) {
  writeFileSync(join(folder, page_of(path)), with_links(readFileSync(join(root, path), "utf8"), path));
}
