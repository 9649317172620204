/** Debian's Chromium, with the flags that it needs in a container. */

import { existsSync } from "node:fs";
import { type BrowserContext, chromium } from "playwright-core";
import { new_profile } from "./profile.js";

const executable = process.env.CHROMIUM ?? "/usr/bin/chromium";

export async function start_chromium(profile = new_profile(), flags: string[] = []): Promise<BrowserContext> {
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
      ...flags,
    ],
  });
}
