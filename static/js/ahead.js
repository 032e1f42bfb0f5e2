/* The ticket that is likely to be wanted next is fetched while the one in hand is read, so that it is there at the press
   of a key. What was fetched ahead counts as seen only once it is shown, is used once, and is thrown away when it is
   heard to have changed; without the live stream, by which that is heard, nothing is fetched ahead. */
(() => {
  const READING = 100;
  const GOOD_FOR = 300000;
  const HEADERS = { "HX-Request": "true", "Radd-Ahead": "true" };
  let wanted = null;
  let held = null;
  let timer = 0;

  const may = () => radd.live?.state() === "live" && document.visibilityState === "visible" && !navigator.connection?.saveData;
  const drop = () => { held?.stop.abort(); held = null; };
  const holds = (href) => held?.href === href && Date.now() - held.at < GOOD_FOR;

  const fetchAhead = () => {
    if (!wanted || holds(wanted.href)) return;
    drop();
    if (!may()) return;
    const stop = new AbortController();
    const html = fetch(wanted.href, { headers: HEADERS, signal: stop.signal, redirect: "error" })
      .then((answer) => (answer.status === 200 ? answer.text() : ""))
      .catch(() => "");
    held = { ...wanted, html, stop, at: Date.now() };
  };

  radd.ahead = {
    /* The ticket at this address, if it was fetched ahead and nothing was heard of it since; else the empty string. */
    async take(href) {
      clearTimeout(timer);
      if (!holds(href)) { drop(); return ""; }
      const mine = held;
      const html = await mine.html;
      // It may have changed, or another ticket may have been asked for, while its answer was on the way.
      if (held !== mine) return "";
      held = null;
      return html;
    },
    /* Somebody begins to read a ticket: this one is likely to be next. */
    soon(id, href) {
      wanted = href ? { id, href } : null;
      clearTimeout(timer);
      timer = setTimeout(fetchAhead, READING);
    },
  };

  document.addEventListener("radd:changed", ({ detail }) => {
    if (held && (!detail.length || detail.some((change) => String(change.ticket) === held.id))) drop();
  });
  document.addEventListener("radd:standing", ({ detail }) => { if (detail === "live") radd.ahead.soon(wanted?.id, wanted?.href); else drop(); });
  /* Between the press of a mouse button and its release lies a tenth of a second. A finger that goes down may scroll. */
  document.addEventListener("pointerdown", (event) => {
    const link = event.pointerType !== "mouse" || event.button ? null : event.target.closest?.("#list li[id^=t-] a.r-row");
    if (!link || link.getAttribute("aria-current")) return;
    wanted = { id: link.closest("li").id.slice(2), href: link.getAttribute("href") };
    fetchAhead();
  }, { passive: true });
})();
