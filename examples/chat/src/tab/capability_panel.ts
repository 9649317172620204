/** What this browser can do, and what would make it faster. */

import { type Capabilities, getCapabilities } from "@hearth/web";
import { element } from "../elements";
import { bytes } from "../format";
import { folding_panel } from "../panel";

/** Looked up whenever the panel is opened: what is stored changes. */
export function capability_panel(): void {
  const place = element("div");
  folding_panel("This browser", [place], (open) => {
    if (open) void show_capabilities(place);
  });
}

async function show_capabilities(place: HTMLElement): Promise<void> {
  const found = await getCapabilities();
  const rows = facts(found).map(([name, value, good]) =>
    element(
      "div",
      {},
      element("dt", { textContent: name }),
      element("dd", { className: good === undefined ? "" : good ? "good" : "lacking", textContent: value }),
    ),
  );
  const missing = found.missing.map(({ feature, effect, remedy }) =>
    element("li", {}, element("strong", { textContent: feature }), `: ${effect}. What helps: ${remedy}.`),
  );
  place.replaceChildren(
    element("dl", { className: "facts" }, ...rows),
    missing.length > 0 ? element("p", { textContent: "Would do more with" }) : "",
    missing.length > 0 ? element("ul", { className: "missing" }, ...missing) : "",
  );
}

type Fact = [name: string, value: string, good?: boolean];

function facts(found: Capabilities): Fact[] {
  const yes = (value: boolean) => (value ? "yes" : "no");
  const { wasm, storage, webgpu } = found;
  return [
    ["Engine", found.module ?? "does not run", found.module !== undefined],
    ["Threads", `${found.threads} of ${found.processors} processors`, found.threads > 1],
    ["Cross-origin isolated", yes(found.crossOriginIsolated), found.crossOriginIsolated],
    ["Relaxed SIMD", yes(wasm.relaxedSimd), wasm.relaxedSimd],
    ["Memory64", yes(wasm.memory64), wasm.memory64],
    ["Largest model in memory", bytes(found.largestModel)],
    ["Models kept in", found.opfs ? "private file system" : found.indexedDb ? "IndexedDB" : "nothing", found.opfs],
    ["Storage", storage ? `${bytes(storage.usage)} of ${bytes(storage.quota)}` : "unknown"],
    ["WebGPU", webgpu?.description || yes(webgpu !== undefined)],
  ];
}
