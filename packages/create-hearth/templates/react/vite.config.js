import { defineConfig } from "vite";

// With these, the model may use all cores. A host that sends none gives it one; `hearth bundle --page dist` needs none.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  base: "./",
  build: { target: "es2022" },
  worker: { format: "es" },
  // Its workers and the engine are files that it finds next to itself.
  optimizeDeps: { exclude: ["@hearth/web"] },
  server: { headers },
  preview: { headers },
});
