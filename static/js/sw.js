/* The service worker. It keeps static files and the empty shell, never anything that somebody signed in has read.
   What waits to be sent is the page's to send: a worker that the system stops must not decide over it. */
"use strict";
const SHELL = "cw-shell", STATIC = "cw-static", PATIENCE = 20000, MOST = 80;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const fromNet = (request) => new Promise((done, fail) => {
  const limit = setTimeout(fail, PATIENCE); /* a stairwell often says neither yes nor no */
  fetch(request).then(done, fail).finally(() => clearTimeout(limit));
});
const page = async (request) => {
  try { return await fromNet(request); } catch {
    return (await (await caches.open(SHELL)).match("/offline")) ?? Response.error();
  }
};
const prune = async (box) => {
  const kept = await box.keys();
  await Promise.all(kept.slice(0, Math.max(0, kept.length - MOST)).map((request) => box.delete(request)));
};
const file = async (request) => {
  const stamped = new URL(request.url).searchParams.has("v");
  const known = await caches.match(request);
  if (known && stamped) return known;
  try {
    const answer = await fetch(request);
    if (answer.ok) { const box = await caches.open(STATIC); await box.put(request, answer.clone()); await prune(box); }
    return answer;
  } catch (error) {
    const other = known ?? await caches.match(request, { ignoreSearch: true });
    if (other) return other;
    throw error;
  }
};
self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
});
