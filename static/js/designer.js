/* The designer saves by itself and keeps what surrounds the form up to date. Without it every button still works. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = document.querySelector("form[data-live-form]");

  /* put the live parts of an answer in place; what is being typed is left alone */
  const refresh = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    all("[data-live]").forEach((part) => {
      const fresh = page.getElementById(part.id);
      if (fresh) part.replaceWith(document.importNode(fresh, true));
    });
    const meta = page.querySelector(".cw-head-t");
    if (meta) document.querySelector(".cw-head-t")?.replaceWith(document.importNode(meta, true));
    ["version", "op"].forEach((name) => {
      const fresh = page.querySelector(`form[data-live-form] input[name="${name}"]`);
      if (fresh) all(`input[name="${name}"]`).forEach((input) => { input.value = fresh.value; });
    });
    const [send, sent] = [document, page].map((root) => root.querySelector("button[value=submit]"));
    if (send && sent) send.replaceChildren(...sent.childNodes);
    listen();
  };

  let running = Promise.resolve();
  let pending = 0;
  const send = (act) => {
    pending += 1;
    running = running.then(async () => {
      const data = new FormData(form);
      data.set("do", act);
      const answer = await fetch(form.action, { method: "POST", body: data, credentials: "same-origin" });
      refresh(await answer.text());
    }).catch(() => { /* offline: the button saves later */ }).finally(() => { pending -= 1; });
    return running;
  };
  /* a button pressed while a change is being saved waits for it: it would else be sent with the version before */
  document.addEventListener("submit", (event) => {
    if (!pending) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    running.then(() => event.target.requestSubmit(event.submitter));
  }, true);
  form?.addEventListener("change", (event) => {
    if (["f_kind", "i_on"].includes(event.target.name)) form.querySelector("button[value=save]").click(); /* asks for other things now */
    else send("save");
  });

  /* steps are dragged to another place; the buttons Up and Down do the same */
  let dragged = null;
  const listen = () => all(".cw-dsteps li[draggable]").forEach((item) => {
    if (item.dataset.ready) return;
    item.dataset.ready = "1";
    item.addEventListener("dragstart", () => { dragged = item; });
    item.addEventListener("dragover", (event) => event.preventDefault());
    item.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!dragged || dragged === item || !form) return;
      const steps = all(".cw-dsteps li[draggable]");
      send(`place:${dragged.dataset.key}:${steps.indexOf(item)}`);
    });
  });
  listen();
})();
