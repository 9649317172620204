/** Workflows in YAML: what runs them, and what hosts them in browsers and in Node.js. */

export type * from "./interpreter.js";
