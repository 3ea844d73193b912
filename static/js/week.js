/* Dragging in a week: what can be put on another day is dropped on it, and the form of the page is sent for it.
   Without a script, by keyboard and on a phone each entry has its own small form. */
(() => {
  "use strict";
  const form = document.getElementById("cw-drag");
  if (!form) return;
  const said = document.getElementById("cw-drag-said");
  let held = null;
  const target = (event) => {
    const day = held && event.target.closest?.("[data-day]");
    if (!day || day.contains(held)) return null;
    /* in a team a thing stays with its person: another row is another person's */
    const row = held.closest("[data-row]")?.dataset.row;
    return !row || !day.dataset.row || row === day.dataset.row ? day : null;
  };
  const clear = () => document.querySelectorAll(".cw-over").forEach((node) => node.classList.remove("cw-over"));
  document.addEventListener("dragstart", (event) => {
    held = event.target.closest?.("[data-move]") ?? null;
    if (!held) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.textContent.trim());
    held.classList.add("cw-held");
  });
  document.addEventListener("dragover", (event) => {
    const day = target(event);
    clear();
    if (!day) return;
    event.preventDefault();
    day.classList.add("cw-over");
    if (said.textContent !== said.dataset.over) said.textContent = said.dataset.over;
  });
  document.addEventListener("dragend", () => { held?.classList.remove("cw-held"); held = null; clear(); said.textContent = ""; });
  document.addEventListener("drop", (event) => {
    const day = target(event);
    if (!day) return;
    event.preventDefault();
    form.action = held.dataset.move;
    form.elements.version.value = held.dataset.version;
    form.elements.day.value = day.dataset.day;
    form.requestSubmit();
  });
})();
