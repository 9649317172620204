import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** With these, pages may share memory between threads. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Few files under fixed names. */
const fixed_names = { entryFileNames: "page.js", assetFileNames: "page[extname]" };

interface Build {
  /** Which place.ts it has. */
  place?: string;
  out?: string;
  page?: string;
  /** What stands for @hearth/web, and for @hearth/core, which that has in it. */
  web?: string;
  /** Where @hearth/web is beside the page. */
  beside?: string;
}

const beside = "./hearth/dist/index.js";
const inside = (name: string) => here(`../../packages/bundle/dist/${name}.js`);

/** The page in its builds, by Vite's mode. All others are of models in this tab, whichever they are. */
const builds: Record<string, Build> = {
  /** The page of `hearth serve`. */
  server: { place: "server", out: "dist-server" },
  /** What `hearth bundle` makes: of a folder @hearth/web is beside the page, of one file in it. */
  bundle: { place: "bundle", out: "dist-bundle", beside },
  single: { place: "bundle", out: "dist-single", web: inside("single_web") },
  "bundle-workflow": { out: "dist-bundle-workflow", page: "workflow.html", beside },
  "single-workflow": { out: "dist-single-workflow", page: "workflow.html", web: inside("single_workflow_web") },
};

export default defineConfig(({ mode }) => {
  const { place = "tab", out, page, beside, web = beside && "@hearth/web" } = builds[mode] ?? {};
  const alias = { ...(web && { "@hearth/core": web }), ...(web && !beside && { "@hearth/web": web }) };
  const output = { ...fixed_names, ...(beside && { paths: { "@hearth/web": beside } }) };
  return {
    base: "./",
    resolve: { alias: { "#place": here(`src/${place}/place.ts`), ...alias } },
    build: {
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      ...(out && {
        outDir: out,
        rolldownOptions: { input: page && here(page), external: beside ? ["@hearth/web"] : [], output },
      }),
    },
    worker: { format: "es" },
    // Its workers and the engine are files that it finds next to itself.
    optimizeDeps: { exclude: ["@hearth/web"] },
    server: { headers, fs: { allow: ["../.."] } },
    preview: { headers, port: 4173 },
  };
});
