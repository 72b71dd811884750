// One case at a time, judged by a key. What is decided is sent at once and the next case is there already; one that could not be saved comes back.
"use strict";
{
  const stage = document.getElementById("stage"), cases = document.getElementById("cases"), said = document.getElementById("said");
  const done = [];
  let after = stage.dataset.after, asking = false, judged = 0;
  const first = () => cases.querySelector(".judge");
  const tell = (words, bad) => { said.hidden = false; said.textContent = words; said.classList.toggle("bad", bad); said.classList.toggle("good", !bad); };

  const show = () => {
    for (const each of cases.querySelectorAll(".now")) each.classList.remove("now");
    const now = first();
    if (now) { now.classList.add("now"); now.focus({ preventScroll: true }); }
    document.getElementById("none").hidden = Boolean(now) || asking || Boolean(after);
    document.getElementById("done").textContent = judged;
    if (cases.children.length < 6) more();
  };

  const more = async () => {
    if (!after || asking) return;
    asking = true;
    try {
      const answer = await fetch("/triage/more?after=" + after);
      if (!answer.ok) return;
      after = answer.headers.get("X-After") || "";
      const here = new Set([...cases.children].map(each => each.dataset.code));
      const brought = document.createElement("div");
      brought.innerHTML = await answer.text();
      for (const each of [...brought.querySelectorAll(".judge")]) if (!here.has(each.dataset.code)) cases.append(each);
    } catch { tell(stage.dataset.failed, true); } finally { asking = false; }
    if (!cases.querySelector(".now")) show();
  };

  const send = async (code, act) => {
    try {
      const answer = await fetch("/triage/" + code, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams({ act }) });
      const told = await answer.json();
      tell(told.said, !answer.ok);
      return answer.ok ? "done" : "refused";
    } catch { tell(stage.dataset.failed, true); return "cut"; }
  };

  const left = change => { const place = document.getElementById("left"); place.textContent = Math.max(Number(place.textContent) + change, 0); };

  const judge = async (card, act) => {
    if (!card.querySelector("[value=yes]")) return;
    card.remove(); judged += 1; left(-1); show();
    const came = await send(card.dataset.code, act);
    if (came === "done") done.push(card);
    else { judged -= 1; if (came === "cut") { left(1); cases.prepend(card); } show(); }
  };

  const undo = async () => {
    const card = done.pop();
    if (card && await send(card.dataset.code, "undo") === "done") { cases.prepend(card); judged -= 1; left(1); show(); }
  };

  const skip = () => { const now = first(); if (now && cases.children.length > 1) { cases.append(now); show(); } };

  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const now = first(), key = event.key.toLowerCase();
    if (key === "u") undo();
    else if (key === "j") skip();
    else if (now && (key === "y" || key === "n")) judge(now, key === "y" ? "yes" : "no");
    else return;
    event.preventDefault();
  });
  cases.addEventListener("submit", event => {
    event.preventDefault();
    judge(event.target.closest(".judge"), event.submitter.value);
  });
  document.body.classList.add("one-by-one");
  for (const name of ["keys", "rate"]) document.getElementById(name).hidden = false;
  for (const name of ["back", "further"]) document.getElementById(name)?.remove();
  show();
}
