/** Debian's Firefox ESR, over WebDriver BiDi. */

import { existsSync } from "node:fs";
import puppeteer, { type Browser } from "puppeteer-core";
import { new_profile } from "./profile.js";

const executable = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

export async function start_firefox(
  profile = new_profile(),
  preferences: Record<string, number | boolean> = {},
): Promise<Browser> {
  if (!existsSync(executable)) {
    throw new Error(`${executable} is missing: install the package firefox-esr, or set FIREFOX`);
  }
  return puppeteer.launch({
    browser: "firefox",
    executablePath: executable,
    headless: true,
    userDataDir: profile,
    extraPrefsFirefox: preferences,
    protocolTimeout: 180_000, // of one evaluation: without cross-origin isolation there is one thread, on a slow machine
  });
}
