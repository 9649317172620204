// Runs electron.mjs without Electron: stands in for as much of it as that uses. A window asks once, prints the answer and
// is closed. As in Electron, `ready` comes only when the main module has ended.
import { EventEmitter } from "node:events";
import { existsSync } from "node:fs";
import { registerHooks } from "node:module";

const app = new EventEmitter();
const ready = new Promise((resolve) => app.once("ready", resolve));
app.whenReady = () => ready;
app.quit = () => console.log("quit");

const handlers = new Map();
const ipcMain = { handle: (channel, handler) => handlers.set(channel, handler) };

class BrowserWindow {
  constructor({ webPreferences }) {
    this.preload = webPreferences.preload;
  }

  async loadFile(file) {
    if (!existsSync(file) || !existsSync(this.preload)) throw new Error(`no ${file} or ${this.preload}`);
    const sender = { send: (channel, text) => console.log(JSON.stringify({ channel, text })) };
    console.log(await handlers.get("ask")({ sender }, "What is 3 plus 4?"));
    app.emit("window-all-closed");
  }
}

globalThis.electron = { app, BrowserWindow, ipcMain };
const module = "export const { app, BrowserWindow, ipcMain } = globalThis.electron;";
registerHooks({
  resolve: (name, context, next) =>
    name === "electron" ? { url: `data:text/javascript,${module}`, shortCircuit: true } : next(name, context),
});
await import("./electron.mjs");
app.emit("ready");
