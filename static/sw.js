// Keeps the page of today's roll call, and the files it needs, for when the network is gone: network first, what is kept second.
// Only pages that the server says may be kept (X-Keep-Until) are, for one person (X-Keep-For), until the day is over: docs/decisions/0014.
"use strict";
const FILES = "roll-files", PAGES = "roll-pages", PATIENCE = 6000;
const NEEDED = ["/static/frame.css", "/static/roll.css", "/static/app.js", "/static/roll.js", "/static/icon.svg"];

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(FILES).then((files) => files.addAll(NEEDED)));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
// The first visit came before this worker: the page asks to be kept.
self.addEventListener("message", (event) => event.waitUntil(page(new Request(event.data)).catch(() => null)));
self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (NEEDED.includes(url.pathname)) event.respondWith(file(request));
  else if (request.mode === "navigate" && (url.pathname === "/" || url.pathname.startsWith("/roll/"))) event.respondWith(page(request));
});

async function file(request) {
  const files = await caches.open(FILES), kept = await files.match(request);
  const fetched = fetch(request).then(async (answer) => {
    if (answer.ok) await files.put(request, answer.clone());
    return answer;
  });
  return inTime(fetched, kept);
}

async function page(request) {
  const kept = await fresh(request.url);
  const fetched = fetch(request).then(async (answer) => {
    if (answer.type === "opaqueredirect") await caches.delete(PAGES); // logged out: nothing stays behind
    else if (answer.ok && !answer.redirected && answer.headers.has("X-Keep-Until")) await keep(request.url, answer.clone());
    return answer;
  });
  return inTime(fetched, kept || (new URL(request.url).pathname === "/" && await fresh("/roll/") && Response.redirect("/roll/")));
}

// The network's answer; what is kept, where the network is gone or the server does not answer, or takes too long.
function inTime(fetched, kept) {
  if (!kept) return fetched;
  const late = new Promise((done) => { setTimeout(done, PATIENCE, kept); });
  return Promise.race([fetched.then((answer) => (answer.status >= 502 ? kept : answer), () => kept), late]);
}

async function keep(url, answer) {
  const pages = await caches.open(PAGES), owner = answer.headers.get("X-Keep-For");
  for (const known of await pages.keys()) {
    if ((await pages.match(known)).headers.get("X-Keep-For") !== owner) await pages.delete(known);
  }
  await pages.put(url, answer);
}

async function fresh(url) {
  const pages = await caches.open(PAGES), kept = await pages.match(url);
  if (!kept || kept.headers.get("X-Keep-Until") * 1000 > Date.now()) return kept;
  await pages.delete(url);
  return undefined;
}
