/* The open ticket: fresh parts are merged into it, so that scroll, selection, caret and draft stay where they are. */
(() => {
  const { $, $$ } = radd;
  const raw = new WeakMap();
  // Tokens are masked anew in every answer and say nothing about what changed; nor does an open menu.
  const bare = (element) => element.outerHTML.replace(/csrfmiddlewaretoken" value="[^"]*"/g, "")
    .replace(/<details class="r-menu r-fix"[^]*?<\/details>/g, "");
  const keep = (root) => $$("[data-merge], #thread > [id]", root).forEach((part) => raw.set(part, bare(part)));

  const atEnd = (thread) => thread.scrollHeight - thread.scrollTop - thread.clientHeight < 60;
  const toEnd = () => { const thread = $("#thread"); if (thread) thread.scrollTop = thread.scrollHeight; };

  /* A form that is waiting for its answer stays, too: what the answer says to the page finds its way from there. */
  const busy = (part) => Boolean($("details[open], .htmx-request", part))
    || (part.contains(document.activeElement) && radd.typing(document.activeElement));

  const replace = (old, fresh, made) => {
    const held = old.contains(document.activeElement);
    const focus = held ? document.activeElement.id : "";
    raw.set(fresh, bare(fresh));
    old.replaceWith(fresh);
    made.push(fresh);
    if (!held) return;
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    // What had it is no more: it stays in the ticket, never at the page's top.
    if (document.activeElement === document.body) $("#thread")?.focus({ preventScroll: true });
  };

  /* A menu of the head that was opened while an answer was under way stays open: it was not asked for in there. */
  let asker = null;
  const openedSince = (part) => part.id === "ticket-head" && $$(".r-menu[open]", part).some((menu) => !menu.contains(asker) || !asker.checkVisibility());
  document.addEventListener("htmx:beforeSwap", (event) => { asker = event.detail.requestConfig?.elt || null; });

  /* Entries are known by their ids: changed ones are replaced, new ones put in their place. */
  const mergeThread = (fresh, made, live) => {
    const thread = $("#thread");
    const stay = atEnd(thread);
    let after = null;
    let added = false;
    [...fresh.children].filter((entry) => entry.id).forEach((entry) => {
      const old = document.getElementById(entry.id);
      // An open menu stays open: what comes by itself waits for it, and what was done in it brings it along anew.
      const stays = old && (live ? $(".r-menu[open]", old) || raw.get(old) === bare(entry)
        : raw.get(old) === bare(entry) && !$(".r-menu[open]", entry));
      if (stays) { after = old; return; }
      if (old) replace(old, entry, made);
      else {
        raw.set(entry, bare(entry));
        if (after) after.after(entry); else thread.prepend(entry);
        made.push(entry);
        added = true;
        if (live && entry.matches(".r-msg.out")) radd.composer?.overtaken($(".m1 b", entry).textContent.trim());
      }
      after = entry;
    });
    const known = new Set([...fresh.children].map((entry) => entry.id).concat(...made.map((entry) => entry.id)));
    $$(":scope > [id]", thread).filter((entry) => !known.has(entry.id)).forEach((entry) => entry.remove());
    if (stay) toEnd();
    else if (added) newBelow();
    return added;
  };

  const newBelow = () => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.dataset.showBelow = "";
    button.textContent = radd.words.newBelow;
    $("#below").replaceChildren(button);
    radd.say(radd.words.newBelow);
  };

  /* `live`: the news came by itself, so nothing the person is doing may change. */
  radd.merge = (fragment, { live = false } = {}) => {
    const made = [];
    $$("[data-merge]", fragment).forEach((fresh) => {
      const old = document.getElementById(fresh.id);
      if (!old || raw.get(old) === bare(fresh)) return;
      if (live ? fresh.dataset.merge === "verb" || busy(old) : openedSince(old)) return;
      replace(old, fresh, made);
    });
    const thread = $("#thread", fragment);
    const added = thread ? mergeThread(thread, made, live) : false;
    radd.composer?.settle();
    soonSeen();
    return { made, added };
  };

  /* hx-swap="pane": the same ticket is merged, another one takes its place. */
  htmx.defineExtension("pane", {
    isInlineSwap: () => false,
    handleSwap(style, target, fragment) {
      if (style !== "pane") return false;
      const fresh = $("#ticket", fragment);
      if (!fresh) return false;
      if (fresh.dataset.ticket !== $("#ticket")?.dataset.ticket) {
        const held = target.contains(document.activeElement);
        target.replaceChildren(...fragment.children);
        ready();
        if (held) $("#thread")?.focus({ preventScroll: true });
        return [...target.children];
      }
      radd.composer?.refused($("#composer", fragment));
      const { made } = radd.merge(fragment);
      return made;
    },
  });

  /* An answer counts as written in the light of the newest message only once that message was on the screen for a
     moment: a Send pressed as it arrives is refused by the server, not redirected. */
  let timer = 0;
  const soonSeen = () => { clearTimeout(timer); timer = setTimeout(markSeen, 400); };
  const markSeen = () => {
    const thread = $("#thread");
    const seen = $("#seen");
    if (!thread || !seen || document.visibilityState !== "visible") return;
    const last = $$(":scope > .r-msg[id^=m]", thread).pop();
    if (!last || last.getBoundingClientRect().top > thread.getBoundingClientRect().bottom - 24) return;
    seen.value = $("#position").dataset.position;
    document.dispatchEvent(new CustomEvent("radd:seen", { detail: { position: Number(seen.value) } }));
    $("#below").replaceChildren();
  };

  const ready = () => {
    const pane = $("#pane");
    if (!pane || !$("#ticket[data-ticket]")) return;
    keep(pane);
    toEnd();
    const heading = $("#ticket-head h1");
    if (heading) document.title = document.title.replace(/^(.* · )?(?=[^·]+ · [^·]+$)/, `${heading.textContent.trim()} · `);
    $("#thread").addEventListener("scroll", soonSeen, { passive: true });
    radd.composer?.open();
    radd.dress(pane);
    soonSeen();
  };

  /* Ask how the open ticket stands now; quiet, and thrown away if another was opened meanwhile. */
  radd.refreshTicket = async () => {
    const ticket = $("#ticket[data-ticket]");
    if (!ticket) return;
    const answer = await fetch(ticket.dataset.updates + location.search, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return;
    const fragment = document.createElement("template");
    fragment.innerHTML = await answer.text();
    if ($("#ticket", fragment.content)?.dataset.ticket !== $("#ticket")?.dataset.ticket) return;
    const { made } = radd.merge(fragment.content, { live: true });
    made.forEach((part) => { htmx.process(part); radd.dress(part); });
  };

  /* Another ticket, which is here already (ahead.js), takes the pane as if it had just been answered. */
  radd.putTicket = (html) => {
    const told = { target: $("#pane"), requestConfig: { verb: "get" } };
    htmx.trigger("#pane", "htmx:beforeSwap", told);
    htmx.swap("#pane", html, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 }, { eventInfo: told });
  };

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "pane" && event.detail.requestConfig?.verb === "get") ready();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-show-below]")) { toEnd(); soonSeen(); }
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("#ticket .r-menu") && !event.target.open) radd.refreshTicket();
  }, true);
  document.addEventListener("visibilitychange", soonSeen);
  document.addEventListener("DOMContentLoaded", ready);
})();
