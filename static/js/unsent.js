/* What waits on this device, listed by the device itself; and the shell's two forms. Everything is put in as text. */
(() => {
  "use strict";
  const { changed, flush, keep, stateOf, isMine, owner, locked, who, say, words, showReasons, faults, fresh } = window.cwQueue;
  const store = window.cwStore;
  const list = document.getElementById("entries");
  const find = (name) => document.querySelector(`main [data-${name}]`);
  const kinds = find("kinds").dataset, states = find("states").dataset;
  const said = new Map(); /* what a list shows is made anew only when it changed */
  const pictures = new Map();
  const size = (bytes) => bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
  const when = (iso) => new Date(iso).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Shanghai" });
  const textOf = (entry) => (entry.fields.find(([name]) => name === "said" || name === "text") ?? ["", ""])[1];
  const ask = (entry) => new Promise((done) => {
    const dialog = document.getElementById("drop");
    dialog.querySelector("[data-what]").textContent = [entry.title || kinds[entry.kind], when(entry.at)].join(" · ");
    dialog.querySelector("[data-sure]").onclick = () => { done(true); dialog.close(); };
    dialog.onclose = () => done(false);
    dialog.showModal();
  });
  const pictured = async (entry, box) => {
    if (!entry.files.some((file) => file.type.startsWith("image/"))) return;
    if (!pictures.has(entry.op)) {
      const bytes = await store.bytesOf(entry.op);
      pictures.set(entry.op, entry.files.map((file, at) => file.type.startsWith("image/") && bytes[at] ? URL.createObjectURL(new Blob([bytes[at]], { type: file.type })) : null));
    }
    box.replaceChildren(...pictures.get(entry.op).map((address, at) => address && Object.assign(document.createElement("img"), { src: address, alt: entry.files[at].name, width: 96, height: 72 })).filter(Boolean));
  };
  /* An entry that changes is another entry: what may have been sent stays as it was. */
  const again = async (entry, changes) => {
    const op = entry.tries || entry.state === "refused" ? fresh() : entry.op;
    const fields = entry.fields.map(([name, value]) => [name, name === "op" ? op : value]);
    await store.put({ ...entry, op, fields, state: "waiting", why: [], tries: 0, next: 0, ...changes }, await store.bytesOf(entry.op), op === entry.op ? undefined : entry.op);
    await flush({ now: true });
    await render();
  };
  const addressOf = (kind, number) => `/cases/${encodeURIComponent(number)}${kind === "visit" ? "/rounds/new" : "/notes"}`;
  const acts = {
    send: (entry) => again(entry, { sure: true }),
    copy: async (entry, button) => {
      const text = entry.fields.filter(([name, value]) => value && name !== "op").map(([, value]) => value).join("\n");
      try { await navigator.clipboard.writeText(textOf(entry) || text); button.textContent = words.copied; } catch { /* the text can be marked by hand */ }
    },
    note: (entry) => again(entry, { op: fresh(), kind: "note", url: entry.url.replace(/\/rounds\/new$/, "/notes"), page: "", fields: [["text", textOf(entry)]], files: [] }),
    drop: async (entry) => { if (await ask(entry)) { await store.remove(entry.op); changed.dispatchEvent(new Event("change")); await flush(); await render(); } },
  };
  const line = (entry) => {
    const item = document.getElementById("entry").content.cloneNode(true).firstElementChild;
    const part = (name) => item.querySelector(`[data-${name}]`);
    const state = stateOf(entry);
    part("state").textContent = states[state];
    part("state").classList.add(...({ needs: ["late"], old: ["late"], nocase: ["soon"] }[state] ?? ["line"]));
    part("title").textContent = entry.title || kinds[entry.kind] || entry.kind;
    part("when").textContent = [kinds[entry.kind], when(entry.at)].filter(Boolean).join(" · ");
    part("text").textContent = textOf(entry);
    part("files").textContent = entry.files.length ? say(words.files, entry.files.length, size(entry.files.reduce((sum, file) => sum + file.size, 0))) : "";
    part("files").hidden = entry.files.length === 0;
    part("why").textContent = [...(entry.why ?? []).map((reason) => reason.text), entry.lost ? words.lost : "", state === "old" ? words.old : ""].filter(Boolean).join(" ");
    part("why").hidden = !part("why").textContent;
    const offers = { send: state === "old" || state === "waiting", open: (state === "needs" || state === "old") && entry.page && entry.page !== "/offline" && navigator.onLine, copy: Boolean(textOf(entry)), drop: state !== "sending",
      note: state === "needs" && entry.kind === "visit" && /^\/cases\/[^/]+\/rounds\/new$/.test(entry.url ?? "") };
    item.querySelectorAll("[data-do]").forEach((button) => {
      button.hidden = !offers[button.dataset.do];
      button.addEventListener("click", () => acts[button.dataset.do]?.(entry, button));
    });
    if (offers.open) { const address = new URL(entry.page, location.origin); address.searchParams.set("unsent", entry.op); part("do=open").href = address.pathname + address.search; }
    const form = item.querySelector("form");
    form.hidden = !(state === "nocase" || (state === "needs" && entry.kind !== "contact" && entry.page === "/offline"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = form.elements.number.value.trim();
      if (given) again(entry, { url: addressOf(entry.kind, given), title: given });
    });
    pictured(entry, part("pictures"));
    return item;
  };
  let known = null;
  const render = async () => {
    const entries = await store.all(), hidden = locked();
    const own = hidden ? [] : entries.filter(isMine);
    const other = entries.length - own.length;
    find("locked").hidden = !(hidden && entries.some(isMine)) && Boolean(owner());
    find("nobody").hidden = own.length > 0 || hidden || !owner();
    find("others").hidden = other === 0 || hidden;
    find("others").textContent = say(words.others, other);
    find("aged").hidden = !own.some((entry) => Date.now() - Date.parse(entry.at) > 259200000);
    const shown = JSON.stringify(own.map((entry) => [entry.op, stateOf(entry), entry.why, entry.url, entry.lost]));
    if (known === shown) return;
    known = shown;
    list.replaceChildren(...own.map(line));
  };
  changed.addEventListener("change", render);
  window.addEventListener("online", render);
  find("flush")?.addEventListener("click", () => flush({ now: true }));

  /* ---- the shell's forms: a case is named by its number, or later ---- */
  const inShanghai = () => new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 16);
  document.querySelectorAll("form[data-shell]").forEach((form) => {
    form.hidden = !owner();
    const at = form.elements.namedItem("at");
    if (at) at.value = inShanghai();
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const wrong = faults(form);
      if (wrong.length) return showReasons(form, wrong);
      form.querySelector(".cw-errors")?.remove();
      const number = form.elements.number.value.trim();
      form.dataset.queue = form.dataset.shell;
      await keep(form, event.submitter, { op: fresh(), page: "/offline", title: number, url: number ? addressOf(form.dataset.shell, number) : "" });
      delete form.dataset.queue;
      form.reset();
      if (at) at.value = inShanghai();
      form.querySelectorAll("input[type=file]").forEach((input) => input.dispatchEvent(new Event("change", { bubbles: true })));
      await render();
      const done = form.querySelector("[data-done]");
      done.hidden = false;
      document.getElementById("h-unsent").focus();
      flush({ now: true });
    });
    form.addEventListener("input", () => { form.querySelector("[data-done]").hidden = true; });
  });
  /* Before anything is shown: whose it is. Without an answer it is the device of who was here last. */
  who().then(render, render);
})();
