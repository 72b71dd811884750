// Copies what is to be pasted, and brings the cursor to where the number goes.
"use strict";
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try { await navigator.clipboard.writeText(source.value); } catch {
      // without TLS a browser has no clipboard for pages, but it copies what is selected
      source.select();
      document.execCommand("copy");
    }
    const said = document.getElementById("copied");
    said.textContent = said.dataset.said;
    if (button.dataset.copy === "block") document.getElementById("tracking")?.focus();
  });
}
