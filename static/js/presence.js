/* Who is at which ticket. Each tab says what it shows, every fifteen seconds and when that changes; what the others say
   comes with the live stream (live.js) and is drawn into the places that are kept for it: [data-who]. */
(() => {
  const { $, $$, words } = radd;
  const EVERY = 15000;
  const WRITES_FOR = 12000;
  const STALE = 45000;
  const me = Number(document.body.dataset.me);
  const token = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];
  // One for each load of a page: a tab that was doubled is another one.
  const tab = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`;

  /* --- saying --- */
  let said = "";
  let saidAt = 0;
  let wroteAt = 0;
  let touchedAt = Date.now();

  const now = () => {
    const ticket = $("#ticket[data-ticket]")?.dataset.ticket || "";
    const shown = ticket && (document.body.dataset.pane !== "list" || !radd.narrow());
    const writes = shown && $("#answer")?.value.trim() && Date.now() - wroteAt < WRITES_FOR;
    return { ticket: shown ? ticket : "", doing: writes ? "writing" : shown ? "viewing" : "here" };
  };
  const post = (told) => {
    const body = new URLSearchParams({ tab, idle: Math.round((Date.now() - touchedAt) / 1000), ...told });
    fetch("/presence", { method: "POST", body, headers: { "X-CSRFToken": token }, keepalive: true, redirect: "manual" })
      .catch(() => { said = ""; });
  };
  const say = ({ again = false } = {}) => {
    if (document.visibilityState !== "visible") return;
    const told = now();
    const key = `${told.ticket}.${told.doing}`;
    if (!again && key === said && Date.now() - saidAt < EVERY) return;
    said = key;
    saidAt = Date.now();
    post(told);
  };
  const leave = () => {
    if (!said) return;
    said = "";
    post({ doing: "gone" });
  };
  radd.presence = { say };

  document.addEventListener("input", (event) => {
    if (event.target.id === "answer") { wroteAt = Date.now(); say(); }
  });
  ["pointerdown", "keydown"].forEach((name) => addEventListener(name, () => { touchedAt = Date.now(); }, { passive: true }));
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? say({ again: true }) : leave()));
  addEventListener("pagehide", leave);
  addEventListener("pageshow", () => say({ again: true }));
  addEventListener("online", () => say({ again: true }));
  radd.dressers.push(() => say());

  /* --- seeing --- */
  const here = new Map();
  let heardAt = Date.now();

  const name = (text, who) => {
    const [before, after] = text.split("{name}");
    const bdi = document.createElement("bdi");
    bdi.textContent = who;
    return [before, bdi, after || ""];
  };
  const icon = (shape) => {
    const sprite = $("svg.i use").getAttribute("href").replace(/#.*/, "");
    const box = document.createElement("template");
    box.innerHTML = `<svg class="i i-s" viewBox="0 0 24 24" aria-hidden="true"><use href="${sprite}#${shape}"/></svg>`;
    return box.content.firstElementChild;
  };
  const mark = ([id, full, doing], whole) => {
    const span = document.createElement("span");
    const words_ = doing === "writing" ? words.isWriting : words.isViewing;
    span.className = `r-one ${doing}`;
    span.dataset.person = id;
    span.title = words_.replace("{name}", full);
    const text = document.createElement("span");
    text.className = "clip";
    if (whole && doing === "writing") text.append(...name(words_, full.split(" ")[0]));
    else {
      const spoken = document.createElement("span");
      spoken.className = "vh";
      spoken.append(...name(words_, full));
      const seen = document.createElement("bdi");
      seen.ariaHidden = "true";
      seen.textContent = full.split(" ")[0];
      text.append(seen, spoken);
    }
    span.append(icon(doing === "writing" ? "pencil" : "eye"), text);
    return span;
  };
  const others = (ticket) => (here.get(String(ticket)) || []).filter(([id]) => id !== me);

  const draw = (place) => {
    const whole = "whole" in place.dataset;
    // In a list the row says which ticket it is.
    const people = others(place.dataset.who || place.closest("li").id.slice(2));
    const key = JSON.stringify(people);
    if ((place.drawn || "[]") === key) return;
    place.drawn = key;
    $$(":scope > .r-one, :scope > .r-more-who", place).forEach((old) => old.remove());
    const shown = people.slice(0, whole ? 3 : 1);
    // Where a row has a chip, presence takes its place (css); it comes back when they go.
    place.append(...shown.map((person) => mark(person, whole)));
    if (people.length > shown.length) {
      const rest = document.createElement("span");
      rest.className = "r-more-who n";
      rest.textContent = `+${people.length - shown.length}`;
      place.append(rest);
    }
  };
  const drawAll = () => $$("[data-who]").forEach(draw);
  radd.dressers.push(drawAll);

  /* Their words change as they write: the mark in the answer box is asked for anew. */
  const begun = async () => {
    const place = $("#others[data-address]");
    if (!place || $("details[open]", place)) return;
    const answer = await fetch(place.dataset.address, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.ok && !answer.redirected && place.isConnected && !$("details[open]", place)) place.innerHTML = await answer.text();
  };
  const tellOfOpen = (before) => {
    const open = $("#ticket[data-ticket]")?.dataset.ticket;
    if (!open) return;
    const writers = others(open).filter(([, , doing]) => doing === "writing");
    const known = new Set(before.filter(([, , doing]) => doing === "writing").map(([id]) => id));
    const fresh = writers.find(([id]) => !known.has(id));
    if (fresh) radd.say(words.isWriting.replace("{name}", fresh[1]));
    if (fresh || known.size !== writers.length) begun();
  };

  /* `whole`: everybody there is; else only the tickets where something changed, with nobody where they left. */
  radd.seeWho = (told, { whole = false } = {}) => {
    const open = $("#ticket[data-ticket]")?.dataset.ticket;
    const before = open ? others(open) : [];
    heardAt = Date.now();
    if (whole) here.clear();
    Object.entries(told).forEach(([ticket, people]) => (people.length ? here.set(ticket, people) : here.delete(ticket)));
    drawAll();
    tellOfOpen(before);
  };

  /* Without news for so long nobody knows who is there; after sleep the line is taken up anew (live.js). */
  let tickedAt = Date.now();
  setInterval(() => {
    const slept = Date.now() - tickedAt > 20000;
    tickedAt = Date.now();
    if (slept) { here.clear(); drawAll(); radd.live?.wake(); say({ again: true }); }
    else if (here.size && Date.now() - heardAt > STALE && radd.live?.state() !== "live") { here.clear(); drawAll(); }
    say();
  }, 1000);
})();
