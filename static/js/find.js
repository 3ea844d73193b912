/* The one box with its suggestions, the palette, and the keys. All three are plain pages without this. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const seen = (node) => node.getClientRects().length > 0;
  const palette = document.getElementById("palette");
  const keys = document.getElementById("keys");
  if (!palette || !keys) return;

  /* ---- a field and its list: arrows walk, Enter opens, the field keeps the focus ---- */
  const walks = (field, list, { first = false, shown = () => {}, away = () => {} } = {}) => {
    let at = -1;
    const options = () => all("[role=option]", list).filter(seen);
    const mark = (next) => {
      const lines = options();
      all("[aria-selected=true]", list).forEach((line) => line.setAttribute("aria-selected", "false"));
      at = lines.length ? Math.max(-1, Math.min(next, lines.length - 1)) : -1;
      const line = lines[at];
      if (!line) return field.removeAttribute("aria-activedescendant");
      line.setAttribute("aria-selected", "true");
      line.scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", line.id);
    };
    const again = () => { shown(options().length); mark(first ? 0 : -1); };
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const many = options().length;
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark(at + step >= many ? 0 : at + step < 0 ? many - 1 : at + step);
      } else if (event.key === "Enter" && options()[at]) {
        event.preventDefault();
        options()[at].click();
      } else if (event.key === "Escape") away(event);
    });
    return again;
  };

  /* ---- suggestions under a field ---- */
  const suggests = (box) => {
    const found = document.getElementById(box.dataset.suggests);
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", found.id);
    const show = (open) => { found.hidden = !open; box.setAttribute("aria-expanded", String(open)); };
    const place = () => { /* fixed, since the rail scrolls */
      const { left, bottom } = box.getBoundingClientRect();
      found.style.setProperty("--left", `${Math.round(left)}px`);
      found.style.setProperty("--top", `${Math.round(bottom + 4)}px`);
    };
    const offers = () => found.querySelector("[role=option]") !== null && box.value.trim() !== "";
    const open = () => { place(); show(offers() && document.activeElement === box); };
    show(false);
    const again = walks(box, found, { away: (event) => { if (!found.hidden) { event.preventDefault(); show(false); } } });
    new MutationObserver(() => {
      if (found.childElementCount && !found.querySelector("[role=option]")) found.replaceChildren(); /* a refusal is no suggestion */
      open();
      again();
    }).observe(found, { childList: true });
    box.addEventListener("focus", open);
    document.addEventListener("focusin", (event) => { if (event.target !== box && !found.contains(event.target)) show(false); });
    document.addEventListener("click", (event) => { if (event.target !== box && !found.contains(event.target)) show(false); });
    document.addEventListener("scroll", () => { if (!found.hidden) place(); }, { passive: true, capture: true });
  };
  all("[data-suggests]").forEach(suggests);

  /* ---- the palette ---- */
  const field = document.getElementById("palette-q");
  const list = document.getElementById("palette-list");
  const ways = document.getElementById("palette-ways");
  const none = palette.querySelector("[data-none]");
  const sift = () => {
    const words = field.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    all("[data-find]", ways).forEach((line) => { line.hidden = !words.every((word) => line.dataset.find.includes(word)); });
    all("[role=group]", ways).forEach((group) => { group.hidden = !group.querySelector("[role=option]:not([hidden])"); });
    refresh();
  };
  const refresh = walks(field, list, {
    first: true,
    away: (event) => { event.preventDefault(); palette.close(); }, /* a search field keeps Escape to itself */
    shown: (many) => { none.textContent = many ? "" : none.dataset.none; },
  });
  field.addEventListener("input", sift);
  field.addEventListener("keydown", (event) => { /* nothing fits: the words are searched for everywhere */
    if (event.key === "Enter" && !event.isComposing && !event.defaultPrevented && field.value.trim()) location.assign(`/search?q=${encodeURIComponent(field.value.trim())}`);
  });
  new MutationObserver(() => {
    const results = document.getElementById("palette-found");
    if (results.childElementCount && !results.querySelector("[role=option]")) results.replaceChildren();
    refresh();
  }).observe(document.getElementById("palette-found"), { childList: true });
  /* settling gives a line what the line of its id had before: which one is marked has to be said again */
  document.getElementById("palette-found").addEventListener("htmx:after:settle", () => refresh());
  const fetched = async () => {
    const here = location.pathname.match(/^\/cases\/(\d[\d-]+)/)?.[1];
    try {
      const answer = await fetch(`/go${here ? `?case=${here}` : ""}`, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      const text = answer.ok ? await answer.text() : "";
      const page = new DOMParser().parseFromString(text, "text/html");
      if (page.querySelector("[data-find]")) ways.replaceChildren(...page.body.childNodes);
    } catch { /* no signal: what there is stays */ }
    sift();
  };
  const openPalette = () => {
    if (palette.open) return palette.close();
    all("dialog[open]").forEach((dialog) => dialog.close());
    palette.showModal();
    field.select();
    fetched();
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-palette]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); openPalette(); }
    else if (event.target === palette) palette.close(); /* beside it */
  });

  /* ---- keys: the table stands in the list behind "?" ---- */
  const store = "cw:keys-off"; /* one word for all keys, those of the queues too */
  const resting = () => { try { return localStorage.getItem(store) === "1"; } catch { return false; } };
  const rest = keys.querySelector("[data-keys-rest]");
  const openKeys = () => {
    const own = keys.querySelector("[data-own-list]");
    own.replaceChildren(...all("[data-keys] > span:not(.cw-sub)").map((line) => {
      const [key, ...words] = line.cloneNode(true).childNodes;
      const row = document.createElement("div");
      const [term, said] = [document.createElement("dt"), document.createElement("dd")];
      term.append(key);
      said.append(...words);
      row.append(term, said);
      return row;
    }));
    keys.querySelector("[data-own-keys]").hidden = !own.childElementCount;
    own.hidden = !own.childElementCount;
    rest.setAttribute("aria-pressed", String(resting()));
    keys.showModal();
  };
  rest.addEventListener("click", () => {
    try { localStorage.setItem(store, resting() ? "0" : "1"); } catch { /* then they stay as they are */ }
    rest.setAttribute("aria-pressed", String(resting()));
    document.dispatchEvent(new Event("cw:keys"));
  });
  const does = {
    palette: openPalette,
    keys: openKeys,
    find: () => {
      /* the page of finds has a field of its own, with the words that are to be put right */
      const box = document.getElementById("page") || all("[data-suggests], main input[type=search]").find(seen);
      if (box) { box.focus(); box.select(); } else location.assign("/search");
    },
  };
  const table = new Map(all("[data-shortcut]", keys).map((row) => [row.dataset.shortcut, row.dataset]));
  const typing = (node) => node.closest("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])");
  let begun = "";
  let timer = 0;
  const act = (row) => row.href ? location.assign(row.href) : does[row.does]();
  const pressed = (event) => ({ "？": "?", "、": "/", "／": "/" })[event.key] || event.key; /* with Chinese signs switched on */
  const held = (event) => event.ctrlKey || event.metaKey;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.repeat) return;
    const combined = held(event) && !event.altKey && !event.shiftKey && table.get(`mod+${event.key.toLowerCase()}`);
    if (combined) { event.preventDefault(); return act(combined); }
    if (held(event) || event.altKey || typing(event.target) || document.querySelector("dialog[open]") || resting()) return;
    const key = pressed(event);
    const typed = begun ? `${begun} ${key}` : key;
    const continued = begun !== "";
    begun = "";
    clearTimeout(timer);
    const row = table.get(typed);
    if (row || continued) { event.preventDefault(); event.stopImmediatePropagation(); if (row) act(row); return; }
    const taken = all(`[data-key="${CSS.escape(key)}"]`).some(seen); /* a queue's own key goes first */
    if (!taken && [...table.keys()].some((keys) => keys.startsWith(`${key} `))) {
      begun = key;
      timer = setTimeout(() => { begun = ""; }, 1200);
      event.preventDefault();
    }
  }, true);
})();
