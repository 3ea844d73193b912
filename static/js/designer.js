/* The designer saves by itself and keeps what surrounds the form up to date. Without it every button still works. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = document.querySelector("form[data-live-form]");
  const AROUND = [".cw-head", "#dz-errors", "section[aria-labelledby=h-dia]", "section[aria-labelledby=h-st]", "section[aria-labelledby=h-ph]"];

  /* put what surrounds the form in place anew; what is being typed is left alone */
  const refresh = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const before = form?.getBoundingClientRect().top;
    AROUND.forEach((selector) => {
      const [old, fresh] = [document, page].map((root) => root.querySelector(`#designer ${selector}`));
      if (old && fresh) old.replaceWith(document.importNode(fresh, true));
    });
    ["version", "op"].forEach((name) => {
      const fresh = page.querySelector(`form[data-live-form] input[name="${name}"]`);
      if (fresh) all(`#designer input[name="${name}"]`).forEach((input) => { input.value = fresh.value; });
    });
    if (form) window.scrollBy(0, form.getBoundingClientRect().top - before); /* the form stays where the eye is */
    listen();
  };
  /* nothing moves between press and release: leaving a field saves, and the click that left it must still hit */
  let released = Promise.resolve();
  document.addEventListener("pointerdown", () => {
    released = new Promise((done) => ["pointerup", "pointercancel", "dragend"].forEach((name) => document.addEventListener(name, () => setTimeout(done), { once: true })));
  }, true);
  const unsaved = () => {
    const line = document.getElementById("dz-unsaved");
    if (!line) return;
    line.textContent = document.getElementById("designer").dataset.unsaved;
    line.hidden = false;
  };

  let running = Promise.resolve();
  let pending = 0;
  const send = (act) => {
    pending += 1;
    form.setAttribute("aria-busy", "true");
    running = running.then(async () => {
      const data = new FormData(form);
      data.set("do", act);
      const answer = await fetch(form.action, { method: "POST", body: data, credentials: "same-origin", headers: { "HX-Request": "true" } });
      if (answer.status >= 500) throw new Error("not saved");
      const html = await answer.text();
      await released;
      refresh(html);
    }).catch(unsaved).finally(() => {
      pending -= 1;
      if (!pending) form.removeAttribute("aria-busy");
    });
    return running;
  };
  /* a button pressed while a change is being saved waits for it: it would else be sent with the version before */
  document.addEventListener("submit", (event) => {
    if (!pending) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const [owner, name, value] = [event.target, event.submitter?.name, event.submitter?.value];
    running.then(() => {
      const again = all(`button[name="${name}"]`).find((button) => button.value === value && button.form === owner);
      owner.isConnected ? owner.requestSubmit(again) : all(`#designer button[name="${name}"]`).find((button) => button.value === value)?.click();
    });
  }, true);
  form?.addEventListener("change", (event) => {
    if (["f_kind", "i_on"].includes(event.target.name)) form.querySelector("button[value=save]").click(); /* asks for other things now */
    else send("save");
  });

  /* steps, and the fields of a step, are dragged to another place; the buttons Up and Down do the same */
  let dragged = null;
  const moved = (act, list) => {
    if (list.dataset.drag === "place") return send(act);
    const button = Object.assign(document.createElement("button"), { name: "do", value: act, hidden: true });
    form.append(button); /* the form itself changes: shown anew */
    button.click();
  };
  const listen = () => all("[data-drag]").forEach((list) => all(":scope > li[draggable]", list).forEach((item) => {
    if (item.dataset.ready) return;
    item.dataset.ready = "1";
    item.addEventListener("dragstart", () => { dragged = item; });
    item.addEventListener("dragover", (event) => event.preventDefault());
    item.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!dragged || dragged === item || !form || dragged.parentElement !== list) return;
      const place = all(":scope > li[draggable]", list).indexOf(item);
      moved(`${list.dataset.drag}:${dragged.dataset.key}:${place}`, list);
    });
  }));
  listen();
})();
