/* The tour of one minute (tickets/tour.py): a card beside the real thing, which a ring shows. It is a modal dialog, so the
   focus stays in it and comes back afterwards; Esc ends it; Enter and the arrows go on and back, also over pages. */
(() => {
  const { $, $$ } = radd;
  const PLACE = "tour-step";
  const GAP = 12;
  const EDGE = 8;
  let steps = [];
  let at = -1;
  let timer = 0;
  let without = false;

  /* Where it stands while one page is left for another: of this tab alone. */
  const kept = {
    get() { try { return sessionStorage.getItem(PLACE); } catch { return null; } },
    set(step) { try { if (step === null) sessionStorage.removeItem(PLACE); else sessionStorage.setItem(PLACE, step); } catch { /* it ends here */ } },
  };
  const rtl = () => document.documentElement.dir === "rtl";
  const touch = () => radd.narrow() || matchMedia("(pointer: coarse)").matches;
  const box = () => $("#tour");
  const seen = (element) => Boolean(element.getClientRects().length) && getComputedStyle(element).visibility !== "hidden";
  const target = (step) => step.at.split(", ").flatMap((selector) => $$(selector)).find(seen);

  /* Words with keys between ⟦ and ⟧. */
  const say = (place, words) => place.replaceChildren(...words.split(/(⟦[^⟧]*⟧)/).map((part) => {
    if (!part.startsWith("⟦")) return part;
    const key = document.createElement("kbd");
    key.textContent = part.slice(1, -1);
    return key;
  }));

  /* From the start side of the page by transform, so that one sum serves both directions. */
  const put = (element, rect) => {
    element.style.inlineSize = rect.inline ? `${rect.inline}px` : "";
    element.style.blockSize = rect.block ? `${rect.block}px` : "";
    const wide = rect.inline || element.offsetWidth;
    element.style.translate = `${Math.round(rtl() ? rect.x + wide - innerWidth : rect.x)}px ${Math.round(rect.y)}px`;
  };
  const between = (low, value, high) => Math.max(low, Math.min(value, high));
  const place = () => {
    const thing = at >= 0 && box()?.open && target(steps[at]);
    if (!thing) return;
    const card = $(".r-tour-card", box());
    const { left: from, right: to, top, bottom } = thing.getBoundingClientRect();
    const x = Math.max(from - 4, 2);
    const y = Math.max(top - 4, 2);
    put($(".r-tour-ring", box()), { x, y, inline: Math.min(to + 4, innerWidth - 2) - x, block: Math.min(bottom + 4, innerHeight - 2) - y });
    const wide = card.offsetWidth;
    const high = card.offsetHeight;
    const level = between(EDGE, top, innerHeight - high - EDGE);
    const across = between(EDGE, rtl() ? to - wide : from, innerWidth - wide - EDGE);
    const sides = [[to + GAP, level], [from - GAP - wide, level]];
    if (rtl()) sides.reverse();
    const free = ([left, up]) => left >= EDGE && left + wide <= innerWidth - EDGE && up >= EDGE && up + high <= innerHeight - EDGE;
    const spots = [...sides, [across, bottom + GAP], [across, top - GAP - high]];
    // Where it fits nowhere beside, it lies over the far end of the thing.
    const low = top + bottom > innerHeight && top > high + EDGE;
    const spot = spots.find(free) || [(innerWidth - wide) / 2, low ? EDGE : innerHeight - high - EDGE];
    put(card, { x: spot[0], y: spot[1] });
  };

  /* What a step needs is brought about on the real page. False where that cannot be. */
  const ready = async (step) => {
    if (step.holds === "ticket") {
      const first = $("#list li[id^=t-] a.r-row");
      if (!$("#ticket[data-ticket]")) {
        if (!first) return false;
        await radd.openTicket(first.closest("li").id.slice(2), first.getAttribute("href"));
      } else if (radd.narrow()) document.body.dataset.pane = "ticket";
    } else if (step.holds === "list" && radd.narrow() && document.body.dataset.pane === "ticket") radd.backToList?.();
    const thing = target(step);
    thing?.scrollIntoView({ block: "nearest" });
    return Boolean(thing);
  };
  const here = (step) => !step.page || location.pathname === step.page
    || (step.page.startsWith("/inbox/") && location.pathname.startsWith("/inbox/"));

  const show = async (to, by) => {
    if (to < 0) return;
    if (to >= steps.length) { box().close(); return; }
    const step = steps[to];
    if (!here(step)) {
      kept.set(`${to} ${without ? "bare" : ""}`);
      location.assign(step.page);
      return;
    }
    if (!(await ready(step))) { show(to + by, by); return; }
    at = to;
    if (!box().open) box().showModal();
    const last = at === steps.length - 1;
    $("#tour-place").textContent = $("#tour-place").dataset.words.replace("{n}", at + 1).replace("{all}", steps.length);
    $("#tour-title").textContent = step.title;
    say($("#tour-words"), touch() ? step.touch : step.words);
    $("[data-tour-back]", box()).hidden = at === 0;
    $("[data-more]", box()).hidden = last;
    $("[data-last]", box()).hidden = !last;
    const goes = $("[data-tour-goes]", box());
    if (goes) goes.hidden = !last;
    $("[data-tour-next]", box()).focus();
    place();
  };
  const move = (by) => show(at + by, by);

  const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}");
  const had = () => {
    $$("[data-tour-offer]").forEach((offer) => offer.remove());
    fetch(box()?.dataset.had || "/tour/had", { method: "POST", headers: { ...token(), "HX-Request": "true" }, keepalive: true }).catch(() => {});
  };
  const end = () => {
    clearInterval(timer);
    kept.set(null);
    at = -1;
    // The dialog gives the focus back to what had it, which may be gone, or go with the next news of the list.
    ($("#thread") || $("#main"))?.focus({ preventScroll: true });
  };

  /* Without a ticket in the list there is none to show; the steps are counted without those. */
  const shown = (all, bare) => (bare ? all.filter((step) => step.holds !== "ticket" && !step.at.startsWith("#list ")) : all);

  const begin = async (from = 0, bare = Boolean(document.body.dataset.list) && !$("#list a.r-row")) => {
    if ($("dialog[open]")) return;
    kept.set(null);
    if (!box()) {
      const answer = await fetch("/tour/", { cache: "no-store" }).catch(() => null);
      if (!answer?.ok || answer.redirected) { radd.tell(radd.words.failed); return; }
      document.body.insertAdjacentHTML("beforeend", await answer.text());
      box().addEventListener("close", end);
    }
    without = bare;
    steps = shown(JSON.parse($("#tour-steps").textContent), bare);
    if (!from) had();
    await show(from, 1);
    clearInterval(timer);
    // News may move what is shown.
    timer = setInterval(place, 400);
  };
  radd.tour = () => begin();

  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-tour]");
    if (asked) {
      asked.closest("dialog")?.close();
      radd.closeMenu();
      begin();
    } else if (event.target.closest("[data-tour-next]")) move(1);
    else if (event.target.closest("[data-tour-back]")) move(-1);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-tour-no]")) return;
    event.preventDefault();
    had();
    ($("#list a.r-row[tabindex='0']") || $("#main"))?.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (!box()?.open || !box().contains(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const on = rtl() ? "ArrowLeft" : "ArrowRight";
    const by = { [on]: 1, ArrowDown: 1, [on === "ArrowLeft" ? "ArrowRight" : "ArrowLeft"]: -1, ArrowUp: -1 }[event.key];
    const enter = event.key === "Enter" && !event.target.closest("button, a");
    if (!by && !enter) return;
    event.preventDefault();
    move(by || 1);
  });
  addEventListener("resize", place);
  document.addEventListener("DOMContentLoaded", () => {
    const from = kept.get();
    if (from !== null) begin(Number.parseInt(from, 10), from.endsWith("bare"));
  });
})();
