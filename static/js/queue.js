/* Work without signal. A form with data-queue is frozen under its key, kept on this device and sent until an answer names
   that key: it arrives once, whatever is lost on the way. Works without a service worker as long as the page is open. */
(() => {
  "use strict";
  const store = window.cwStore;
  const words = document.getElementById("cw-queue-words")?.dataset ?? {};
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const DAY = 86400000, OLD = 3 * DAY, TOO_OLD = 30 * DAY, EVERY = 30000, PATIENCE = 8000, PHOTO = 2 * 1048576, EDGE = 2560;
  const fresh = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18)))).replace(/\+/g, "-").replace(/\//g, "_");
  const device = () => { const known = store.local.get("cw-device") ?? fresh(); store.local.set("cw-device", known); return known; };
  const number = () => { const next = Math.max(Date.now(), Number(store.local.get("cw-seq") ?? 0) + 1); store.local.set("cw-seq", String(next)); return next; };
  const say = (text, ...values) => values.reduce((said, value) => said.replace("%s", value), text ?? "");

  /* ---- whose it is: the person of this page; the shell, which knows nobody, takes the last who was here ---- */
  const here = document.body.dataset.user;
  if (here) { store.local.set("cw-owner", here); store.local.drop("cw-locked"); }
  const owner = () => here ?? store.local.get("cw-owner");
  const locked = () => !here && store.local.get("cw-locked") !== null;
  const isMine = (entry) => entry.user === owner();
  const isTooOld = (entry) => Date.now() - Date.parse(entry.at) > TOO_OLD;
  const stateOf = (entry) => sending === entry.op ? "sending" : entry.state === "refused" || entry.lost ? "needs" : !entry.url ? "nocase" : isTooOld(entry) && !entry.sure ? "old" : "waiting";

  /* ---- sending, one after the other, in the order of writing ---- */
  let sending = null, over = false;
  const changed = new EventTarget();
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("cw-queue") : null;
  const tell = async (quiet) => { await count(); changed.dispatchEvent(new Event("change")); if (!quiet) channel?.postMessage("change"); };
  channel?.addEventListener("message", () => tell(true));

  const within = (milliseconds) => { const limit = new AbortController(); setTimeout(() => limit.abort(), milliseconds); return limit.signal; };
  const who = async () => {
    try {
      const answer = await fetch("/offline/token", { cache: "no-store", credentials: "same-origin", signal: within(15000) });
      const said = await answer.json();
      if (!("user" in said)) return null;
      over = said.user === null;
      if (over) { store.local.set("cw-locked", "1"); changed.dispatchEvent(new Event("change")); }
      return said;
    } catch { return null; /* no signal, or something between us and the server answers in its place */ }
  };
  const bodyOf = async (entry) => {
    const body = new FormData(), bytes = await store.bytesOf(entry.op);
    if (bytes.length < entry.files.length) return null; /* the browser threw a photo away: never send half of it */
    entry.fields.forEach(([name, value]) => body.append(name, value));
    entry.files.forEach((file, ordinal) => body.append(file.field, new File([bytes[ordinal]], file.name, { type: file.type })));
    return body;
  };
  const later = (entry, seconds) => {
    const tries = (entry.tries ?? 0) + 1;
    return store.note(entry.op, { tries, next: Date.now() + 1000 * (seconds || Math.min(300, 5 * 2 ** Math.min(tries, 6)) * (0.8 + 0.4 * Math.random())) });
  };
  /* Send one entry. Gives what the server said of it, or null when it said nothing that can be believed. */
  const deliver = async (entry, token, seen) => {
    const body = await bodyOf(entry);
    if (!body) { await store.note(entry.op, { lost: true }); return { state: "refused", reasons: [] }; }
    const headers = { "X-CSRFToken": token, "X-Queued": entry.op, "X-Queued-At": entry.at, "X-Queued-From": `${entry.device}/${entry.seq}` };
    if (seen) headers["X-Queued-Seen"] = "1";
    if (entry.files.every((file) => file.sha256)) headers["X-Queued-Files"] = entry.files.map((file) => file.sha256).join(" ");
    const weight = entry.files.reduce((sum, file) => sum + file.size, 0);
    let answer, said;
    try {
      answer = await fetch(entry.url, { method: "POST", body, headers, credentials: "same-origin", redirect: "manual", signal: within(30000 + weight / 20) });
      said = await answer.json();
    } catch { await later(entry); return null; }
    if (said.op !== entry.op) { await later(entry); return null; }
    if (answer.ok && said.state === "done") await store.remove(entry.op);
    else if (said.state === "refused" || (entry.tries > 8 && [400, 500].includes(answer.status))) await store.note(entry.op, { state: "refused", why: said.reasons });
    else await later(entry, Number(answer.headers.get("Retry-After")));
    return said;
  };
  const round = async ({ only, now }) => {
    const ready = (await store.all()).filter((entry) => isMine(entry) && stateOf(entry) === "waiting" && (only ? entry.op === only : now || !(entry.next > Date.now())));
    let last = null, known = null;
    for (const entry of ready) {
      known ??= await who();
      if (!known) { await later(entry); break; }
      if (known.user === null) { last = { state: "sign_in" }; break; }
      if (known.user !== entry.user) continue; /* somebody else has signed in on this device: it waits for its owner */
      sending = entry.op;
      await tell();
      try { last = await deliver(entry, known.token, only !== undefined); } finally { sending = null; }
      if (last?.state === "done") finished.set(entry.op, last.location);
      await tell();
      if (!last || last.state === "sign_in") break;
    }
    return last;
  };
  const finished = new Map();
  let chain = Promise.resolve();
  /* One round at a time in this page, and one page at a time where the browser can tell. */
  const flush = (how = {}) => {
    const run = () => navigator.locks ? navigator.locks.request("cw-queue", () => round(how)) : round(how);
    chain = chain.then(run, run);
    return chain;
  };

  /* ---- always in view: how much is unsent ---- */
  let mine = 0;
  const count = async () => {
    const entries = await store.all(), own = entries.filter(isMine);
    mine = own.length;
    const aged = own.some((entry) => Date.now() - Date.parse(entry.at) > OLD);
    const stuck = own.some((entry) => !["waiting", "sending"].includes(stateOf(entry)));
    all("a[data-unsent]").forEach((badge) => {
      badge.hidden = mine === 0;
      badge.classList.toggle("late", aged || stuck);
      const said = say(aged ? words.aged : stuck ? words.stuck : words.unsent, mine);
      const text = badge.querySelector("[data-n]");
      if (text.textContent !== said) text.textContent = said;
    });
    all("[data-unsent-here]").forEach((line) => { line.hidden = entries.length === 0; line.textContent = say(words.here, entries.length); });
  };

  /* ---- taking in a form ---- */
  const sha256 = async (bytes) => crypto.subtle ? [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("") : null;
  const smaller = async (file) => { /* a big photo is made smaller; whatever cannot be is sent as it is */
    if (file.type !== "image/jpeg" || file.size <= PHOTO || !window.createImageBitmap) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
      const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      return made && made.size < file.size ? new File([made], file.name, { type: "image/jpeg" }) : file;
    } catch { return file; }
  };
  const frozen = async (form, submitter, given) => {
    const fields = [], files = [], bytes = [];
    for (const [name, value] of new FormData(form, submitter)) {
      if (!(value instanceof File)) { if (name !== "csrf_token" && name !== "op") fields.push([name, value]); continue; }
      if (!value.name) continue;
      const file = await smaller(value), part = await file.arrayBuffer();
      files.push({ ordinal: files.length, field: name, name: file.name, type: file.type, size: part.byteLength, sha256: await sha256(part) });
      bytes.push(part);
    }
    const op = given.op ?? form.elements.op?.value ?? fresh();
    const entry = { op, seq: number(), device: device(), user: owner(), kind: form.dataset.queue, url: form.getAttribute("action"), page: location.pathname + location.search,
      title: form.dataset.queueTitle ?? "", at: new Date().toISOString(), state: "waiting", ...given, fields: [["op", op], ...fields, ...(given.fields ?? [])], files };
    return [entry, bytes];
  };
  const keep = async (form, submitter, given = {}) => {
    const known = (await store.all()).some((entry) => entry.op === form.elements.op?.value); /* what waits is never written over */
    const [entry, bytes] = await frozen(form, submitter, known ? { op: fresh(), ...given } : given);
    const safe = await store.put(entry, bytes, form.dataset.replaces);
    navigator.storage?.persist?.().catch(() => {});
    delete form.dataset.replaces;
    form.dispatchEvent(new Event("cw:queued"));
    await tell();
    return { entry, safe };
  };

  /* ---- what the page says of it ---- */
  const faults = (form) => all(":invalid", form).filter((field) => field.matches("input, select, textarea"))
    .filter((field, index, every) => every.findIndex((other) => other.name === field.name) === index)
    .map((field) => ({ field: field.name, text: say(words.missing, (field.closest("fieldset")?.querySelector("legend") ?? field.labels?.[0])?.firstChild?.textContent.trim() ?? field.name) }));
  const showReasons = (form, reasons) => {
    form.querySelector(".cw-errors")?.remove();
    const box = document.getElementById("cw-refused").content.cloneNode(true).firstElementChild;
    (reasons.length ? reasons : [{ text: words.again, field: "" }]).forEach(({ field, text }) => {
      const line = document.createElement("li"), at = form.elements.namedItem(field), control = at instanceof RadioNodeList ? at[0] : at;
      for (let fold = control?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      if (control?.id) { const link = Object.assign(document.createElement("a"), { href: `#${control.id}`, textContent: text }); line.append(link); } else line.textContent = text;
      box.querySelector("ul").append(line);
    });
    form.prepend(box);
    box.focus();
  };
  const showKept = (form, entry, safe, state) => {
    const panel = document.getElementById("cw-kept").content.cloneNode(true).firstElementChild;
    const ways = panel.querySelectorAll("[data-if]");
    const show = () => {
      const now = finished.has(entry.op) ? "sent" : state === "sign_in" || over ? "sign_in" : safe ? "kept" : "page";
      ways.forEach((part) => { part.hidden = !part.dataset.if.split(" ").includes(now); });
      if (now === "sent") panel.querySelector("[data-to]").href = finished.get(entry.op);
    };
    panel.querySelector("[data-sign-in]").href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
    changed.addEventListener("change", show);
    show();
    form.hidden = true;
    busy(form, false);
    all(".cw-act").forEach((bar) => { if (bar.querySelector(`[form="${form.id}"]`)) bar.hidden = true; });
    form.after(panel);
    panel.focus();
  };
  const goTo = (address) => {
    const target = new URL(address, location.href);
    if (target.origin !== location.origin) return location.reload();
    if (target.pathname + target.search !== location.pathname + location.search) return location.assign(target);
    history.replaceState(null, "", target);
    return location.reload();
  };
  const busy = (form, on) => {
    form.dataset.sent = on ? "1" : "";
    if (!on) delete form.dataset.sent;
    const outside = form.id ? all(`button[form="${form.id}"]`) : [];
    [...all("button[type=submit]", form), ...outside].forEach((button) => {
      if (on) { button.dataset.label = button.textContent; button.textContent = button.dataset.busy || words.busy; } else if (button.dataset.label) button.textContent = button.dataset.label;
      button.disabled = on;
    });
  };
  const submit = async (form, submitter) => {
    const wrong = faults(form);
    if (wrong.length) return showReasons(form, wrong);
    busy(form, true);
    const { entry, safe } = await keep(form, submitter);
    const said = await Promise.race([flush({ only: entry.op }), new Promise((done) => setTimeout(done, PATIENCE, null))]);
    if (finished.has(entry.op)) return goTo(finished.get(entry.op));
    if (said?.state !== "refused") return showKept(form, entry, safe, said?.state);
    busy(form, false);
    form.dataset.replaces = entry.op; /* it is kept until what is mended takes its place */
    if (form.elements.op) form.elements.op.value = fresh();
    showReasons(form, said.reasons);
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-queue]") || !owner()) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    submit(form, event.submitter);
  }, true); /* before anything else hears of it */

  /* ---- an entry that needs its writer is opened in the form it came from ---- */
  const fill = async (entry, form) => {
    const values = new Map();
    entry.fields.forEach(([name, value]) => values.set(name, [...(values.get(name) ?? []), value]));
    all("input, select, textarea", form).filter((e) => e.name && !["op", "csrf_token"].includes(e.name)).forEach((e) => {
      const given = values.get(e.name) ?? [];
      if (e.type === "file") return;
      if (e.type === "checkbox" || e.type === "radio") e.checked = given.includes(e.value);
      else if (given.length) e.value = given[0];
      e.dispatchEvent(new Event("change", { bubbles: true }));
    });
    const bytes = await store.bytesOf(entry.op), byField = new Map();
    entry.files.forEach((file, ordinal) => bytes[ordinal] && byField.set(file.field, [...(byField.get(file.field) ?? []), new File([bytes[ordinal]], file.name, { type: file.type })]));
    byField.forEach((files, name) => {
      const input = all("input[type=file]", form).find((one) => one.name === name), transfer = new DataTransfer();
      if (!input) return;
      files.forEach((file) => transfer.items.add(file));
      input.files = transfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    form.dataset.replaces = entry.op;
    if (entry.why?.length) showReasons(form, entry.why);
  };
  const reopen = async () => {
    const op = new URLSearchParams(location.search).get("unsent");
    if (!op || !here) return;
    const entry = (await store.all()).find((one) => one.op === op && isMine(one));
    const form = entry && all("form[data-queue]").find((one) => one.dataset.queue === entry.kind);
    if (form) await fill(entry, form);
  };

  /* ---- signing out keeps what is unsent, and says so ---- */
  const warning = document.getElementById("waiting");
  all("form[data-sign-out]").forEach((form) => form.addEventListener("submit", (event) => {
    if (mine > 0 && warning && !form.dataset.known) {
      event.preventDefault();
      warning.querySelector("[data-n]").textContent = say(words.unsent, mine);
      warning.querySelector("[data-leave]").onclick = () => { form.dataset.known = "1"; warning.close(); form.requestSubmit(); };
      return warning.showModal();
    }
    store.local.drop("cw-owner");
  }));

  /* ---- the portal: a page goes out only when somebody answers; until then it stays as it is ---- */
  const answers = async () => { try { return (await fetch("/readyz", { cache: "no-store", signal: within(5000) })).ok; } catch { return false; } };
  all("form[data-wait]").forEach((form) => {
    let timer = 0, button = null;
    const line = form.querySelector("[data-no-signal]");
    const attempt = async () => {
      clearTimeout(timer);
      if (await answers()) { form.dataset.clear = "1"; line.hidden = true; form.requestSubmit(button ?? undefined); delete form.dataset.clear; button = null; return; }
      line.hidden = false;
      timer = setTimeout(attempt, 10000);
    };
    form.addEventListener("submit", (event) => {
      if (form.dataset.clear || form.dataset.sent) return;
      event.preventDefault();
      button = event.submitter;
      form.dispatchEvent(new Event("input")); /* its draft is written down */
      attempt();
    });
    window.addEventListener("online", () => !line.hidden && attempt());
  });

  /* ---- when to try: now, when the signal is back, when somebody looks, and every half minute ---- */
  const cached = async () => { /* the shell in the language of the reader, and anew when it changed */
    const shell = document.documentElement.dataset.shell;
    if (!shell || !("caches" in window)) return;
    const address = `/offline?lang=${document.documentElement.lang}`, stamp = `${shell} ${address}`;
    if (store.local.get("cw-shell") === stamp) return;
    const answer = await fetch(address, { credentials: "omit", cache: "no-store" });
    if (!answer.ok) return;
    const page = await answer.clone().text(), box = await caches.open("cw-shell");
    await box.put("/offline", answer);
    const parts = [...new DOMParser().parseFromString(page, "text/html").querySelectorAll("script[src], link[href^='/static/']")];
    await box.addAll([...new Set(parts.map((part) => part.getAttribute("src") ?? part.getAttribute("href"))), "/static/img/sprite.svg"]);
    store.local.set("cw-shell", stamp);
  };
  if (here) navigator.serviceWorker?.register("/sw.js").then(cached).catch(() => {});
  window.addEventListener("online", () => flush({ now: true }));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());
  setInterval(flush, EVERY);
  window.cwQueue = { changed, flush, keep, stateOf, isMine, owner, locked, who, say, words, showReasons, faults, fresh };
  count().then(() => { reopen(); flush({ now: true }); });
})();
