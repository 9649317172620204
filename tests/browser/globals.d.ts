/** What open_page puts into its pages, and the tests of conformance and of logits into theirs. */
declare const hearth: typeof import("@hearth/web");
declare const tea: typeof import("@hearth/web/tea");
declare const wasm: typeof import("@hearth/wasm");
declare const conformance: typeof import("@hearth/core/conformance");
