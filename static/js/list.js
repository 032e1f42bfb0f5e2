/* The list: opening tickets beside it, walking it by keys, and telling the server what has been seen. */
(() => {
  const { $, $$ } = radd;
  const links = () => $$("#list a.r-row");
  const linkOf = (id) => $(`#t-${id} a.r-row`);
  /* A row knows its ticket by its own id; other links to a ticket say it. */
  const ticketOf = (link) => link.dataset.ticket || link.closest("li").id.slice(2);
  const here = () => document.body.dataset.list + (document.body.dataset.query ? `?${document.body.dataset.query}` : "");

  const current = () => $("#ticket[data-ticket]")?.dataset.ticket;

  const mark = (id) => links().forEach((link) => {
    if (ticketOf(link) === id) {
      link.setAttribute("aria-current", "true");
      link.classList.remove("unread");
    } else link.removeAttribute("aria-current");
  });

  /* One row takes part in the tab order: the focused one, else the open one, else the first. */
  const rove = (to) => {
    const all = links();
    const stop = to || all.find((link) => link.tabIndex === 0 && link.id !== "") || linkOf(current()) || all[0];
    all.forEach((link) => { link.tabIndex = link === stop ? 0 : -1; });
  };

  radd.dressers.push(() => {
    rove();
    if ($("#rail-links")) $$("#rail-links [data-count]").forEach((count) =>
      $$(`[data-count="${count.dataset.count}"]`).forEach((other) => { other.textContent = count.textContent; }));
  });

  /* --- seen: opening a ticket tells by itself; what was fetched ahead (told: 0), and what came while it was open, is
     told when it was on the screen --- */
  const told = new Map();
  document.addEventListener("radd:seen", (event) => {
    const id = current();
    const { position } = event.detail;
    if (!id || !position || told.get(id) >= position) return;
    const first = !told.has(id);
    told.set(id, position);
    linkOf(id)?.classList.remove("unread");
    if (first) return;
    fetch(`/tickets/${id}/seen`, {
      method: "POST", keepalive: true, body: new URLSearchParams({ position }),
      headers: JSON.parse(document.body.getAttribute("hx-headers")),
    }).catch(() => told.delete(id));
  });

  /* --- opening and closing --- */
  /* What is slow to come shows its shape meanwhile; after 150 ms; what stood there stays beneath. */
  let asked = "";
  const bone = () => {
    const box = document.createElement("div");
    box.className = "r-sk-ticket";
    box.setAttribute("aria-hidden", "true");
    box.append(...Array.from({ length: 7 }, () => Object.assign(document.createElement("span"), { className: "r-sk" })));
    return box;
  };
  const show = async (id, href) => {
    htmx.trigger("#pane", "htmx:abort");
    asked = href;
    const shape = bone();
    const waiting = setTimeout(() => $("#pane").append(shape), 150);
    try {
      const html = await radd.ahead.take(href);
      if (asked !== href) return;
      if (html) {
        told.set(id, 0);
        radd.putTicket(html);
      } else await htmx.ajax("GET", href, { source: "#pane", target: "#pane", swap: "innerHTML" });
    } finally {
      clearTimeout(waiting);
      shape.remove();
    }
  };
  /* Whoever walks down the list goes on down, and a ticket that is done with is followed by the next. */
  let way = 1;
  const lookAhead = () => {
    const all = links();
    const at = all.indexOf(linkOf(current()));
    const next = at < 0 ? null : all[at + way] || all[at - way];
    radd.ahead.soon(next ? ticketOf(next) : "", next?.getAttribute("href"));
  };
  const tidy = (keep) => $$("#list [data-gone]").forEach((row) => row.contains(keep) || row.remove());

  radd.openTicket = async (id, href, { push = true, focus = true } = {}) => {
    mark(id);
    tidy(null);
    if (push) history.pushState({ radd: true }, "", href);
    document.body.dataset.pane = "ticket";
    await show(id, href);
    if (asked !== href) return;
    lookAhead();
    if (focus && $("#thread")) $("#thread").focus({ preventScroll: true });
  };

  radd.backToList = ({ push = true } = {}) => {
    const row = linkOf(current());
    if (radd.narrow()) {
      document.body.dataset.pane = "list";
      if (push) history.pushState({ radd: true }, "", here());
    }
    (row || links()[0])?.focus();
  };

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("#list li[id^=t-] a.r-row, #list a[data-ticket]");
    if (link) {
      event.preventDefault();
      radd.openTicket(ticketOf(link), link.getAttribute("href"));
    } else if (event.target.closest("[data-back]")) {
      event.preventDefault();
      radd.backToList();
    } else if (event.target.closest("[data-show-new]")) radd.showNew();
  });

  /* Back and forward change the pane only: the list keeps its rows and its scroll place. */
  addEventListener("popstate", () => {
    const list = document.body.dataset.list;
    if (!list || !location.pathname.startsWith(list)) return location.reload();
    const id = location.pathname.slice(list.length).replace(/\/$/, "");
    if (id) return radd.openTicket(id, location.pathname + location.search, { push: false });
    return radd.narrow() ? radd.backToList({ push: false }) : mark("");
  });

  /* A ticket was done with: on to the next one of the list, else the one before it; the last one stays open. What was
     undone is open again. Both are heard before the pane is swapped. */
  document.addEventListener("radd:left", (event) => {
    const all = links();
    const at = all.indexOf(linkOf(String(event.detail.ticket)));
    const to = at < 0 ? all[0] : all[at + 1] || all[at - 1];
    if (to) setTimeout(() => radd.openTicket(ticketOf(to), to.getAttribute("href")), 0);
  });
  document.addEventListener("radd:opened", (event) => {
    const id = String(event.detail.ticket);
    const query = document.body.dataset.query;
    if (current() !== id) history.pushState({ radd: true }, "", `${document.body.dataset.list}${id}/${query ? `?${query}` : ""}`);
    document.body.dataset.pane = "ticket";
    setTimeout(() => { mark(id); $("#thread")?.focus({ preventScroll: true }); }, 0);
  });

  /* --- walking --- */
  radd.walk = (step) => {
    const all = links();
    // Where nothing has the focus, the open ticket is what is in hand.
    const inTicket = $("#pane").contains(document.activeElement) || (document.activeElement === document.body && Boolean(current()));
    const from = inTicket ? linkOf(current()) : document.activeElement.closest("#list a.r-row") || linkOf(current());
    const to = all[from ? all.indexOf(from) + step : 0];
    if (!to) return;
    way = step;
    rove(to);
    to.scrollIntoView({ block: "nearest" });
    if (inTicket) radd.openTicket(ticketOf(to), to.getAttribute("href"));
    else to.focus();
  };
  document.addEventListener("focusin", (event) => {
    const link = event.target.closest("#list a.r-row");
    if (link) { rove(link); tidy(link); }
  });

  /* --- what is new --- */
  radd.showNew = async ({ quiet = false } = {}) => {
    await htmx.ajax("GET", here() + (here().includes("?") ? "&" : "?") + "part=list",
      { source: "#pane", target: "#listpane", swap: "outerHTML" });
    radd.live?.forgetNews();
    const open = linkOf(current());
    if (open) open.setAttribute("aria-current", "true");
    $("#list").scrollTop = 0;
    if (!quiet) links()[0]?.focus();
  };

  /* A replaced row keeps the focus; one that left gives it to the next row, never to the page's top. */
  let focused = null;
  const heights = new Map();
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const row = document.activeElement?.closest?.("#list li");
    focused = row && event.target.id === row.id ? row.id : focused;
    if (event.target.matches("#list li")) heights.set(event.target.id, event.target.getBoundingClientRect().height);
  });
  document.addEventListener("htmx:oobAfterSwap", () => {
    // What left keeps its place, so that nothing moves under the pointer, until the person moves on.
    heights.forEach((height, id) => {
      const line = $(`#${id}[data-gone] .r-row`);
      if (line) line.style.minBlockSize = `${height}px`;
    });
    heights.clear();
    if (!focused || document.activeElement !== document.body) return;
    const row = document.getElementById(focused);
    (row?.querySelector("a.r-row") || row?.nextElementSibling?.querySelector("a.r-row") || links()[0])?.focus({ preventScroll: true });
    focused = null;
  });
  /* On phones the list's own name opens the way to the other lists: what the rail holds, which is not seen there. */
  document.addEventListener("toggle", (event) => {
    const box = event.target.open && $("[data-lists]", event.target);
    if (box && $("#rail-links")) box.innerHTML = $("#rail-links").innerHTML;
  }, true);
  /* --- density: at once, and kept with the person --- */
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-density-form]")) return;
    event.preventDefault();
    const data = new FormData(event.target, event.submitter);
    document.body.dataset.density = data.get("density");
    $$("button", event.target).forEach((button) => button.setAttribute("aria-pressed", button === event.submitter));
    fetch(event.target.action, { method: "POST", body: data, redirect: "manual" });
  });

  document.addEventListener("DOMContentLoaded", () => {
    if (current()) mark(current());
    lookAhead();
    linkOf(current())?.scrollIntoView({ block: "nearest" });
    // Whoever comes to a ticket (by "take the next right one", by a link) has it in hand.
    if (document.activeElement === document.body) $("#thread")?.focus({ preventScroll: true });
  });
})();
