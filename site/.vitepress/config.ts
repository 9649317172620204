/** The site: its pages are put together in pages/ by tools/build_site.sh, which builds it. */

import { defineConfig, type MarkdownRenderer } from "vitepress";
import { api_sidebar, docs_sidebar } from "./sidebar";

// Under a path of a host: tools/build_site.sh --base /path/
const base = process.env.SITE_BASE ?? "/";

/** They have models, which share memory between threads where the page is isolated: it is loaded on its own for that. */
const pages_with_models = ["chat.md", "playground.md"];

/** GBNF, which the highlighter does not know: docs/grammars.md. */
const grammars = {
  name: "gbnf",
  scopeName: "source.gbnf",
  repository: {},
  patterns: [
    { name: "comment.line", match: "#.*$" },
    { name: "entity.name.function", match: "^\\s*[\\w-]+(?=\\s*::=)" },
    { name: "string.quoted", match: '"(\\\\.|[^"\\\\])*"' },
    { name: "string.regexp", match: "\\[(\\\\.|[^\\]\\\\])*\\]" },
  ],
};

/** The pages of docs/ know nothing of Vue: in them, braces are what is to be read. */
function without_expressions(markdown: MarkdownRenderer): void {
  const { rules } = markdown.renderer;
  const { code_inline, code_block, text } = rules;
  const as_it_is =
    (rule: typeof code_inline): typeof code_inline =>
    (tokens, index, options, env, self) => {
      tokens[index].attrSet("v-pre", "");
      return rule?.(tokens, index, options, env, self) ?? "";
    };
  rules.code_inline = as_it_is(code_inline);
  rules.code_block = as_it_is(code_block);
  rules.text = (...all) => (text?.(...all) ?? "").replaceAll("{{", "&#123;&#123;");
}

/** Pages of the API have each name many times. */
function guides_first(id: string): number {
  return id.includes("/api/") ? 0.1 : 1;
}

export default defineConfig({
  lang: "en",
  title: "Hearth",
  description: "Language models on the user's own machine: in browsers, Node.js, Python, C and behind a server.",
  base,
  srcDir: "pages",
  outDir: "dist",
  // Addresses that examples serve.
  ignoreDeadLinks: "localhostLinks",
  cacheDir: ".vitepress/cache",
  head: [["link", { rel: "icon", type: "image/svg+xml", href: `${base}icon.svg` }]],
  transformHead: ({ page }) =>
    pages_with_models.includes(page) ? [["script", { src: `${base}hearth/start.js` }]] : [],
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    languages: [grammars],
    // The same as on GitHub, so that links of docs/ lead to headings on both.
    anchor: {
      slugify: (heading) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
          .trim()
          .replaceAll(/\s/g, "-"),
    },
    config: without_expressions,
  },
  themeConfig: {
    logo: { src: "/icon.svg", alt: "" },
    search: { provider: "local", options: { miniSearch: { searchOptions: { boostDocument: guides_first } } } },
    notFound: { linkLabel: "Take me home" },
    outline: { level: [2, 3] },
    nav: [
      { text: "Guide", link: "/overview" },
      { text: "API", link: "/api/" },
      { text: "Chat", link: "/chat", target: "_self" },
      { text: "Playground", link: "/playground", target: "_self" },
    ],
    sidebar: { "/api/": api_sidebar(), "/": docs_sidebar() },
  },
  vite: { build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 2000 } },
});
