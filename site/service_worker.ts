/**
 * Makes the site's pages cross-origin isolated on hosts that send no headers for it, so that the models in them have
 * threads. It keeps nothing. packages/bundle's start.ts registers it, on the pages that have models.
 */

import { isolated } from "../packages/bundle/src/service_worker/isolation.js";

declare const self: ServiceWorkerGlobalScope;

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const is_own = request.url.startsWith(self.registration.scope);
  if (request.method === "GET" && is_own) event.respondWith(fetch(request).then((response) => isolated(response)));
});
