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

/** Peak resident memory in bytes of every renderer among the descendants of this process, by its number. */
function renderer_peaks() {
  const peaks = new Map();
  for (const id of readdirSync("/proc")) {
    if (!/^\d+$/.test(id)) continue;
    try {
      if (!readFileSync(`/proc/${id}/cmdline`, "utf8").includes("--type=renderer")) continue;
      if (!is_ours(id)) continue;
      const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, "utf8"));
      peaks.set(id, Number(peak?.[1] ?? 0) * 1024);
    } catch {
      // It has ended.
    }
  }
  return peaks;
}

function is_ours(id) {
  for (let at = Number(id); at > 1; ) {
    if (at === process.pid) return true;
    at = Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${at}/status`, "utf8"))?.[1]);
  }
  return false;
}

/**
 * Traces the tasks of the page's main thread until the function that it resolves with is called. That gives the
 * milliseconds that the longest took, and of the one that kept a processor busy the longest, those.
 */
async function trace_tasks(page) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value.filter(is_of_interest)));
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  const traceConfig = { recordMode: "recordContinuously", includedCategories: ["toplevel"], excludedCategories: ["*"] };
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
  return async () => {
    await session.send("Tracing.end");
    await complete;
    const place = ({ pid, tid }) => `${pid} ${tid}`;
    const main = new Set(events.filter(({ ph }) => ph === "M").map(place));
    const tasks = events.filter((event) => event.ph === "X" && main.has(place(event)));
    const most = (name) => Math.max(0, ...tasks.map((task) => task[name] ?? 0)) / 1000;
    return { longest_task_ms: most("dur"), busiest_task_ms: most("tdur") };
  };
}

/** The names of renderers' main threads, and all tasks of a millisecond or more. */
const is_of_interest = ({ ph, name, args, dur }) =>
  ph === "M" ? name === "thread_name" && args.name === "CrRendererMain" : ph === "X" && dur >= 1000;

/**
 * Visits visit.html with that address in a browser of its own, clicks, and returns what the page has measured, with the
 * peak memory of its process, what that was before the click, and the page's tasks.
 */
export async function visit(profile, address) {
  const context = await launch(profile);
  try {
    const page = await context.newPage();
    page.on("console", (message) => process.env.VERBOSE && console.error(message.text()));
    await page.goto(address);
    await page.waitForSelector("button:enabled");
    const before = renderer_peaks();
    const end_trace = await trace_tasks(page);
    await page.click("button:enabled");
    await page.waitForFunction(() => globalThis.visit, undefined, { timeout: 900_000 });
    const found = await page.evaluate(() => globalThis.visit);
    if (found.error) throw new Error(found.error);
    const [id, peak_bytes] = [...renderer_peaks()].reduce((most, next) => (next[1] > most[1] ? next : most));
    return { ...found, ...(await end_trace()), peak_bytes, empty_bytes: before.get(id) };
  } finally {
    await context.close();
  }
}
