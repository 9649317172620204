/** Chromium and Firefox alike, and the pages that the tests open in them. */

import { start_chromium } from "./chromium.js";
import { start_firefox } from "./firefox.js";

/** What playwright's pages, of Chromium, and puppeteer's, of Firefox, have in common. */
export interface AnyPage {
  goto(url: string): Promise<unknown>;
  on(event: "pageerror", listener: (error: unknown) => void): unknown;
  addScriptTag(script: { type: string; content: string }): Promise<unknown>;
  waitForFunction(expression: string): Promise<unknown>;
  evaluate<T, R>(run: (argument: T) => R | Promise<R>, argument?: T): Promise<R>;
  close(): Promise<void>;
}

export interface AnyBrowser<P extends AnyPage = AnyPage> {
  newPage(): Promise<P>;
  close(): Promise<void>;
}

export type BrowserName = "Chromium" | "Firefox";

export async function start_browser(name: BrowserName, profile?: string): Promise<AnyBrowser> {
  return (await (name === "Chromium" ? start_chromium(profile) : start_firefox(profile))) as never;
}

/** A browser with WebGPU, by drivers that compute on the processor: Chromium's own, and Mesa's. */
export async function start_with_gpu(name: BrowserName): Promise<AnyBrowser> {
  if (name === "Firefox") {
    const preferences = {
      "dom.webgpu.enabled": true,
      "dom.webgpu.workers.enabled": true,
      "gfx.webgpu.ignore-blocklist": true,
    };
    return (await start_firefox(undefined, preferences)) as never;
  }
  const flags = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"];
  return (await start_chromium(undefined, flags)) as never;
}

/** A browser that grants the origin that many bytes. */
export async function start_with_quota(name: BrowserName, origin: string, bytes: number): Promise<AnyBrowser> {
  if (name === "Firefox") {
    const limit = { "dom.quotaManager.temporaryStorage.fixedLimit": Math.floor(bytes / 1024) };
    return (await start_firefox(undefined, limit)) as never;
  }
  const context = await start_chromium();
  const session = await context.newCDPSession(await context.newPage());
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: bytes });
  return context as never;
}

/** A page of the server's that has `hearth`, the package, as a global. What goes wrong in it is shown. */
export async function open_page<P extends AnyPage>(browser: AnyBrowser<P>, origin: string, web = origin): Promise<P> {
  const page = await browser.newPage();
  await go_to(page, origin);
  await import_as_global(page, "hearth", `${web}/web/dist/index.js`);
  return page;
}

export async function go_to(page: AnyPage, origin: string): Promise<void> {
  page.on("pageerror", (error) => console.error("in the page:", error));
  await page.goto(`${origin}/`);
}

/** As a script of the page: the test runner rewrites import() in functions that are evaluated there. */
export async function import_as_global(page: AnyPage, name: string, url: string): Promise<void> {
  await page.addScriptTag({
    type: "module",
    content: `import * as it from ${JSON.stringify(url)}; globalThis.${name} = it;`,
  });
  await page.waitForFunction(`${JSON.stringify(name)} in globalThis`);
}
