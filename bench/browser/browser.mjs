/** Chromium as the measurements start it, and how they sum up what they find. */
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const new_profile = () => mkdtempSync(join(tmpdir(), "hearth-bench-"));

/** A browser with that profile, which `close()` ends. CHROMIUM names another than Debian's. */
export function launch(profile) {
  return chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
}

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** "median (lowest-highest)" */
export function spread(values, digits) {
  const text = (value) => value.toFixed(digits);
  return `${text(median(values))} (${text(Math.min(...values))}-${text(Math.max(...values))})`;
}

/** Peak resident memory of the largest renderer among the descendants of this process, in bytes. */
function peak_renderer_memory() {
  let most = 0;
  for (const id of readdirSync("/proc")) {
    if (!/^\d+$/.test(id)) continue;
    try {
      if (!readFileSync(`/proc/${id}/cmdline`, "utf8").includes("--type=renderer")) continue;
      if (!is_ours(id)) continue;
      const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, "utf8"));
      most = Math.max(most, Number(peak?.[1] ?? 0) * 1024);
    } catch {
      // It has ended.
    }
  }
  return most;
}

function is_ours(id) {
  for (let at = Number(id); at > 1; ) {
    if (at === process.pid) return true;
    at = Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${at}/status`, "utf8"))?.[1]);
  }
  return false;
}

/** Visits visit.html with that address in a browser of its own, clicks, and returns what the page has measured. */
export async function visit(profile, address) {
  const context = await launch(profile);
  try {
    const page = await context.newPage();
    page.on("console", (message) => process.env.VERBOSE && console.error(message.text()));
    await page.goto(address);
    await page.click("button:enabled");
    await page.waitForFunction(() => globalThis.visit, undefined, { timeout: 900_000 });
    const found = await page.evaluate(() => globalThis.visit);
    if (found.error) throw new Error(found.error);
    return { ...found, peak_bytes: peak_renderer_memory() };
  } finally {
    await context.close();
  }
}
