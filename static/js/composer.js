/* The answer box: two boxes with a draft each (a note must never end up in public), keys to send, drafts kept here. */
(() => {
  const { $, $$ } = radd;
  const boxes = () => [$("#answer"), $("#note")].filter(Boolean);
  const key = (box) => `draft.${$("#ticket").dataset.ticket}.${box.id}`;

  const sendable = () => {
    const send = $("#send");
    if (!send) return;
    // A picture on its way up would be missing (pictures.js).
    const empty = !$("#answer").value.trim() || Boolean($("#cannot").firstElementChild)
      || $("#answer-form").dataset.uploading === "on"
      // Policy lets nobody send it (composer_guard.js), or another answer waits for a second person.
      || radd.guardStops?.() || Boolean($("#waits .r-waits:not(.back)"));
    send.disabled = empty;
    $("#send-resolve").disabled = empty;
    $$("#send-later, [data-sends]").forEach((button) => { button.disabled = empty; });
    $("#save-note").disabled = !$("#note").value.trim();
  };
  const kept = (on) => { const mark = $("#draft-kept"); if (mark) mark.hidden = !on; };

  /* Spelling is checked in the language that is written: the customer's, unless the letters are of another script. */
  const ARABIC = /^(ar|fa|ur|ps|ckb)\b/;
  const count = (words, letters) => (words.match(letters) || []).length;
  const speaks = (box) => {
    box.dataset.theirs ??= box.lang || document.documentElement.lang;
    const theirs = box.dataset.theirs;
    const arabic = count(box.value, /\p{Script=Arabic}/gu) - count(box.value, /\p{Script=Latin}/gu);
    const lang = arabic > 0 && !ARABIC.test(theirs) ? "ar" : arabic < 0 && ARABIC.test(theirs) ? "en" : theirs;
    if (box.lang !== lang) box.lang = lang;
  };

  /* Words meant for one person are never kept without saying so: who comes back to them would send them to everybody. */
  const keepPrivate = () => radd.memory.set(`${key($("#answer"))}.private`, $("#answer").value && $("#private").value);

  const keepDraft = (box) => {
    radd.memory.set(key(box), box.value);
    if (box.id === "answer" && !box.value) $("#refused [data-overtaken]")?.remove();
    if (box.id === "answer") keepPrivate();
    radd.memory.set(`${key(box)}.at`, box.value && String(Math.trunc(Date.now() / 1000)));
    kept(Boolean(box.value));
    speaks(box);
    sendable();
  };

  const choose = (tab, { focus = true } = {}) => {
    const composer = $("#composer");
    if (!composer) return;
    composer.dataset.tab = tab;
    composer.classList.toggle("note", tab === "note");
    $$("[data-for]", composer).forEach((part) => { part.hidden = part.dataset.for !== tab; });
    $$("[data-tab]", composer).forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.tab === tab)));
    // Public and private are one box: what it says is the same, who sees it is not.
    const to = $("#private")?.value || "0";
    $$("[data-private]", composer).forEach((button) => button.setAttribute("aria-pressed", String(tab === "answer" && button.dataset.private === to)));
    const box = $(tab === "note" ? "#note" : "#answer");
    kept(Boolean(box.value));
    // Where nothing can be sent from here, one says where it was answered.
    if (focus) (box.disabled ? $("#outside-link") : box)?.focus();
  };

  const empty = (box) => {
    box.value = "";
    keepDraft(box);
    if (box.id === "answer") htmx.trigger(box, "radd:count");
  };

  // A macro's words come behind what stands there already.
  let append = false;
  document.addEventListener("radd:macro", () => { append = true; });

  radd.composer = {
    choose,
    sendable,
    /* A ticket was opened: its drafts return. */
    open() {
      boxes().forEach((box) => {
        // The server's draft came with the page; words written here since, without a connection, are newer.
        const mine = radd.memory.get(key(box)) || "";
        const newer = Number(radd.memory.get(`${key(box)}.at`) || 0) > Number(box.dataset.kept || 0);
        if (mine && (!box.value || newer)) box.value = mine;
        speaks(box);
      });
      const words = $("#answer")?.value;
      if (words && $("#go-private") && radd.memory.get(`${key($("#answer"))}.private`)) $("#private").value = "1";
      if (words) htmx.trigger("#answer", "radd:count");
      choose($("#composer").dataset.tab, { focus: false });
      sendable();
    },
    /* After a merge: the reason why nothing can be sent may have come or gone. */
    settle() {
      const box = $("#answer");
      if (!box) return;
      const shut = Boolean($("#cannot").firstElementChild);
      box.hidden = box.disabled = shut && !$("#open-there");
      $(".c2", $("#answer-form")).hidden = shut;
      sendable();
    },
    /* Somebody else answered while one writes: said where one looks, so that the customer is not told twice. */
    overtaken(name) {
      if (!$("#answer")?.value.trim()) return;
      const strip = document.createElement("div");
      strip.className = "r-moved wait";
      strip.dataset.overtaken = "";
      strip.textContent = radd.words.overtaken.replace("{name}", name);
      $("#refused").replaceChildren(strip);
      radd.warn(strip.textContent);
    },
    /* Words that come back (an undone sending) fill an empty box. */
    refused(fresh) {
      const box = $("#answer");
      const words = $("#answer", fresh)?.value;
      const after = append && box?.value ? `${box.value.trimEnd()}\n\n` : "";
      append = false;
      if (!box || !words || (box.value && !after)) return;
      box.value = after + words;
      // As private as they were: the segment says it.
      if ($("#private", fresh)?.value) { $("#private").value = "1"; choose("answer", { focus: false }); }
      keepDraft(box);
      htmx.trigger(box, "radd:count");
    },
  };

  document.addEventListener("input", (event) => { if (boxes().includes(event.target)) keepDraft(event.target); });
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tab]");
    if (!tab || !tab.closest("#composer") || tab.id === "composer") return;
    const other = tab.dataset.private !== undefined && (tab.dataset.private === "1") !== ($("#private").value === "1");
    if (other) {
      $("#private").value = tab.dataset.private === "1" ? "1" : "";
      // Kept as words are, here and on the server.
      if ($("#answer").value) $("#answer").dispatchEvent(new Event("input", { bubbles: true }));
    }
    choose(tab.dataset.tab);
    if (other) htmx.trigger("#answer", "radd:count");
  });
  /* A key that sends nothing says why: one would type on in the belief that it went out. */
  const whyNot = (box) => {
    if (box.id === "note") return radd.words.emptyNote;
    if (!box.value.trim()) return radd.words.emptyAnswer;
    if ($("#answer-form").dataset.uploading === "on") return radd.words.pictureComes;
    const told = $("#cannot").firstElementChild || $("#guard [data-level=stop] span") || $("#waits .r-waits:not(.back) p");
    return told?.textContent.trim() || radd.words.failed;
  };
  /* Alt: when it goes out, and with Shift how long the ticket rests after it; Esc comes back to the words. */
  const later = (rests) => {
    const stop = $(rests ? "#later [name=snooze]" : "#later [data-later]");
    if (stop.disabled) { radd.tell(whyNot($("#answer"))); return; }
    $("#later").open = true;
    stop.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.altKey || event.ctrlKey || event.metaKey || event.target.id !== "answer") return;
    event.preventDefault();
    later(event.shiftKey);
  });
  document.addEventListener("keydown", (event) => {
    // From a picture's description, too.
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !(boxes().includes(event.target) || event.target.closest("#pictures"))) return;
    event.preventDefault();
    const button = event.target.id === "note" ? $("#save-note") : event.shiftKey ? $("#send-resolve") : $("#send");
    // Pressed, not only submitted: htmx tells of a button's name only if it saw it pressed.
    if (!button.disabled) button.click();
    else if (!$(".htmx-request", $("#composer"))) radd.tell(whyNot(event.target.id === "note" ? event.target : $("#answer")));
  });

  /* Where the platform lets nobody answer through us: the words go along by the clipboard. */
  const copied = (text) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text).then(() => true, () => false);
    $("#answer").select();
    return Promise.resolve(document.execCommand("copy"));
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-copy]");
    const text = link && $(link.dataset.copy)?.value.trim();
    if (text) copied(text).then((done) => radd.tell(done ? radd.words.copied : radd.words.notCopied));
  });

  /* The list of parts stays open while one writes. */
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const list = $("#split-parts");
    const fresh = event.detail.fragment?.querySelector?.("#split-parts");
    if (list?.open && fresh) fresh.open = true;
  });

  /* htmx announces these before it swaps; the box is emptied only when the server has taken the words. */
  document.addEventListener("radd:stays-open", () => radd.tell(radd.words.staysOpen));
  document.addEventListener("radd:asked", () => { empty($("#answer")); radd.tell(radd.words.asked); $("#thread").focus({ preventScroll: true }); });
  // The next answer is public again until somebody says otherwise.
  ["radd:sent", "radd:asked"].forEach((name) => document.addEventListener(name, () => {
    $("#private").value = $("#at").value = "";
    $("#later").open = false;
    choose("answer", { focus: false });
  }));
  // Sending is the last deed now: what an older one offers to undo goes.
  document.addEventListener("radd:sent", () => $$("#toasts .r-toast:has([data-undo])").forEach((toast) => toast.remove()));
  document.addEventListener("radd:sent", () => { empty($("#answer")); if ($("#outside-link")) $("#outside-link").value = ""; $("#thread").focus({ preventScroll: true }); });
  // Taken back to be mended: where there is a keyboard, in hand. Heard before the words are in the box.
  document.addEventListener("radd:taken-back", () => setTimeout(() => {
    const box = $("#answer");
    if (!box || radd.narrow() || box.disabled) return;
    choose("answer");
    box.setSelectionRange(box.value.length, box.value.length);
  }, 0));
  document.addEventListener("radd:noted", () => { empty($("#note")); choose("answer", { focus: false }); $("#thread").focus({ preventScroll: true }); });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id !== "answer-form") return;
    $("#send").disabled = $("#send-resolve").disabled = true;
    // Why it could not go before is said of other words.
    $$("#toasts .r-toast:not(:has([data-undo]))").forEach((toast) => toast.remove());
  });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.target.id === "answer-form") sendable(); });
})();
