// The service worker: pages from the network and, without one, the form or the page that says so; files of ours from the cache; and the
// outbox when the browser says that the network is back. In: STATIC, the addresses of our files, which the server writes above. It keeps
// no page that says anything about a report.
"use strict";

const FORM = "/";
const OFFLINE = "/luring";
// the addresses hold a hash of what lies there, so that they name the version too
const CACHE = `lapor ${STATIC.join(" ")}`;

addEventListener("install", (event) => {
  skipWaiting();
  // Chromium may ask the network beside us, and show its refusal before we have started; this says that we are always to be asked
  if (event.addRoutes) event.addRoutes({ condition: { requestMode: "navigate" }, source: "fetch-event" });
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([FORM, OFFLINE, ...STATIC])));
});

addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(Promise.all([old, clients.claim()]));
});

async function page(request, path) {
  try {
    const answer = await fetch(request);
    if (answer.ok && path === FORM) await (await caches.open(CACHE)).put(FORM, answer.clone());
    return answer;
  } catch {
    return (await caches.match(path === FORM ? FORM : OFFLINE)) || Response.error();
  }
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate" && !address.search) event.respondWith(page(request, address.pathname));
  else if (request.mode === "navigate") event.respondWith(page(request, ""));
  else if (STATIC.includes(address.pathname)) event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
});

addEventListener("sync", (event) => {
  if (event.tag !== "lapor-outbox") return;
  // a failed sync is called again by the browser, with longer and longer waits
  event.waitUntil(lapor.outbox.flush().then((left) => (left ? Promise.reject(new Error("no network")) : null)));
});
