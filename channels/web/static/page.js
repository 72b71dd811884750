// What every page does with a script: opens the form if there is one, sends what waits, copies, prints, forgets, and starts the worker.
"use strict";

(() => {
  const on = (selector, act) => document.querySelectorAll(selector).forEach((element) => element.addEventListener("click", () => act(element)));
  const say = (id, words) => { document.getElementById(id).textContent = words; };

  document.querySelectorAll("[data-needs-script]").forEach((element) => { element.hidden = false; });
  on("[data-print]", () => print());
  on("[data-copy]", async (button) => {
    const code = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(code.textContent);
      say("copied", "Kode sudah disalin.");
    } catch {
      getSelection().selectAllChildren(code);
      say("copied", "Kode sudah ditandai; salin dengan menu peramban.");
    }
  });
  on("[data-forget]", async () => {
    await lapor.store.forget().catch(() => {});
    say("forgotten", "Semua draf, antrean, dan kode sudah dihapus dari perangkat ini.");
  });

  lapor.form.open();
  lapor.shelf.watch();
  if (navigator.serviceWorker) navigator.serviceWorker.register("/sw.js").catch(() => {});
})();
