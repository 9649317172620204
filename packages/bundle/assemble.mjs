// Puts together what `hearth bundle` takes (apps/bundle/web_files.h says what that is) from @hearth/web, this package and
// the chat page, all built: node assemble.mjs FOLDER
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
cpSync(join(chat, "dist-bundle"), join(folder, "page"), { recursive: true });
for (const size of [192, 512]) cpSync(here(`icon-${size}.png`), join(folder, `page/icon-${size}.png`));
writeFileSync(join(folder, "single.html"), single_page());

/** The chat page with all that it loads in it, and the place for what `hearth bundle` adds. */
function single_page() {
  const file = (name) => text(join(chat, "dist-single", name));
  const engine = to_seven_bits(readFileSync(here("../wasm/modules/hearth-simd128.wasm")));
  const icon = `data:image/svg+xml,${encodeURIComponent(file("icon.svg"))}`;
  const scripts = [
    `<script type="text/plain" id="hearth-worker">${in_element(text(here("dist/single_worker.js")))}</script>`,
    `<script type="text/plain" id="hearth-engine">${engine}</script>`,
    "<!-- hearth: carried -->",
    `<script type="module">${in_element(file("page.js"))}</script>`,
  ];
  return file("index.html")
    .replaceAll("./icon.svg", icon)
    .replace(/<script type="module".*?<\/script>/, "")
    .replace(/<link rel="stylesheet".*?>/, () => `<style>${file("page.css")}</style>`)
    .replace("</body>", () => `${scripts.join("\n")}\n</body>`);
}

/** JavaScript that does the same and does not end the element that it is in. */
function in_element(script) {
  return script.replaceAll("</script", "<\\/script").replaceAll("<!--", "\\x3c!--");
}
