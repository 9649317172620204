/** Debian's Chromium, with the flags that it needs in a container. */

import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const executable = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** What playwright's pages, of Chromium, and puppeteer's, of Firefox, have in common. */
export interface AnyPage {
  goto(url: string): Promise<unknown>;
  on(event: "pageerror", listener: (error: unknown) => void): unknown;
  addScriptTag(script: { type: string; content: string }): Promise<unknown>;
  waitForFunction(expression: string): Promise<unknown>;
  evaluate<T, R>(run: (argument: T) => R | Promise<R>, argument: T): Promise<R>;
}

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
export async function open_page<P extends AnyPage = Page>(
  context: { newPage(): Promise<P> },
  origin: string,
  web = origin,
): Promise<P> {
  const page = await context.newPage();
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
