import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** With these, pages may share memory between threads. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** For `--mode server`: the page of `hearth serve`, few files under fixed names. */
const of_the_server = {
  outDir: "dist-server",
  rolldownOptions: { output: { entryFileNames: "page.js", assetFileNames: "page[extname]" } },
};

export default defineConfig(({ mode }) => {
  const place = mode === "server" ? "server" : "tab";
  return {
    base: "./",
    resolve: { alias: { "#place": fileURLToPath(new URL(`src/${place}/place.ts`, import.meta.url)) } },
    build: {
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      ...(place === "server" && of_the_server),
    },
    worker: { format: "es" },
    // Its workers and the engine are files that it finds next to itself.
    optimizeDeps: { exclude: ["@hearth/web"] },
    server: { headers, fs: { allow: ["../.."] } },
    preview: { headers, port: 4173 },
  };
});
