// What this device keeps, in IndexedDB: one draft, the outbox, and the codes of what went out of it.
// In and out: plain objects; used by pages and by the service worker. It never talks to the network.
"use strict";
self.lapor = self.lapor || {};

lapor.store = (() => {
  const ROOMS = ["draft", "outbox", "sent"];

  const opened = () => new Promise((done, failed) => {
    const asked = indexedDB.open("lapor", 1);
    asked.onupgradeneeded = () => ROOMS.forEach((room) => asked.result.createObjectStore(room));
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });

  // `strict`: the outbox says yes to a citizen, so it too means on disk
  const within = async (rooms, mode, act) => {
    const base = await opened();
    try {
      return await new Promise((done, failed) => {
        const turn = base.transaction(rooms, mode, { durability: "strict" });
        const asked = act((room) => turn.objectStore(room));
        turn.oncomplete = () => done(asked && asked.result);
        turn.onabort = () => failed(turn.error);
      });
    } finally {
      base.close();
    }
  };

  return {
    get: (room, key) => within([room], "readonly", (at) => at(room).get(key)),
    all: (room) => within([room], "readonly", (at) => at(room).getAll()),
    put: (room, key, value) => within([room], "readwrite", (at) => at(room).put(value, key)),
    drop: (room, key) => within([room], "readwrite", (at) => at(room).delete(key)),
    // out of the outbox and among the sent, or neither
    sent: (key, reference) => within(["outbox", "sent"], "readwrite", (at) => {
      at("outbox").delete(key);
      return at("sent").put({ reference, at: Date.now() }, reference);
    }),
    forget: () => within(ROOMS, "readwrite", (at) => ROOMS.map((room) => at(room).clear()) && null),
  };
})();
