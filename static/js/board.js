/* The live board. Figures change in their places; the order of rows changes at most each ten seconds, never under the
   pointer and never while a row has the focus. Keys: j k, a (give to somebody), w (set away), Enter, z. */
(() => {
  const { $, $$, words } = radd;
  const board = $("#board");
  const ORDER_EVERY = 10000;
  const DRAW_EVERY = 2000;
  const RESTS = 5000;
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  let orderedAt = Date.now();
  let drawnAt = Date.now();
  let timer = 0;
  let undo = null;

  /* --- drawing anew --- */
  const held = (rows) => rows.matches(":hover") || rows.contains(document.activeElement) || $("dialog[open]") || $(".dragged");
  // Whether nobody has moved a finger for a while: then a section that came or went is drawn under a resting pointer, too.
  let movedAt = 0;
  ["pointermove", "pointerdown", "keydown", "wheel"].forEach((kind) => document.addEventListener(kind, () => { movedAt = Date.now(); }, { passive: true }));
  const resting = () => Date.now() - movedAt > RESTS && !$("dialog[open]") && !$(".dragged");
  const bare = (row) => row.innerHTML.replace(/csrfmiddlewaretoken" value="[^"]*"/g, "").replace(/data-left="?[^<]*</g, "<");

  const inPlace = (old, fresh) => {
    [...fresh.attributes].forEach(({ name, value }) => { if (!["tabindex", "id"].includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value); });
    if (old.fresh === bare(fresh)) return;
    // What somebody is about to press stays what it is.
    if (old !== document.activeElement && old.contains(document.activeElement)) return;
    old.fresh = bare(fresh);
    old.replaceChildren(...fresh.childNodes);
  };
  const mergeRows = (old, fresh, mayOrder) => {
    const known = new Map([...old.children].map((row) => [row.id, row]));
    const wanted = [...fresh.children];
    const ids = wanted.map((row) => row.id).join();
    wanted.forEach((row) => { if (known.has(row.id)) inPlace(known.get(row.id), row); });
    if (ids === [...old.children].map((row) => row.id).join()) return true;
    if (!mayOrder || held(old)) return false;
    old.replaceChildren(...wanted.map((row) => known.get(row.id) || row));
    return true;
  };
  const sections = (bodies) => bodies.map((body) => body.closest("section").id).join();
  const whole = (fragment) => {
    const row = inHand()?.id;
    board.replaceChildren(...fragment.childNodes);
    orderedAt = Date.now();
    const again = row && document.getElementById(row);
    if (again) { rove(again); again.focus({ preventScroll: true }); }
  };
  const merge = (fragment) => {
    const mayOrder = Date.now() - orderedAt >= ORDER_EVERY;
    // Text with an id outside rows: figures.
    $$("[id^=b-]:not([data-rows], tr, section)", fragment).forEach((fresh) => {
      const old = document.getElementById(fresh.id);
      if (old && !old.children.length && !fresh.children.length) { if (old.textContent !== fresh.textContent) old.textContent = fresh.textContent; }
      else if (old && fresh.id !== "b-stats" && old.innerHTML !== fresh.innerHTML) old.innerHTML = fresh.innerHTML;
    });
    const bodies = $$("tbody[data-rows]", board);
    const news = $$("tbody[data-rows]", fragment);
    // A section came or went (escalations, incidents): only then is the whole drawn anew.
    if (sections(bodies) !== sections(news)) {
      if (mayOrder && (resting() || !held(board))) whole(fragment);
      else soon(mayOrder ? DRAW_EVERY : ORDER_EVERY - (Date.now() - orderedAt));
    }
    else {
      const ordered = bodies.map((body, at) => mergeRows(body, news[at], mayOrder)).every(Boolean);
      if (mayOrder) orderedAt = ordered ? Date.now() : orderedAt;
      if (!ordered) soon(mayOrder ? DRAW_EVERY : ORDER_EVERY - (Date.now() - orderedAt));
    }
    rove();
    radd.dress(board);
  };
  const draw = async () => {
    drawnAt = Date.now();
    const address = new URL(location.href);
    address.searchParams.set("part", "board");
    const answer = await fetch(address, { headers: { "HX-Request": "true" }, cache: "no-store" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = await answer.text();
    merge(fresh.content);
  };
  const soon = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(draw, Math.max(wait, DRAW_EVERY - (Date.now() - drawnAt), 0));
  };
  document.addEventListener("radd:changed", () => soon(250));
  radd.seeWho = () => soon(250);
  setInterval(() => { if (document.visibilityState === "visible" && Date.now() - drawnAt > 15000) draw(); }, 3000);

  /* --- rows: one of all takes part in the tab order --- */
  const ROWS = "tr[data-surge], tr[data-ticket], tr[data-person]";
  const rows = () => $$(ROWS, board);
  const inHand = () => document.activeElement?.closest?.("#board tr")?.closest(ROWS);
  const rove = (to) => {
    const all = rows();
    const stop = to || inHand() || all.find((row) => row.tabIndex === 0) || all[0];
    all.forEach((row) => { row.tabIndex = row === stop ? 0 : -1; });
  };
  radd.walk = (step) => {
    const all = rows();
    const at = all.indexOf(inHand());
    const to = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
    if (!to) return;
    rove(to);
    to.focus();
  };
  board.addEventListener("focusin", (event) => { const row = event.target.closest("tr[tabindex]"); if (row) rove(row); });

  /* --- doing --- */
  const toast = (text, back) => {
    const box = $("#board-toast").content.firstElementChild.cloneNode(true);
    $("span", box).textContent = text;
    undo = back;
    if (back) $("button", box).addEventListener("click", takeBack);
    else $("button", box).remove();
    $("#toasts").replaceChildren(box);
    setTimeout(() => box.remove(), 8000);
    radd.say(text);
  };
  let sending = null;
  const send = (address, told) => { sending = post(address, told).finally(() => { sending = null; }); };
  const post = async (address, told) => {
    const body = new URLSearchParams(told);
    const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token, "HX-Request": "true" } }).catch(() => null);
    if (!answer || (!answer.ok && answer.status !== 409)) { radd.warn(words.failed); toast(words.failed, null); return; }
    const said = await answer.json();
    toast(said.said, said.undo);
    if (answer.status === 409) radd.warn(said.said);
    draw();
  };
  const takeBack = () => {
    // Pressed before the desk has answered: what is being done is what is meant.
    if (sending) { sending.then(takeBack); return true; }
    if (!undo) return false;
    const told = undo;
    undo = null;
    send(board.dataset[told.do], told);
    return true;
  };
  const give = (ticket, to) => send(board.dataset.give, { ticket, to });
  const setAway = (row) => send(row.dataset.available === "1" || !$("form[action$='back']", row) ? board.dataset.away : board.dataset.back, { person: row.dataset.person });

  const ask = (row) => {
    const dialog = $("#give");
    $("[data-customer]", dialog).textContent = $("[data-customer]", row).textContent;
    $(".r-give-people", dialog).replaceChildren(...$$("tr[data-person]", board).filter((one) => one.dataset.available === "1" && one.dataset.person !== row.dataset.with).map((one) => {
      const button = document.createElement("button");
      button.value = one.dataset.person;
      const face = $(".r-ava", one).cloneNode(true);
      const name = document.createElement("bdi");
      name.textContent = one.dataset.name;
      const load = document.createElement("span");
      load.className = "push n dim";
      load.textContent = one.dataset.load;
      button.append(face, name, load);
      return button;
    }));
    $("[data-queue]", dialog).hidden = !row.dataset.with;
    dialog.returnValue = "";
    dialog.showModal();
    $("button:not([hidden])", dialog).focus();
    dialog.addEventListener("close", () => {
      document.getElementById(row.id)?.focus();
      if (dialog.returnValue) give(row.dataset.ticket, dialog.returnValue === "queue" ? "" : dialog.returnValue);
    }, { once: true });
  };
  $("#give").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (!step) return;
    const all = $$("#give button:not([hidden])");
    all[Math.min(Math.max(all.indexOf(document.activeElement) + step, 0), all.length - 1)].focus();
    event.preventDefault();
  });

  radd.pageKeys = {
    ...radd.pageKeys,
    j: () => (radd.walk(1), true),
    k: () => (radd.walk(-1), true),
    a: () => { const row = inHand(); if (row?.dataset.ticket) ask(row); return Boolean(row); },
    w: () => { const row = inHand(); if (row?.dataset.person) setAway(row); return Boolean(row); },
    z: takeBack,
    Enter: () => { if (document.activeElement.matches("a, button")) return false; const link = inHand() && $("a", inHand()); if (link) location.assign(link.href); return Boolean(link); },
  };
  board.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("tr")) radd.pageKeys.Enter();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && event.target.matches("tr")) { event.preventDefault(); radd.walk(step); }
  });
  board.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-give]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    ask(link.closest("tr"));
  });
  board.addEventListener("submit", (event) => {
    const row = event.target.closest("tr[data-person]");
    if (!row) return;
    event.preventDefault();
    setAway(row);
  });

  /* --- dragging a ticket onto a person --- */
  let dragged = null;
  board.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("tr[data-ticket]");
    dragged?.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged?.dataset.ticket || "");
  });
  const target = (event) => dragged && event.target.closest?.("tr[data-person]");
  board.addEventListener("dragover", (event) => {
    const row = target(event);
    $$("tr.drop", board).forEach((other) => other !== row && other.classList.remove("drop"));
    if (!row) return;
    event.preventDefault();
    row.classList.add("drop");
  });
  board.addEventListener("drop", (event) => {
    const row = target(event);
    if (!row) return;
    event.preventDefault();
    give(dragged.dataset.ticket, row.dataset.person);
  });
  board.addEventListener("dragend", () => {
    $$("tr.drop, tr.dragged", board).forEach((row) => row.classList.remove("drop", "dragged"));
    dragged = null;
  });
  rove();
})();
