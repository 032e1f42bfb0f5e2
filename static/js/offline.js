/* An answer sent without a connection. It is kept on this device with the ticket as it was seen then, said, and goes out
   when the connection returns, by the same key (so once at most), if nothing moved: the server refuses it else. */
(() => {
  const { $, words } = radd;
  const KEY = "unsent";
  const kept = () => JSON.parse(radd.memory.get(KEY) || "null");
  const keep = (answer) => radd.memory.set(KEY, answer ? JSON.stringify(answer) : null);
  const open = () => $("#ticket[data-ticket]")?.dataset.ticket;
  let sending = false;

  const strip = () => {
    const answer = kept();
    const old = $("#unsent");
    if (!answer || answer.ticket !== open()) { old?.remove(); lock(false); return; }
    lock(true);
    if (old) return;
    const fresh = $("#unsent-strip").content.firstElementChild.cloneNode(true);
    $("button", fresh).addEventListener("click", () => { keep(null); strip(); $("#answer").focus(); radd.say(words.keptBack); });
    $("#composer").prepend(fresh);
  };
  const lock = (on) => {
    const box = $("#answer");
    if (!box || box.readOnly === on) return;
    box.readOnly = on;
    radd.composer?.sendable();
  };

  const queue = (form, submitter) => {
    const told = new FormData(form);
    if (submitter?.name) told.set(submitter.name, submitter.value);
    ["csrfmiddlewaretoken", "files"].forEach((name) => told.delete(name));
    keep({ ticket: open(), action: form.getAttribute("action"), told: [...told.entries()] });
    strip();
    radd.warn(words.unsent);
  };

  const send = async () => {
    const answer = kept();
    if (!answer || sending || !navigator.onLine) return;
    sending = true;
    try {
      const there = await fetch("/healthz", { cache: "no-store" });
      if (!there.ok) return;
      keep(null);
      if (answer.ticket === open()) await here(answer);
      else await elsewhere(answer);
    } catch { /* not there yet */ } finally {
      sending = false;
      if (kept() === null) strip();
    }
  };
  /* Its ticket is open: as if Send were pressed now, but in the light of what was seen then. */
  const here = (answer) => {
    strip();
    return htmx.ajax("POST", answer.action, { source: "#ticket", target: "#pane", swap: "pane", values: Object.fromEntries(answer.told) });
  };
  const elsewhere = async (answer) => {
    const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    const body = new URLSearchParams(answer.told);
    const said = await fetch(answer.action, { method: "POST", body, headers: { "X-CSRFToken": token, "HX-Request": "true" }, redirect: "manual" });
    if (said.ok) { radd.memory.set(`draft.${answer.ticket}.answer`, null); radd.tell(words.sentLater.replace("{n}", answer.ticket)); }
    else radd.tell(words.notSentLater.replace("{n}", answer.ticket));
  };

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt?.id !== "answer-form" || navigator.onLine) return;
    event.preventDefault();
    queue(event.detail.elt, event.detail.requestConfig.triggeringEvent?.submitter);
  });
  /* The line broke while it went: whether it arrived nobody knows, and its key keeps it from going twice. */
  document.addEventListener("htmx:sendError", (event) => {
    const { elt, requestConfig } = event.detail;
    if (elt?.id === "answer-form") { $("#toasts").replaceChildren(); queue(elt, requestConfig.triggeringEvent?.submitter); return; }
    if (elt?.id === "ticket" && requestConfig.parameters?.key) {
      keep({ ticket: open(), action: requestConfig.path, told: Object.entries(requestConfig.parameters) });
      strip();
    }
  });
  addEventListener("online", send);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") send(); });
  radd.dressers.push(strip);
  setInterval(send, 5000);
})();
