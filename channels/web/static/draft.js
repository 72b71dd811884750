// Keeps what is being typed, so that a dead battery loses nothing. In: the form. Out: the form as it was left, and a line that says so.
// It keeps no files, and nothing at all of a report that is to be anonymous or confidential.
"use strict";

lapor.draft = (() => {
  let pending = 0;

  const secret = (form) => form.elements.anonim.checked || form.elements.rahasia.checked;
  // the key too: sent again after a lost answer, it is the same report
  const fields = (form) => [...new FormData(form)].filter(([, value]) => typeof value === "string");

  function say(form, words, removable) {
    const line = form.querySelector("#draft");
    const button = form.querySelector("#draft-drop");
    if (line.textContent !== words) line.textContent = words;
    button.hidden = !removable;
  }

  async function save(form) {
    stop();
    try {
      if (secret(form)) {
        await lapor.store.drop("draft", "form");
        say(form, "Karena Anda memilih Anonim atau Rahasia, draf tidak disimpan di perangkat ini.", false);
      } else {
        await lapor.store.put("draft", "form", { fields: fields(form), at: Date.now() });
        say(form, "Draf tersimpan di perangkat ini saja, tanpa lampiran.", true);
      }
    } catch {
      say(form, "", false); // a browser that keeps nothing: the form works all the same
    }
  }

  async function restore(form) {
    const kept = await lapor.store.get("draft", "form").catch(() => null);
    if (!kept) return;
    lapor.form.fill(form, kept.fields);
    if (secret(form)) return save(form); // one that the server sent back; it goes from the device as soon as it stands in the form
    const at = new Date(kept.at).toLocaleString("id-ID", { dateStyle: "medium", timeStyle: "short" });
    say(form, `Draf dari ${at} dipulihkan. Lampiran perlu dipilih ulang.`, true);
  }

  const stop = () => { clearTimeout(pending); pending = 0; };

  async function drop() {
    stop();
    await lapor.store.drop("draft", "form").catch(() => {});
  }

  function watch(form) {
    form.addEventListener("input", () => {
      stop();
      pending = setTimeout(save, 400, form);
    });
    // the last words before the telephone kills the page
    document.addEventListener("visibilitychange", () => { if (pending && document.hidden) save(form); });
    form.querySelector("#draft-drop").addEventListener("click", async () => {
      await drop();
      lapor.form.clear(form);
      say(form, "Draf sudah dihapus dari perangkat ini.", false);
      form.querySelector("button[type=submit]").focus();
    });
  }

  return { watch, restore, drop };
})();
