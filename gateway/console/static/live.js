// The live parts of a page: what comes from the address in data-live takes the place of what is there. Without this script the page stays as it was.
"use strict";
function follow(part) {
  const events = new EventSource(part.dataset.live);
  events.onmessage = event => {
    const focused = document.activeElement && part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    part.innerHTML = event.data;
    if (focused) for (const link of part.querySelectorAll("a")) if (link.getAttribute("href") === focused) { link.focus(); break; }
    document.body.classList.remove("stale");
  };
  events.onerror = async () => {
    document.body.classList.add("stale");
    if (events.readyState !== EventSource.CLOSED) return; // it asks again by itself
    const answer = await fetch(part.dataset.live).catch(() => null);
    const signedOut = answer !== null && answer.status === 401;
    if (answer !== null && answer.body) answer.body.cancel();
    if (signedOut) location.reload(); // to the sign-in page, and back here
    else setTimeout(follow, 5000, part); // a proxy on the way was not well
  };
}
document.querySelectorAll("[data-live]").forEach(follow);
