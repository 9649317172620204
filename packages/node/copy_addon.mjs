// Puts the addon that was built into the package, for this platform: node copy_addon.mjs [build/hearth.node]
import { copyFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const built = process.argv[2] ?? fileURLToPath(new URL("../../build/hearth.node", import.meta.url));
const folder = fileURLToPath(new URL(`native/${process.platform}-${process.arch}`, import.meta.url));
mkdirSync(folder, { recursive: true });
copyFileSync(built, `${folder}/hearth.node`);
