/** What open_page puts into its pages, and the tests of conformance into theirs. */
declare const hearth: typeof import("@hearth/web");
declare const conformance: typeof import("@hearth/core/conformance");
