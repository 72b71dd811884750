// The live parts of a page: what comes from the address in data-live takes the place of what is there. Without this script the page stays as it was.
"use strict";
for (const part of document.querySelectorAll("[data-live]")) {
  const events = new EventSource(part.dataset.live);
  events.onmessage = event => {
    const focused = document.activeElement && part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    part.innerHTML = event.data;
    if (focused) for (const link of part.querySelectorAll("a")) if (link.getAttribute("href") === focused) { link.focus(); break; }
    document.body.classList.remove("stale");
  };
  events.onerror = () => document.body.classList.add("stale");
}
