// What the page may do: ask, and hear the answer.
const { contextBridge, ipcRenderer } = require("electron");

contextBridge.exposeInMainWorld("hearth", {
  ask: (prompt) => ipcRenderer.invoke("ask", prompt),
  onText: (listener) => ipcRenderer.on("text", (_event, text) => listener(text)),
});
