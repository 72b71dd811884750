// Shows what waits in the outbox, and the codes of what was sent from it. In: the outbox. Out: a list in `#shelf`, and one spoken line.
"use strict";

lapor.shelf = (() => {
  let gone = null; // how many were sent when this was last shown
  const make = (tag, words, facts) => Object.assign(document.createElement(tag), { textContent: words || "" }, facts);

  // `whose`: what a screen reader says behind the words, so that two buttons are not called the same
  function button(words, whose, act) {
    const made = make("button", words, { type: "button", className: "quiet", ariaLabel: `${words}: ${whose}` });
    made.addEventListener("click", act);
    return made;
  }

  const drop = (room, key) => async () => {
    await lapor.store.drop(room, key);
    await show("Sudah dihapus dari perangkat ini.");
  };

  function waiting(entry) {
    const item = make("li");
    const title = (entry.fields.find(([name]) => name === "title") || [])[1] || "Laporan";
    const why = entry.refused ? "Perlu diperbaiki. Lampiran harus dipilih ulang." : "Menunggu jaringan.";
    const acts = make("div", "", { className: "buttons" });
    if (entry.refused) acts.append(button("Buka di formulir", title, () => reopen(entry)));
    acts.append(button("Hapus", title, drop("outbox", entry.key)));
    item.append(make("b", title), make("p", why), acts);
    return item;
  }

  function sent(entry) {
    const item = make("li");
    const words = make("p", "Terkirim. Kode laporan: ");
    words.append(make("a", entry.reference, { href: `/terima/${entry.reference}`, translate: false }));
    const acts = make("div", "", { className: "buttons" });
    acts.append(button("Hapus dari daftar", entry.reference, drop("sent", entry.reference)));
    item.append(words, acts);
    return item;
  }

  async function reopen(entry) {
    await lapor.store.put("draft", "form", { fields: entry.fields, at: entry.at });
    await lapor.store.drop("outbox", entry.key);
    location.assign("/");
  }

  // `words` are said when a person's own act led here
  async function show(words) {
    const place = document.getElementById("shelf");
    if (!place) return;
    const [queued, done] = await Promise.all([lapor.store.all("outbox"), lapor.store.all("sent")]).catch(() => [[], []]);
    const list = make("ul");
    list.append(...queued.map(waiting), ...done.map(sent));
    place.querySelector("#shelf-list").replaceChildren(list);
    place.querySelector("#shelf-wait").hidden = !queued.some((entry) => !entry.refused);
    place.hidden = !(queued.length || done.length);
    const line = place.querySelector("[role=status]");
    // what was said of waiting is over; nobody asked, so the focus stays where it is
    if (gone !== null && done.length > gone) line.textContent = "Sudah terkirim.";
    gone = done.length;
    if (typeof words !== "string") return;
    line.textContent = words;
    place.focus();
  }

  const flush = () => lapor.outbox.flush().catch(() => {}).then(() => show());

  // a person asked, and hears what came of it also where nothing is seen to change
  async function send() {
    const left = await lapor.outbox.flush().catch(() => 1);
    await show(left ? "Masih belum terkirim. Laporan tetap tersimpan di perangkat ini." : "Tidak ada lagi yang menunggu jaringan.");
  }

  function watch() {
    lapor.outbox.onchange(() => show());
    addEventListener("online", flush);
    document.getElementById("shelf-send")?.addEventListener("click", send);
    flush();
  }

  return { show, watch };
})();
