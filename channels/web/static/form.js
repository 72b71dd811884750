// What the form does beyond what it does without a script: narrows the regions, says at once what is missing, keeps the files when the
// server finds a fault, and hands the report to the outbox when there is no network. In: `#report`. It forgives nothing that the server
// does not, and the server checks all of it again.
"use strict";

lapor.form = (() => {
  let sending = false;

  // two short lists instead of one of five hundred
  function regions(form) {
    const all = form.elements.region;
    const first = all.options[0];
    const within = new Map([...all.querySelectorAll("optgroup")].map((group) => [group.children[0].value, [...group.children]]));
    const field = document.createElement("div");
    field.className = "field";
    field.innerHTML = '<label for="province">Provinsi</label><select id="province"><option value="">Pilih provinsi</option></select>';
    const province = field.querySelector("select");
    all.querySelectorAll("optgroup").forEach((group) => province.append(new Option(group.label, group.children[0].value)));
    form.querySelector("#region-field").before(field);
    form.querySelector("#region-hint").textContent = "Bila tidak tahu kabupatennya, biarkan provinsinya saja.";
    const offer = (chosen) => {
      province.value = chosen.slice(0, 2);
      const offered = within.get(province.value);
      first.textContent = "Pilih provinsi dahulu";
      all.replaceChildren(...(offered || [first]));
      all.value = chosen;
    };
    province.addEventListener("change", () => offer(province.value));
    return { offer, chosen: () => all.value };
  }

  // what stands there already was typed before this script came, on a slow network, and stays
  function fill(form, fields) {
    for (const [name, value] of fields) {
      const element = form.elements[name];
      if (name === "region") form.regions.offer(form.regions.chosen() || value);
      else if (element && element.type === "checkbox") element.checked = true;
      else if (element && element.type !== "file" && (!element.value || element.type === "hidden")) element.value = value;
    }
    identity(form);
  }

  function clear(form) {
    form.reset();
    form.regions.offer("");
    identity(form);
    fresh(form);
  }

  // of a page out of a cache the key was another report's
  const fresh = (form) => { if (crypto.randomUUID) form.elements.key.value = crypto.randomUUID(); };

  const identity = (form) => ["name", "contact"].forEach((name) => { form.elements[name].disabled = form.elements.anonim.checked; });

  function check(form) {
    const at = form.elements;
    const faults = new Map();
    const empty = (name) => !at[name].value.trim();
    for (const name of ["classification", "title", "text", "incident_date"]) {
      const element = form.querySelector(`[name=${name}]`);
      if (empty(name)) faults.set(name, element.dataset.missing);
    }
    if (at.incident_date.value > at.incident_date.max) faults.set("incident_date", at.incident_date.dataset.future);
    if (empty("region") && empty("location")) faults.set("region", at.region.dataset.missing);
    const { most, bytes, many, big } = at.files.dataset;
    const files = [...at.files.files];
    if (files.length > most) faults.set("files", many);
    if (files.some((file) => file.size > bytes)) faults.set("files", big);
    return faults;
  }

  function unmark(form) {
    document.getElementById("summary")?.remove();
    form.querySelectorAll(".fault").forEach((fault) => fault.remove());
    form.querySelectorAll(".wrong").forEach((field) => field.classList.remove("wrong"));
    form.querySelectorAll("[aria-invalid]").forEach((element) => {
      element.removeAttribute("aria-invalid");
      describe(element, `${element.id}-fault`, false);
    });
  }

  function describe(element, id, on) {
    const ids = (element.getAttribute("aria-describedby") || "").split(" ").filter((one) => one && one !== id);
    if (on) ids.unshift(id);
    if (ids.length) element.setAttribute("aria-describedby", ids.join(" "));
    else element.removeAttribute("aria-describedby");
  }

  // the same marks and the same summary as the server's templates make
  function mark(form, faults) {
    const summary = document.getElementById("summary-form").content.firstElementChild.cloneNode(true);
    summary.id = "summary";
    for (const [name, words] of faults) {
      const element = document.getElementById(name);
      const field = element.closest(".field");
      const fault = Object.assign(document.createElement("p"), { className: "fault", id: `${name}-fault`, textContent: words });
      field.classList.add("wrong");
      (document.getElementById(`${name}-hint`) || field.querySelector("label, legend")).after(fault);
      if (element !== field) element.setAttribute("aria-invalid", "true");
      describe(element, fault.id, true);
      const item = document.createElement("li");
      item.append(Object.assign(document.createElement("a"), { href: `#${name}`, textContent: words }));
      summary.querySelector("ul").append(item);
    }
    form.before(summary);
    summary.focus();
  }

  // the server's page in place of this one, and the files that it could not give back
  function replace(form, page) {
    const answer = new DOMParser().parseFromString(page, "text/html");
    const main = answer.querySelector("main");
    const next = answer.getElementById("report");
    if (!next) return false;
    next.elements.files.files = form.elements.files.files;
    main.querySelectorAll("[data-files-lost]").forEach((words) => words.remove());
    document.querySelector("main").replaceWith(document.adoptNode(main));
    document.title = answer.title;
    watch(document.getElementById("report"));
    lapor.shelf.show();
    return true;
  }

  function busy(form, on) {
    sending = on;
    const button = form.querySelector("button[type=submit]");
    button.setAttribute("aria-disabled", on);
    button.textContent = on ? "Mengirim…" : "Kirim laporan";
  }

  const entry = (form) => {
    const all = [...new FormData(form)];
    return {
      key: form.elements.key.value,
      fields: all.filter(([, value]) => typeof value === "string"),
      files: all.map(([, value]) => value).filter((value) => value instanceof File && value.name),
      at: Date.now(),
    };
  };

  async function submit(event) {
    event.preventDefault();
    const form = event.target;
    if (sending) return;
    unmark(form);
    const faults = check(form);
    if (faults.size) return mark(form, faults);
    busy(form, true);
    const report = entry(form);
    const fate = await lapor.outbox.send(report);
    busy(form, false);
    if (fate.word === "sent") {
      await lapor.draft.drop();
      location.assign(`/terima/${fate.reference}`);
    } else if (!(fate.page && replace(form, fate.page))) {
      await queue(form, report);
    }
  }

  async function queue(form, report) {
    const line = form.querySelector("#draft");
    try {
      await lapor.outbox.keep(report);
    } catch {
      line.textContent = "Belum terkirim: tidak ada jaringan, dan peramban ini tidak dapat menyimpannya. Biarkan halaman ini terbuka, lalu coba lagi.";
      return;
    }
    await lapor.draft.drop();
    clear(form);
    await lapor.shelf.show("Belum terkirim, tetapi sudah tersimpan di perangkat ini.");
  }

  // a page out of a cache may be of last week; the day begins in Papua (UTC+9)
  const today = () => new Date(Date.now() + 9 * 3600e3).toISOString().slice(0, 10);

  function watch(form) {
    if (form.elements.incident_date.max < today()) form.elements.incident_date.max = today();
    form.regions = regions(form);
    form.regions.offer(form.regions.chosen());
    form.elements.anonim.addEventListener("change", () => identity(form));
    identity(form);
    form.addEventListener("submit", submit);
    lapor.draft.watch(form);
    document.getElementById("summary")?.focus();
  }

  async function open() {
    const form = document.getElementById("report");
    if (!form) return;
    watch(form);
    if (!("fresh" in form.dataset)) return;
    fresh(form);
    await lapor.draft.restore(form);
  }

  return { open, fill, clear };
})();
