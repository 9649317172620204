/**
 * Keeps a bundle's page for visits without a network, and lets it share memory between threads wherever it is hosted.
 * The model is no affair of its own: @hearth/web keeps that.
 */

import { isolated } from "./isolation.js";
import { keep_files, kept, leave_only_this, path_of } from "./kept_files.js";

declare const self: ServiceWorkerGlobalScope;

/** What start.ts says for a visit whose page wants the new version now. */
const take_over = "take over";

// A version of which any file is missing or differs does not become this page's: the one before goes on.
self.addEventListener("install", (event) => event.waitUntil(keep_files()));

self.addEventListener("activate", (event) => event.waitUntil(leave_only_this().then(() => self.clients.claim())));

self.addEventListener("message", ({ data }) => {
  if (data === take_over) void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const path = path_of(request.url);
  if (path !== undefined)
    event.respondWith(request.mode === "navigate" ? navigate(request, path) : answer(request, path));
  else if (request.mode === "navigate") event.respondWith(elsewhere(request));
});

async function answer(request: Request, path: string): Promise<Response> {
  return (await kept(path)) ?? isolated(await fetch(request));
}

/** Where a newer version waits and no other tab has this one, it takes over, and the page is asked for again. */
async function navigate(request: Request, path: string): Promise<Response> {
  const { waiting } = self.registration;
  if (waiting && (await self.clients.matchAll({ type: "window" })).length <= 1) {
    waiting.postMessage(take_over);
    return new Response("", { headers: { refresh: "0", "content-type": "text/html" } });
  }
  return answer(request, path);
}

/** A page that the bundle does not have: one that its host makes, or an address that only its own script knows. */
async function elsewhere(request: Request): Promise<Response> {
  try {
    return isolated(await fetch(request));
  } catch (error) {
    const page = await kept("index.html");
    if (page) return page;
    throw error;
  }
}
