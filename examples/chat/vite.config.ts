import { defineConfig } from "vite";

/** With these, pages may share memory between threads. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  base: "./",
  build: { target: "es2022", assetsInlineLimit: 0 },
  worker: { format: "es" },
  // Its workers and the engine are files that it finds next to itself.
  optimizeDeps: { exclude: ["@hearth/web"] },
  server: { headers, fs: { allow: ["../.."] } },
  preview: { headers, port: 4173 },
});
