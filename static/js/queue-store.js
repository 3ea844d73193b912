/* Where unsent work lies: IndexedDB, or the page itself with the texts in localStorage where there is none.
   An entry is frozen when it is put in: {op, seq, device, user, kind, url, page, title, fields, files, at} and what became
   of it: {state, why, tries, next}. The bytes of its files lie beside it, by number. Nothing that was read is kept. */
(() => {
  "use strict";
  const NAME = "casework", TEXTS = "cw-entry:";
  const memory = new Map(); /* op -> {entry, bytes} of this page */
  const local = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* full or forbidden: then only the page has it */ } },
    drop: (key) => { try { localStorage.removeItem(key); } catch { /* as above */ } },
    keys: () => { try { return Object.keys(localStorage); } catch { return []; } },
  };
  const opened = new Promise((done) => {
    try {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("entries", { keyPath: "op" });
        asked.result.createObjectStore("files");
      };
      asked.onsuccess = () => { asked.result.onversionchange = () => asked.result.close(); done(asked.result); };
      asked.onerror = asked.onblocked = () => done(null);
    } catch { done(null); }
  });
  const work = async (mode, act) => {
    const base = await opened;
    if (!base) throw new Error("no database");
    return new Promise((done, fail) => {
      /* strict: what the screen confirms is on the disk, though the battery dies the next moment */
      const unit = base.transaction(["entries", "files"], mode, { durability: "strict" });
      const asked = act(unit.objectStore("entries"), unit.objectStore("files"));
      unit.oncomplete = () => done(asked?.result);
      unit.onabort = unit.onerror = () => fail(unit.error);
    });
  };
  const filesOf = (op) => IDBKeyRange.bound([op, 0], [op, 1000]);
  const texts = () => local.keys().filter((key) => key.startsWith(TEXTS)).map((key) => { try { return JSON.parse(local.get(key)); } catch { return null; } }).filter(Boolean);

  /* Every entry in the order of its making. One whose bytes are gone with its page says so. */
  const all = async () => {
    let kept = [];
    try { kept = await work("readonly", (entries) => entries.getAll()); } catch { /* the page has them */ }
    const known = new Set(kept.map((entry) => entry.op));
    const here = [...memory.values()].map((one) => one.entry).filter((entry) => !known.has(entry.op));
    here.forEach((entry) => known.add(entry.op));
    const left = texts().filter((entry) => !known.has(entry.op)).map((entry) => ({ ...entry, lost: entry.files.length > 0 }));
    return [...kept, ...here, ...left].sort((a, b) => a.seq - b.seq);
  };
  /* Put in an entry with the bytes of its files, in the same breath as the one that it replaces goes. */
  const put = async (entry, bytes, replaced) => {
    try {
      await work("readwrite", (entries, files) => {
        if (replaced) { entries.delete(replaced); files.delete(filesOf(replaced)); }
        bytes.forEach((part, ordinal) => files.put(part, [entry.op, ordinal]));
        entries.put(entry);
      });
      local.drop(TEXTS + replaced);
      return true;
    } catch {
      memory.set(entry.op, { entry, bytes });
      local.set(TEXTS + entry.op, JSON.stringify(entry));
      if (replaced) await remove(replaced);
      return false;
    }
  };
  /* Note what became of an entry; what it says never changes, and one that is gone stays gone. */
  const note = async (op, changes) => {
    const held = memory.get(op)?.entry ?? texts().find((entry) => entry.op === op);
    if (held) {
      Object.assign(held, changes);
      if (memory.has(op)) memory.get(op).entry = held;
      return local.set(TEXTS + op, JSON.stringify(held));
    }
    await work("readwrite", (entries) => {
      const asked = entries.get(op);
      asked.onsuccess = () => asked.result && entries.put({ ...asked.result, ...changes });
    }).catch(() => {});
  };
  const bytesOf = async (op) => {
    if (memory.has(op)) return memory.get(op).bytes;
    return (await work("readonly", (entries, files) => files.getAll(filesOf(op))).catch(() => [])) ?? [];
  };
  const remove = async (op) => {
    memory.delete(op);
    local.drop(TEXTS + op);
    await work("readwrite", (entries, files) => { entries.delete(op); files.delete(filesOf(op)); }).catch(() => {});
  };
  window.cwStore = { all, put, note, bytesOf, remove, local };
})();
