/** Debian's Chromium, with the flags that it needs in a container. */

import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const executable = process.env.CHROMIUM ?? "/usr/bin/chromium";

export function new_profile(): string {
  return mkdtempSync(join(tmpdir(), "hearth-browser-"));
}

/** A browser with a profile of its own: what a page keeps there is found by the next browser with the same one. */
export async function start_chromium(profile = new_profile()): Promise<BrowserContext> {
  if (!existsSync(executable))
    throw new Error(`${executable} is missing: install the package chromium, or set CHROMIUM`);
  return chromium.launchPersistentContext(profile, {
    executablePath: executable,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page of the server's that has `hearth`, the package, as a global. What goes wrong in it is shown. */
export async function open_page(context: BrowserContext, origin: string, web = origin): Promise<Page> {
  const page = await context.newPage();
  await go_to(page, origin);
  await import_as_global(page, "hearth", `${web}/web/dist/index.js`);
  return page;
}

export async function go_to(page: Page, origin: string): Promise<void> {
  page.on("pageerror", (error) => console.error("in the page:", error));
  await page.goto(`${origin}/`);
}

/** As a script of the page: the test runner rewrites import() in functions that are evaluated there. */
export async function import_as_global(page: Page, name: string, url: string): Promise<void> {
  await page.addScriptTag({
    type: "module",
    content: `import * as it from ${JSON.stringify(url)}; globalThis.${name} = it;`,
  });
  await page.waitForFunction((name) => name in globalThis, name);
}
