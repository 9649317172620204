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

const single_web = here("../../packages/bundle/dist/single_web.js");

/** The page in its builds, by Vite's mode. All others are of models in this tab, whichever they are. */
const builds: Record<string, { place: string; out?: string; alias?: Record<string, string>; beside?: string }> = {
  /** The page of `hearth serve`. */
  server: { place: "server", out: "dist-server" },
  /** Of a folder that `hearth bundle` makes: @hearth/web is beside it. */
  bundle: {
    place: "bundle",
    out: "dist-bundle",
    alias: { "@hearth/core": "@hearth/web" },
    beside: "./hearth/dist/index.js",
  },
  /** Of one file that it makes: packages/bundle puts it together. */
  single: {
    place: "bundle",
    out: "dist-single",
    alias: { "@hearth/core": single_web, "@hearth/web": single_web },
  },
};

export default defineConfig(({ mode }) => {
  const { place, out, alias, beside } = builds[mode] ?? { place: "tab" };
  const output = { ...fixed_names, ...(beside && { paths: { "@hearth/web": beside } }) };
  return {
    base: "./",
    resolve: { alias: { "#place": here(`src/${place}/place.ts`), ...alias } },
    build: {
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      ...(out && { outDir: out, rolldownOptions: { external: beside ? ["@hearth/web"] : [], output } }),
    },
    worker: { format: "es" },
    // Its workers and the engine are files that it finds next to itself.
    optimizeDeps: { exclude: ["@hearth/web"] },
    server: { headers, fs: { allow: ["../.."] } },
    preview: { headers, port: 4173 },
  };
});
