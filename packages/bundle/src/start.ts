/**
 * The first script of a bundle's page: starts its service worker. On a host that sends no headers for it, the page
 * becomes cross-origin isolated, and so has threads, when that worker gives it out: it is loaded anew once on the first
 * visit, unless somebody has begun to use it.
 */

const script = (document.currentScript as HTMLScriptElement).src;
const service_worker = new URL("../service_worker.js", script).href;

// Without a service worker (plain http, a private window) the page works as it would anywhere.
const settled = start().catch((error) =>
  console.warn(`Hearth: nothing is kept for visits without a network: ${error}`),
);
Object.assign(globalThis, { hearthBundle: { settled } });

async function start(): Promise<void> {
  if (!navigator.serviceWorker) return;
  const registration = await navigator.serviceWorker.register(service_worker);
  // Browsers look for a newer version themselves, but may take their time.
  void registration.update().catch(() => {});
  if (crossOriginIsolated || self !== top || !once()) return;
  if (!(await Promise.race([in_control(), touched()]))) return;
  location.reload();
  await new Promise(() => {});
}

/** Whether this tab was not loaded anew before. */
function once(): boolean {
  const key = `hearth loaded anew for ${service_worker}`;
  if (sessionStorage.getItem(key) !== null) return false;
  sessionStorage.setItem(key, "");
  return true;
}

/** True when the service worker gives out this page's files; false if it could not be installed. */
async function in_control(): Promise<boolean> {
  const registration = await navigator.serviceWorker.register(service_worker);
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  return new Promise((resolve) => {
    const look = () => {
      if (worker?.state === "redundant") resolve(false);
      if (navigator.serviceWorker.controller) resolve(true);
    };
    worker?.addEventListener("statechange", look);
    navigator.serviceWorker.addEventListener("controllerchange", look);
    look();
  });
}

/** False as soon as somebody uses the page. */
function touched(): Promise<boolean> {
  return new Promise((resolve) => {
    for (const kind of ["pointerdown", "keydown"]) {
      addEventListener(kind, () => resolve(false), { capture: true, once: true });
    }
  });
}
