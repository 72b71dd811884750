// Sends what waits in the outbox, one after the other, each until the server has said that it is kept.
// In: entries {key, fields: [[name, value]], files: [File], at}. Out: what became of them, told to every open page.
// A lost answer is no harm: the key goes along, and the server keeps one key with the same words once.
"use strict";

lapor.outbox = (() => {
  const news = "BroadcastChannel" in self ? new BroadcastChannel("lapor") : null;
  const tell = (what) => news && news.postMessage(what);

  // {word: "sent", reference} | {word: "refused", page} | {word: "later", page}
  async function send(entry) {
    const body = new FormData();
    entry.fields.forEach(([name, value]) => body.append(name, value));
    entry.files.forEach((file) => body.append("files", file, file.name));
    let answer;
    try {
      // the header asks for 201 and the code: fetch cannot see where a redirect leads without following it
      answer = await fetch("/", { method: "POST", body, headers: { "X-Requested-With": "lapor" }, credentials: "same-origin" });
      const text = await answer.text();
      if (answer.status === 201) return { word: "sent", reference: JSON.parse(text).reference };
      // what a person must mend; anything else, a portal's login page among it, is tried again
      return { word: [413, 422].includes(answer.status) ? "refused" : "later", page: ours(answer) ? text : "" };
    } catch {
      return { word: "later", page: "" };
    }
  }

  const ours = (answer) => (answer.headers.get("Content-Type") || "").startsWith("text/html") && answer.status !== 200;

  async function keep(entry) {
    await lapor.store.put("outbox", entry.key, entry);
    tell("changed");
    const worker = await waiting();
    // where there is Background Sync the browser itself calls the worker, even when no page is open
    if (worker && worker.sync) await worker.sync.register("lapor-outbox").catch(() => {});
  }

  const waiting = async () => {
    if (self.registration) return self.registration;
    return self.navigator.serviceWorker ? navigator.serviceWorker.getRegistration() : null;
  };

  // how many still wait for the network
  async function empty() {
    let left = 0;
    for (const entry of await lapor.store.all("outbox")) {
      if (entry.refused) continue;
      const fate = left ? { word: "later" } : await send(entry);
      if (fate.word === "sent") await lapor.store.sent(entry.key, fate.reference);
      else if (fate.word === "refused") await lapor.store.put("outbox", entry.key, { ...entry, refused: true });
      else left += 1;
      if (fate.word !== "later") tell("changed");
    }
    return left;
  }

  // one at a time among all pages and the worker; where there are no locks the key does what they would
  const flush = () => (navigator.locks ? navigator.locks.request("lapor-outbox", empty) : empty());

  return { send, keep, flush, onchange: (act) => news && news.addEventListener("message", act) };
})();
