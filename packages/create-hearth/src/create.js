/** Makes an application's folder from a template. */

import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** `model`: where the application has the model that it begins with. */
export const templates = {
  vanilla: { text: "a page with a chat, without a framework (Vite)", start: "npm run dev", model: "public/model.gguf" },
  react: { text: "the same with React", start: "npm run dev", model: "public/model.gguf" },
  "node-server": { text: "a small HTTP server in Node.js", start: "npm start", model: "model.gguf" },
};

/** What was asked for makes no sense. */
export class Refused extends Error {}

/** Refused where there is no such template, or the folder has something in it. */
export function create(folder, template) {
  if (!Object.hasOwn(templates, template))
    throw new Refused(`there is no template '${template}'; there are: ${Object.keys(templates).join(", ")}`);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Refused(`${folder} is not empty: name another folder`);
  cpSync(here(`../templates/${template}`), folder, { recursive: true });
  renameSync(join(folder, "gitignore"), join(folder, ".gitignore")); // npm packs none of that name
  const model = join(folder, templates[template].model);
  mkdirSync(dirname(model), { recursive: true });
  copyFileSync(own_model(), model);
  const description = join(folder, "package.json");
  const { name: _, ...rest } = JSON.parse(readFileSync(description, "utf8"));
  writeFileSync(description, `${JSON.stringify({ name: package_name(folder), ...rest }, undefined, 2)}\n`);
}

/** In the package, or in the repository that it is made from. */
function own_model() {
  const packed = here("../model.gguf");
  return existsSync(packed) ? packed : here("../../../models/hearth-spark.gguf");
}

/** Of a folder, by npm's rules. */
function package_name(folder) {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return name || "hearth-app";
}
