/**
 * Keeps a bundle's page for visits without a network, and lets it share memory between threads wherever it is hosted.
 * The model is no affair of its own: @hearth/web keeps that.
 */

import { cache_for, forget_closed_pages, remember_open_pages, same_as } from "./clients.js";
import { isolated } from "./isolation.js";
import { keep_files, kept, path_of } from "./kept_files.js";

declare const self: ServiceWorkerGlobalScope;

// A version of which any file is missing or differs is not installed: the one before goes on. One that is whole is what
// the next visit gets.
self.addEventListener("install", (event) => event.waitUntil(keep_files().then(() => self.skipWaiting())));

self.addEventListener("activate", (event) => event.waitUntil(remember_open_pages().then(() => self.clients.claim())));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = request.method === "GET" ? path_of(request.url) : undefined;
  if (path === undefined) return;
  event.respondWith(request.mode === "navigate" ? navigate(request, path) : answer(event, path));
  if (request.mode === "navigate") event.waitUntil(forget_closed_pages());
});

/** Of the version that the page came from. */
async function answer({ request, clientId, resultingClientId }: FetchEvent, path: string): Promise<Response> {
  const cache = await cache_for(clientId);
  if (resultingClientId) await same_as(clientId, resultingClientId); // a worker of the page's
  return (await kept(path, cache)) ?? isolated(await fetch(request));
}

async function navigate(request: Request, path: string): Promise<Response> {
  const page = await kept(path);
  if (page) return page;
  try {
    return isolated(await fetch(request));
  } catch (error) {
    // A page that its host makes, or an address that only the page's own script knows.
    const first = await kept("index.html");
    if (first) return first;
    throw error;
  }
}
