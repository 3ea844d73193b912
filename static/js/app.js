/* What the pages gain when there is JavaScript. Every page works without it. No inline code, no libraries. */
(() => {
  "use strict";
  const words = document.getElementById("cw-words")?.dataset ?? {};
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, properties, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };
  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "cw-i");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `/static/img/sprite.svg#i-${name}`);
    svg.append(use);
    return svg;
  };

  /* ---- one click, one request: the button says that it is working ---- */
  const release = () => all("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    all("[data-label]").forEach((button) => {
      button.textContent = button.dataset.label;
      button.disabled = false;
      delete button.dataset.label;
    });
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    noteSent(form);
    const button = event.submitter;
    if (!button || form.hasAttribute("data-again")) return delete form.dataset.sent;
    setTimeout(() => { /* after the browser has read name and value of the button */
      if (button.children.length === 0) {
        button.dataset.label = button.textContent;
        button.textContent = button.dataset.busy || words.busy;
      }
      button.disabled = true;
    });
  });
  window.addEventListener("pageshow", (event) => event.persisted && release());

  /* ---- drafts: long forms survive a reload, an expired session, a dead battery ---- */
  const mine = `cw:${document.body.dataset.user ?? "-"}:`;
  const keyOf = (form) => `${mine}${location.pathname}#${form.dataset.draft || form.id || "form"}`;
  const kept = (form) => [...form.elements].filter((e) => e.name && !["hidden", "password", "file", "submit", "button"].includes(e.type));
  const read = (form) => kept(form).map((e) => [e.name, e.type === "checkbox" || e.type === "radio" ? [e.value, e.checked] :
    e.multiple ? [...e.selectedOptions].map((o) => o.value) : e.value]);
  const write = (form, values) => kept(form).forEach((e, index) => {
    const [name, value] = values[index] ?? [];
    if (name !== e.name) return; /* the form has changed since: leave what does not fit */
    if (e.type === "checkbox" || e.type === "radio") { if (e.value === value[0]) e.checked = value[1]; }
    else if (e.multiple) [...e.options].forEach((o) => { o.selected = value.includes(o.value); });
    else e.value = value;
    e.dispatchEvent(new Event("change", { bubbles: true }));
  });
  const store = {
    get: (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden: no drafts */ } },
    drop: (key) => { try { localStorage.removeItem(key); } catch { /* as above */ } },
    mine: () => { try { return Object.keys(localStorage).filter((key) => key.startsWith(mine)); } catch { return []; } },
  };
  function noteSent(form) {
    if (!form.hasAttribute("data-draft")) return;
    store.set(keyOf(form), read(form));
    try { sessionStorage.setItem("cw-sent", keyOf(form)); } catch { /* then the draft is offered once too often */ }
  }
  const refused = () => document.querySelector(".cw-field.bad, .cw-errors, [data-status], .p-sign") !== null;
  const settle = () => { /* what was sent and taken needs no draft any more; after a refusal, a fault or a sign-in it stays */
    try {
      const sent = sessionStorage.getItem("cw-sent");
      sessionStorage.removeItem("cw-sent");
      if (sent && !refused()) store.drop(sent);
    } catch { /* no storage, no drafts */ }
  };
  const offer = (form) => {
    const key = keyOf(form);
    const before = read(form);
    const draft = store.get(key);
    let dirty = false;
    if (draft && !refused() && JSON.stringify(draft) !== JSON.stringify(before)) {
      write(form, draft);
      const discard = make("button", { type: "button", className: "btn btn-sm btn-bare", textContent: words.discard });
      const line = make("p", { className: "cw-off" }, icon("undo"), make("span", { textContent: words.restored }), discard);
      line.setAttribute("role", "status");
      discard.addEventListener("click", () => { write(form, before); dirty = false; store.drop(key); line.remove(); kept(form)[0]?.focus(); });
      form.prepend(line);
    }
    let timer = 0;
    const save = () => store.set(key, read(form));
    form.addEventListener("input", () => { dirty = true; clearTimeout(timer); timer = setTimeout(() => dirty && save(), 400); });
    form.addEventListener("cw:queued", () => { dirty = false; clearTimeout(timer); store.drop(key); }); /* the queue holds it now */
    window.addEventListener("pagehide", () => { if (dirty && !form.dataset.sent) save(); });
  };
  /* ---- steps of a process: what is typed is kept on the server while it is typed ---- */
  const keeps = (form) => {
    let timer = 0;
    const keep = async () => {
      const data = new FormData(form);
      [...data.keys()].filter((name) => data.get(name) instanceof File).forEach((name) => data.delete(name));
      try {
        const answer = await fetch(form.dataset.keep, { method: "POST", body: data, credentials: "same-origin" });
        const line = form.querySelector("[data-kept]");
        if (answer.ok && line) line.textContent = words.kept;
      } catch { /* no signal: the draft of this browser holds it */ }
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 800); });
    form.addEventListener("submit", () => clearTimeout(timer));
  };
  all("form[data-keep]").forEach(keeps);
  settle();
  all("form[data-draft]").forEach(offer);

  /* signing out deletes the drafts of this person from a shared machine, after asking */
  const warning = document.getElementById("unsent");
  all("form[data-sign-out]").forEach((form) => form.addEventListener("submit", (event) => {
    if (!warning || form.dataset.sure || store.mine().length === 0) return;
    event.preventDefault();
    warning.querySelector("[data-leave]").onclick = () => { store.mine().forEach(store.drop); form.dataset.sure = "1"; form.requestSubmit(); };
    warning.showModal();
  }));

  /* ---- files: dropped, pasted or chosen, listed with their sizes, taken off again ---- */
  const size = (bytes) => bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
  const put = (input, files) => {
    const transfer = new DataTransfer();
    (input.multiple ? files : files.slice(-1)).forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const list = (box) => box.querySelector(".cw-chosen").replaceChildren(...all("input[type=file]", box).flatMap((input) =>
    [...input.files].map((file) => {
      const off = make("button", { type: "button", className: "btn btn-sm btn-bare", textContent: words.remove });
      off.setAttribute("aria-label", `${words.remove} ${file.name}`);
      off.addEventListener("click", () => { put(input, [...input.files].filter((other) => other !== file)); input.focus(); });
      return make("li", {}, make("b", { textContent: file.name }), make("span", { textContent: size(file.size) }), off);
    })));
  all(".cw-drop").forEach((box) => {
    const input = box.querySelector("input[type=file]");
    input.title = words.drop;
    box.addEventListener("change", () => list(box));
    ["dragenter", "dragover"].forEach((name) => box.addEventListener(name, (event) => { event.preventDefault(); box.classList.add("over"); }));
    ["dragleave", "drop"].forEach((name) => box.addEventListener(name, () => box.classList.remove("over")));
    box.addEventListener("drop", (event) => { event.preventDefault(); put(input, [...input.files, ...event.dataTransfer.files]); });
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const near = event.target.closest?.("form")?.querySelector(".cw-drop") ?? all(".cw-drop").find((box) => box.offsetParent);
    if (files.length === 0 || !near) return;
    event.preventDefault();
    const input = near.querySelector("input[type=file]");
    put(input, [...input.files, ...files]);
  });

  /* ---- action panels become dialogs ---- */
  const asDialog = (id) => {
    const target = id && document.getElementById(id);
    if (!target) return null;
    if (target.closest("dialog")) return target.closest("dialog");
    const dialog = make("dialog", { className: "cw-dialog" });
    dialog.setAttribute("aria-labelledby", `${id}-h`);
    dialog.append(target);
    document.body.append(dialog); /* out of any stack whose margins would move it */
    return dialog;
  };
  const opened = (id) => {
    const dialog = asDialog(id);
    if (!dialog || dialog.open) return;
    dialog.showModal();
    (dialog.querySelector("[data-focus]") ?? dialog.querySelector("[aria-invalid=true], input:not([type=hidden]), select, textarea, .btn"))?.focus();
  };
  const named = new Set(all("a[data-dialog]").map((link) => link.hash.slice(1)));
  named.forEach(asDialog);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    const close = event.target.closest("[data-close]");
    if (link && asDialog(link.hash.slice(1))) { event.preventDefault(); opened(link.hash.slice(1)); }
    else if (close?.closest("dialog")) { event.preventDefault(); close.closest("dialog").close(); }
    all("details.cw-menu[open]").forEach((menu) => { if (!menu.contains(event.target) || link) menu.open = false; });
  });
  const wrong = all(".cw-sheetform").find((panel) => panel.hasAttribute("data-open") || panel.querySelector(".bad, .cw-errors"));
  if (wrong) opened(wrong.id);
  else if (named.has(location.hash.slice(1))) opened(location.hash.slice(1));
  else document.querySelector("[data-focus]")?.focus();

  /* ---- copy a text to send, print a page, note where one stands: buttons that need a script appear with it ---- */
  all("[data-copy], [data-print], [data-locate]").forEach((button) => { button.hidden = button.hasAttribute("data-locate") && !navigator.geolocation; });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-print], [data-locate]");
    if (!button) return;
    if (button.hasAttribute("data-print")) return window.print();
    if (button.hasAttribute("data-locate")) return locate(button);
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
    button.textContent = words.copied;
  });
  const locate = (button) => navigator.geolocation.getCurrentPosition((found) => {
    const form = button.closest("form");
    const { latitude, longitude } = found.coords;
    form.elements.latitude.value = latitude.toFixed(6);
    form.elements.longitude.value = longitude.toFixed(6);
    form.querySelector("[data-located]").textContent = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  }, () => { button.closest("form").querySelector("[data-located]").textContent = words.nowhere; }, { enableHighAccuracy: true, timeout: 15000 });

  /* ---- toasts go by click, Escape or, when they offer nothing, by themselves ---- */
  all(".cw-toasts .cw-toast").forEach((toast) => {
    const off = make("button", { type: "button", className: "btn btn-sm" }, icon("x"));
    off.setAttribute("aria-label", words.close);
    off.addEventListener("click", () => toast.remove());
    toast.append(off);
    if (toast.hasAttribute("data-passing")) setTimeout(() => toast.matches(":hover, :focus-within") || toast.remove(), 12000);
  });

  /* ---- Escape puts away ---- */
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { all(".cw-toasts .cw-toast").forEach((toast) => toast.remove()); all("details.cw-menu[open], details.cw-moretab[open]").forEach((menu) => { menu.open = false; }); }
  });
})();
