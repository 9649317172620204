/** The same for a page that runs a workflow: with the interpreter, which runs in the page itself. */

import { carried_bytes } from "./carried.js";

export * from "./web.js";

const interpreter = new Blob([carried_bytes("hearth-interpreter")], { type: "application/wasm" });
Object.assign(globalThis, { hearth_engine: URL.createObjectURL(interpreter) });
