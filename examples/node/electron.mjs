// A window that asks the model in Electron's main process: electron electron.mjs [MODEL]
// The addon is the same binary as in Node.js; the page has no access to files or to Node.js.

import { fileURLToPath } from "node:url";
import { loadModel, streamText } from "@hearth/node";
import { app, BrowserWindow, ipcMain } from "electron";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const path = process.argv.at(-1)?.endsWith(".gguf") ? process.argv.at(-1) : here("../../models/hearth-spark.gguf");

async function start() {
  const model = await loadModel(path);

  ipcMain.handle("ask", async (event, prompt) => {
    const stream = streamText({ model, prompt: String(prompt), maxTokens: 200 });
    for await (const text of stream) event.sender.send("text", text);
    return (await stream.result).finishReason;
  });

  app.on("window-all-closed", async () => {
    await model.dispose();
    app.quit();
  });

  const window = new BrowserWindow({ webPreferences: { preload: here("electron_preload.cjs") } });
  await window.loadFile(here("electron.html"));
}

// Not awaited: Electron is ready only when this module has ended.
app.whenReady().then(start);
