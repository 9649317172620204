/** What the sidebars list: the pages of docs/ in an order to read them in, and those that are generated. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DefaultTheme } from "vitepress";

const pages = fileURLToPath(new URL("../pages", import.meta.url));

/** By the pages' names; a page that no group has stands at the end, under "More". */
const groups: Record<string, string[]> = {
  Start: ["overview", "web", "node", "python", "c", "cli", "server"],
  Guides: [
    "models",
    "files",
    "chat-templates",
    "tools",
    "grammars",
    "embeddings",
    "adapters",
    "sequences",
    "workflows",
    "bundles",
  ],
  "With other libraries": ["ai-sdk", "prompt-api", "react", "tea"],
  Reference: ["options", "errors"],
  Internals: ["architecture", "wasm", "performance", "testing", "releasing", "dependencies"],
};

/** Where the heading of a page is longer than a sidebar likes. */
const titles: Record<string, string> = {
  overview: "Overview",
  web: "In the browser",
  node: "In Node.js",
  python: "In Python",
  c: "In C and C++",
  cli: "On the command line",
  server: "As a server",
  "ai-sdk": "AI SDK",
  "prompt-api": "Prompt API",
};

function title_of(name: string): string {
  const [, heading = name] = /^# (.*)$/m.exec(readFileSync(`${pages}/${name}.md`, "utf8")) ?? [];
  return titles[name] ?? heading.replaceAll("`", "");
}

function item(name: string): DefaultTheme.SidebarItem {
  return { text: title_of(name), link: `/${name}` };
}

export function docs_sidebar(): DefaultTheme.SidebarItem[] {
  const names = readdirSync(pages).flatMap((file) => (file.endsWith(".md") ? [file.slice(0, -".md".length)] : []));
  const listed = new Set([...Object.values(groups).flat(), "index", "chat", "playground"]);
  const all = { ...groups, More: names.filter((name) => !listed.has(name)) };
  return Object.entries(all).flatMap(([text, group]) => {
    const items = group.filter((name) => names.includes(name)).map(item);
    return items.length > 0 ? [{ text, items }] : [];
  });
}

/** Of a package of TypeScript: a folder for each kind of name, a page for each name. */
function package_items(name: string): DefaultTheme.SidebarItem {
  const folder = `api/typescript/${name}`;
  const kinds = readdirSync(`${pages}/${folder}`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const order = ["functions", "classes", "interfaces", "type-aliases", "variables"];
  const items = order
    .filter((kind) => kinds.some((entry) => entry.name === kind))
    .flatMap((kind) => readdirSync(`${pages}/${folder}/${kind}`).map((file) => ({ kind, name: file.slice(0, -3) })))
    .map((page) => ({ text: page.name, link: `/${folder}/${page.kind}/${page.name}` }));
  return { text: name === "tea" ? "@hearth/web/tea" : `@hearth/${name}`, link: `/${folder}/`, collapsed: true, items };
}

export function api_sidebar(): DefaultTheme.SidebarItem[] {
  if (!existsSync(`${pages}/api/typescript`)) return [];
  const packages = ["web", "node", "core", "ai-sdk", "prompt-api", "react", "svelte", "vue", "tea"];
  return [
    { text: "API", link: "/api/" },
    { text: "TypeScript", items: packages.map(package_items) },
    {
      text: "C",
      items: [
        { text: "hearth.h", link: "/api/c/hearth" },
        { text: "hearth_workflow.h", link: "/api/c/hearth_workflow" },
      ],
    },
    { text: "Python", items: [{ text: "hearth", link: "/api/python/hearth" }] },
    {
      text: "All faces",
      items: [
        { text: "Options", link: "/options" },
        { text: "Errors", link: "/errors" },
        { text: "Command line", link: "/cli" },
        { text: "HTTP", link: "/server" },
      ],
    },
  ];
}
