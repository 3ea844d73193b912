/* Keys of the queues: a key presses what is marked with it. They rest in text fields, with modifiers, and when put off. */
(() => {
  "use strict";
  const all = (selector) => [...document.querySelectorAll(selector)];
  const store = "cw:keys-off";
  const read = () => { try { return localStorage.getItem(store) === "1"; } catch { return false; } };
  let off = read();
  const legend = document.querySelector("[data-keys]");
  const toggle = document.querySelector("[data-keys-off]");
  const show = () => {
    if (!legend || !toggle) return;
    legend.hidden = false;
    legend.classList.toggle("off", off);
    toggle.setAttribute("aria-pressed", String(off));
  };
  document.addEventListener("cw:keys", () => { off = read(); show(); });
  toggle?.addEventListener("click", () => {
    off = !off;
    try { localStorage.setItem(store, off ? "1" : "0"); } catch { /* then for this page only */ }
    show();
  });
  show();

  const typing = (node) => node.closest("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])");
  const seen = (node) => node.getClientRects().length > 0 || node.matches("a.visually-hidden");
  const rows = all("[data-row]");
  let row = -1;
  const walk = (step) => {
    if (!rows.length) return;
    row = Math.min(Math.max(row + step, 0), rows.length - 1);
    rows[row].querySelector("a")?.focus();
  };
  let file = -1;
  const evidence = () => {
    const files = all("[data-evidence] .cw-thumbs a");
    if (!files.length) return;
    file = (file + 1) % files.length;
    files[file].focus();
    window.open(files[file].href, "evidence"); /* one tab for all of it, beside this one */
  };
  const own = {
    j: () => walk(1),
    k: () => walk(-1),
    x: () => rows[row]?.querySelector("input[type=checkbox]")?.click(),
    e: evidence,
    m: () => all("#act input[name^=mark_][value=yes]").forEach((mark) => { mark.checked = true; mark.dispatchEvent(new Event("input", { bubbles: true })); }),
  };
  document.addEventListener("keydown", (event) => {
    if (off || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const marked = all(`[data-key="${CSS.escape(event.key)}"]`).find(seen);
    const act = marked ? () => press(marked) : own[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  /* What must be written first is focused first: returning without a word is not sent. */
  const press = (node) => {
    const first = node.dataset.first && node.form?.querySelector(`[name="${node.dataset.first}"]`);
    if (first && !first.value.trim()) return first.focus();
    node.click();
    if (node.tagName === "SUMMARY") node.parentElement.querySelector("textarea, input")?.focus();
  };
})();
