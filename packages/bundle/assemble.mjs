// Puts together what `hearth bundle` takes (apps/bundle/web_files.h says what that is) from @hearth/web, this package and
// the chat page, all built: node assemble.mjs FOLDER
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { to_seven_bits } from "./dist/seven_bits.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const chat = here("../../examples/chat");
const text = (path) => readFileSync(path, "utf8");

const [folder] = process.argv.slice(2);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
cpSync(here("../web/dist"), join(folder, "hearth/dist"), {
  recursive: true,
  filter: (path) => !/types$|\.tsbuildinfo$/.test(path),
});
cpSync(here("../web/wasm"), join(folder, "hearth/wasm"), { recursive: true });
cpSync(here("dist/start.js"), join(folder, "hearth/start.js"));
cpSync(here("dist/service_worker.js"), join(folder, "service_worker.js"));
for (const size of [192, 512]) cpSync(here(`icon-${size}.png`), join(folder, `icons/icon-${size}.png`));
cpSync(join(chat, "public/icon.svg"), join(folder, "icons/icon.svg"));
put_page("index", "page", "single.html", []);
put_page("workflow", "workflow_page", "single_workflow.html", ["workflow"]);

/** A page of examples/chat as a folder and as one file, in which it has such modules of the engine beside its worker's. */
function put_page(page, name, single, modules) {
  const built = (kind) => join(chat, `dist-${kind}${page === "index" ? "" : `-${page}`}`);
  cpSync(built("bundle"), join(folder, name), { recursive: true });
  if (page !== "index") renameSync(join(folder, name, `${page}.html`), join(folder, name, "index.html"));
  const parts = {
    "hearth-worker": in_element(text(here("dist/single_worker.js"))),
    "hearth-engine": engine("simd128"),
    ...Object.fromEntries(modules.map((module) => ["hearth-interpreter", engine(module)])),
  };
  const file = (name) => text(join(built("single"), name));
  writeFileSync(join(folder, single), single_page(file(`${page}.html`), file("page.js"), file("page.css"), parts));
}

function engine(module) {
  return to_seven_bits(readFileSync(here(`../wasm/modules/hearth-${module}.wasm`)));
}

/** A page with all that it loads in it, and the place for what `hearth bundle` adds. */
function single_page(html, script, style, parts) {
  const icon = `data:image/svg+xml,${encodeURIComponent(text(join(chat, "public/icon.svg")))}`;
  const elements = Object.entries(parts).map(
    ([id, content]) => `<script type="text/plain" id="${id}">${content}</script>`,
  );
  const scripts = [...elements, "<!-- hearth: carried -->", `<script type="module">${in_element(script)}</script>`];
  return html
    .replaceAll("./icon.svg", icon)
    .replace(/<script type="module".*?<\/script>/, "")
    .replace(/<link rel="stylesheet".*?>/, () => `<style>${style}</style>`)
    .replace("</body>", () => `${scripts.join("\n")}\n</body>`);
}

/** JavaScript that does the same and does not end the element that it is in. */
function in_element(script) {
  return script.replaceAll("</script", "<\\/script").replaceAll("<!--", "\\x3c!--");
}
