/** What `npm create hearth` makes, as a new user gets it: from packed packages, installed, and run. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AnyPage, start_browser } from "./browsers.js";
import { host_folder } from "./static_host.js";

const packages = fileURLToPath(new URL("../../packages", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "hearth-create-"));
const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
const programs: ChildProcess[] = [];
/** By the packages' names. */
const packed = new Map<string, string>();

beforeAll(() => {
  execFileSync(process.execPath, [join(packages, "create-hearth/copy_model.mjs")]);
  for (const name of ["core", "gpu", "wasm", "web", "stores", "react", "node", "create-hearth"]) {
    const written = execFileSync("npm", ["pack", "--json", "--pack-destination", work, "--loglevel=error"], {
      cwd: join(packages, name),
      encoding: "utf8",
    });
    const [{ name: full_name, filename }] = JSON.parse(written.slice(written.indexOf("["))) as [Record<string, string>];
    packed.set(full_name ?? "", join(work, filename ?? ""));
  }
  mkdirSync(join(work, "npx"));
  execFileSync("npm", ["install", ...quiet, packed.get("create-hearth") ?? ""], { cwd: join(work, "npx") });
}, 120_000);
afterAll(() => {
  for (const program of programs) program.kill();
  rmSync(work, { recursive: true, force: true });
});

function create(...options: string[]): { status: number; said: string } {
  try {
    const program = join(work, "npx/node_modules/.bin/create-hearth");
    return { status: 0, said: execFileSync(program, options, { cwd: work, encoding: "utf8", stdio: "pipe" }) };
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: string };
    return { status, said: stderr };
  }
}

/** Makes an application and installs what it needs, of this project what was packed. */
function install(template: string): string {
  expect(create(`my ${template}`, "--template", template).said).toContain("npm install");
  const folder = join(work, `my ${template}`);
  const path = join(folder, "package.json");
  const description = JSON.parse(readFileSync(path, "utf8"));
  expect(description.name).toBe(`my-${template}`);
  for (const [name, version] of Object.entries(description.dependencies)) {
    const own = packed.get(name);
    if (own) expect(own).toContain(`-${version}.tgz`);
  }
  const local = Object.fromEntries([...packed].map(([name, file]) => [name, `file:${file}`]));
  const { "create-hearth": _, ...overrides } = local;
  const dependencies = Object.fromEntries(
    Object.entries(description.dependencies).map(([name, version]) => [name, local[name] ?? version]),
  );
  writeFileSync(path, JSON.stringify({ ...description, dependencies, overrides }));
  execFileSync("npm", ["install", "--no-save", ...quiet], { cwd: folder });
  return folder;
}

/**
 * Starts a program of the application's; the address that it says it has. It says it without colours, which CI's
 * variables turn on even in a pipe: they would stand within the address.
 */
function start(folder: string, command: string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const [program = "", ...options] = command;
  const { FORCE_COLOR: _, ...inherited } = process.env;
  const path = `${join(process.execPath, "..")}:${process.env.PATH}`;
  const env = { ...inherited, NO_COLOR: "1", PATH: path, ...environment };
  const started = spawn(program, options, { cwd: folder, env });
  programs.push(started);
  let said = "";
  return new Promise((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += text;
      const [address] = /http:\/\/[a-z0-9.:]+\/\w*/.exec(said) ?? [];
      if (address) resolve(address);
    };
    started.stdout.on("data", hear);
    started.stderr.on("data", hear);
    started.on("exit", () => reject(new Error(said)));
  });
}

/** The answer of a chat page, whose last message it is. */
async function ask(page: AnyPage): Promise<string> {
  const status = () => document.querySelector("[role=status]")?.textContent;
  await expect.poll(() => page.evaluate(status)).toMatch(/is ready/);
  await page.evaluate(() => {
    const question = document.querySelector("input") as HTMLInputElement;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(question, "What is 3 plus 4?");
    document.querySelector("form")?.requestSubmit();
  });
  const answer = () => document.querySelector("li.assistant")?.textContent ?? "";
  await expect.poll(() => page.evaluate(answer)).toContain("7");
  return page.evaluate(answer);
}

test.each(["vanilla", "react"])("%s: a page that talks, while it is worked on and built", async (template) => {
  const folder = install(template);
  const address = await start(folder, ["node_modules/.bin/vite", "--host", "127.0.0.1", "--port", "0"]);
  const chromium = await start_browser("Chromium");
  const page = await chromium.newPage();
  page.on("pageerror", (error) => console.error("in the page:", error));
  await page.goto(address);
  expect(await ask(page)).toContain("7");
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await chromium.close();

  execFileSync(process.execPath, ["node_modules/vite/bin/vite.js", "build", "--logLevel=error"], { cwd: folder });
  const host = await host_folder(join(folder, "dist"));
  const firefox = await start_browser("Firefox");
  const built = await firefox.newPage();
  await built.goto(host.url);
  expect(await ask(built)).toContain("7");
  await firefox.close();
  await host.close();
});

test("node-server: a server that answers", async () => {
  const folder = install("node-server");
  const address = await start(folder, ["npm", "start", "--silent"], { PORT: "0" });
  const post = (body: string) => fetch(address, { method: "POST", body });
  expect(await (await post('{"prompt": "What is 3 plus 4?"}')).text()).toContain("7");
  expect((await post("no JSON")).status).toBe(400);
});

test("what is not clear is asked for, or refused where nobody can be asked", () => {
  expect(create("other", "--template", "none")).toMatchObject({
    status: 2,
    said: expect.stringMatching(/vanilla, react/),
  });
  expect(create("other")).toMatchObject({ status: 2, said: expect.stringMatching(/--template/) });
  writeFileSync(join(work, "letter"), "");
  expect(create(".", "--template", "vanilla")).toMatchObject({ status: 2, said: expect.stringMatching(/not empty/) });
  expect(readdirSync(work)).not.toContain("other");
});
