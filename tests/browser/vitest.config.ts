import { defineConfig } from "vitest/config";

// One file at a time: each starts browsers of its own.
export default defineConfig({
  test: {
    include: ["*.test.ts"],
    fileParallelism: false,
    // As Node.js reads it: Vite's reader of JSON takes no half of a surrogate pair, which one of the cases is about.
    server: { deps: { external: [/\/packages\/core\/dist\//] } },
    testTimeout: 180_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
