// One tick for all on the page.
"use strict";
const every = document.getElementById("every");
if (every) {
  const boxes = document.querySelectorAll("#ticked [name=case], #ticked [name=letter]");
  every.parentElement.hidden = false;
  every.addEventListener("change", () => { for (const box of boxes) box.checked = every.checked; });
}
