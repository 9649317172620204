/**
 * Writes the reference of the C interface from its headers: what stands between two empty lines is one entry, its
 * comments the text and the rest the declaration. Usage: node c_reference.mjs HEADER > PAGE
 */

import { readFileSync } from "node:fs";
import { basename } from "node:path";

const path = process.argv[2];
const header = readFileSync(path, "utf8");

/** The text of a comment, without its marks. */
function text_of(comment) {
  return comment
    .replace(/^\/\*+ ?|\s*\*\/$/g, "")
    .replaceAll(/^ \* ?/gm, "")
    .trim();
}

/** Where it stands at the beginning, and what follows it. */
function split_comment(entry) {
  const [comment = ""] = /^\/\*[\s\S]*?\*\/\n?/.exec(entry) ?? [];
  return { text: text_of(comment.trim()), rest: entry.slice(comment.length) };
}

/** The names that a declaration makes known. */
function names_of(declaration) {
  const bare = declaration.replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const functions = bare.matchAll(/\b(hearth_\w+)\(/g);
  const callbacks = bare.matchAll(/\(\*(hearth_\w+)\)/g);
  const types = bare.matchAll(/^typedef (?:struct|enum) \w+ (hearth_\w+);|^\} (hearth_\w+);/gm);
  const one_line = bare.matchAll(/^typedef enum .*\} (hearth_\w+);/gm);
  const macros = bare.matchAll(/^#define (HEARTH_\w+)/gm);
  const found = [types, one_line, callbacks, functions, macros].flatMap((matches) =>
    [...matches].map(([, first, second]) => first ?? second),
  );
  return [...new Set(found)];
}

const from = header.indexOf('extern "C" {\n#endif\n');
const body = header.slice(from + 'extern "C" {\n#endif\n'.length, header.lastIndexOf("#ifdef __cplusplus"));
const entries = body
  .split(/\n{2,}(?! )/)
  .map((entry) => entry.trim())
  // How the headers are written for C++, and notes to tools, are nobody's business here.
  .filter((entry) => entry !== "" && !/define HEARTH_AS_INT|NOLINT/.test(entry));
const anchors = new Set(entries.flatMap((entry) => names_of(split_comment(entry).rest)));

/** Markdown, in which what has an entry leads to it and placeholders are no HTML. */
function prose(text) {
  const lines = text
    .split("\n\n")
    .map((paragraph) =>
      /^ {2,}/m.test(paragraph) ? `\`\`\`text\n${paragraph}\n\`\`\`` : inline(paragraph.replaceAll("\n", " ")),
    );
  return lines.join("\n\n");
}

function inline(text) {
  return (
    text
      .replaceAll("`", "")
      // Braces would be an expression of the site's pages.
      .replaceAll(/[<>&{}]/g, (character) => `&#${character.charCodeAt(0)};`)
      .replaceAll(/[*_[\]|]/g, "\\$&")
      .replaceAll(/\b(?:hearth|HEARTH)(?:\\_\w+)+/g, (escaped) => {
        const name = escaped.replaceAll("\\_", "_");
        return anchors.has(name) ? `[\`${name}\`](#${name})` : `\`${name}\``;
      })
      .replaceAll(/\bdocs\/([a-z-]+)\.md\b/g, "[$1](../../$1.md)")
  );
}

const page = [`# ${basename(path)}`, prose(text_of(header.slice(0, header.indexOf("*/") + 2)))];
for (const entry of entries) {
  const section = /^\/\* ---- (.*) ---- \*\/$/.exec(entry);
  if (section) {
    page.push(`## ${section[1]}`);
    continue;
  }
  const { text, rest } = split_comment(entry);
  const declaration = rest.replaceAll(" HEARTH_AS_INT", "").trim();
  const [first, ...others] = names_of(rest);
  if (first) page.push(`### \`${first}\` {#${first}}`);
  // Entries of several declarations can be reached by each of their names.
  if (others.length > 0) page.push(others.map((name) => `<a id="${name}"></a>`).join(""));
  if (text) page.push(prose(text));
  if (declaration) page.push(`\`\`\`c\n${declaration}\n\`\`\``);
}
process.stdout.write(`${page.join("\n\n")}\n`);
