/* Keys. What each does stands here by its code; which key does it, and its words, come with the page (tickets/keys.py),
   and a person may have changed them. The letter counts; under another layout (Arabic) the place of the key does. */
(() => {
  const { $, $$ } = radd;
  const read = (id) => { const script = document.getElementById(id); return script ? JSON.parse(script.textContent) : null; };
  const places = { Period: ".", Slash: "/", BracketRight: "]", BracketLeft: "[", Minus: "-", Equal: "=", Comma: ",", Semicolon: ";", Quote: "'" };
  let prefix = "";
  let timer = 0;

  const keyOf = (event) => {
    if (/^[\x20-\x7e]$/.test(event.key) || event.key.length > 1) return event.key;
    const { code } = event;
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(code);
    if (digit) return event.shiftKey && digit[1] === "1" ? "!" : digit[1];
    const letter = code.startsWith("Key") ? code.slice(3).toLowerCase() : places[code] || event.key;
    if (event.shiftKey && letter === "/") return "?";
    return event.shiftKey ? letter.toUpperCase() : letter;
  };

  const press = (selector) => { const target = $(selector); target?.click(); return Boolean(target); };
  const go = (keys) => { const link = $(`a[data-key="${keys}"]`); if (link) location.assign(link.href); return Boolean(link); };

  /* Its first button, or the one that is on, gets the focus: at once, or when it has come. */
  const openMenu = (menu) => {
    if (!menu) return false;
    menu.open = true;
    const first = "input:not([type=hidden]), select, button, .r-menu-box a";
    const focus = () => ($("[aria-pressed=true], [aria-current=true]", menu) || $(first, menu))?.focus();
    focus();
    menu.addEventListener("htmx:afterSettle", focus, { once: true });
    return true;
  };
  /* The reading of the message in hand, else of the newest. */
  const correct = () => {
    const message = document.activeElement?.closest(".r-msg");
    return openMenu((message && $(".r-fix", message)) || $$("#thread .r-fix").pop());
  };
  const unassign = () => { $("#unassign")?.requestSubmit(); return Boolean($("#unassign")); };
  const news = () => {
    const below = $("[data-show-below]");
    if (below) below.click();
    else if ($("[data-show-new]")) radd.showNew();
    return true;
  };
  /* The question of this page, else the page of search. */
  const toSearch = () => {
    if (!$("#q")) return go("/");
    $("#q").focus();
    $("#q").select();
    return true;
  };
  const inList = (event) => Boolean(event.target.closest("#list"));
  const leave = () => {
    if (!$("#pane")?.contains(document.activeElement)) return false;
    if (radd.typing(document.activeElement)) $("#thread")?.focus({ preventScroll: true });
    else radd.backToList?.();
    return true;
  };
  const act = (name) => () => Boolean(radd.act?.(name));
  const step = (by) => (event) => (radd.bulk?.extends(event) ? true : radd.walk?.(by));

  const does = {
    next: step(1), previous: step(-1),
    bulk: () => { const choice = $("#bulk:not([hidden]) #bulk-do"); choice?.focus(); return Boolean(choice); },
    check: () => Boolean(radd.bulk?.toggle()), check_down: () => Boolean(radd.bulk?.extend(1)), check_up: () => Boolean(radd.bulk?.extend(-1)),
    news, next_right: () => press("#take-next"),
    filter: () => openMenu($("#filters")), order: () => openMenu($("#orders")), rows: () => openMenu($("#list-menu")),
    take: () => press("#do-take"), assign: () => openMenu($("#assign")), unassign, resolve: () => press("#do-end"),
    no_answer: act("no-answer"), snooze: act("snooze"), tags: act("tags"), merge: act("merge"), split: act("split"),
    link: act("link"), incident: act("incident"), spam: () => press("#do-spam"), undo: () => Boolean(radd.undo?.()),
    answer: () => (radd.composer?.choose("answer"), true), note: () => (radd.composer?.choose("note"), true),
    correct, platform: () => press("#do-open"), panel: () => (radd.togglePanel(), true),
    customer: () => press("#do-customer"), translate: () => Boolean(radd.translate?.()),
    search: toSearch, help: () => (openSheet(), true), tour: () => (radd.tour?.(), true), leave: () => radd.closeMenu() || leave(),
  };
  [1, 2, 3, 4].forEach((to) => { does[`priority_${to}`] = () => press(`#do-priority-${to}`); });

  /* --- which key does it --- */
  const list = read("keys-list") || [];
  const own = read("my-keys") || {};
  const keyFor = (known) => own.map?.[known.code] || known.key;
  const bound = new Map(list.map((known) => [keyFor(known), known.code]));
  const arrows = { ArrowDown: (event) => inList(event) && (radd.walk(1), true), ArrowUp: (event) => inList(event) && (radd.walk(-1), true) };
  const shown = (key) => (/^[A-Z]$/.test(key) ? `⇧${key}` : key);
  const run = (code, event = { target: document.activeElement }) => does[code]?.(event);

  radd.keys = {
    run,
    shown,
    /* The key of an event by its letter, or by its place. */
    of: keyOf,
  };
  /* As if this key were pressed, for those who choose it by name: the name is that of the sheet. */
  radd.press = (name) => {
    const plain = name.replace(/^⇧(.)$/, (_all, letter) => letter.toUpperCase());
    if (radd.pageKeys?.[plain]) return radd.pageKeys[plain]({ target: document.activeElement });
    const known = list.find((other) => other.key === plain);
    return known ? run(known.code) : false;
  };

  /* The sheet and the hints beside buttons say this person's keys. */
  const openSheet = () => {
    $("#keys-off").hidden = !own.off;
    $("#keys").showModal();
  };
  const relabel = (root) => Object.entries(own.map || {}).forEach(([code, key]) => {
    $$(`[data-code="${code}"] kbd, kbd[data-code="${code}"]`, root).forEach((mark) => { mark.textContent = shown(key); });
  });
  const dressKeys = (root) => {
    if (own.off) $$("kbd", root).forEach((mark) => { if (mark.textContent.trim().length <= 2 && !mark.closest("#keys")) mark.hidden = true; });
    relabel(root);
    $$("[data-key]", root).forEach((link) => link.setAttribute("aria-keyshortcuts", link.dataset.key));
  };
  radd.dressers.push(() => dressKeys(document));

  /* Long words are kept as an answer is sent, where their form has one button alone. */
  document.addEventListener("keydown", (event) => {
    const { form } = event.target;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("textarea") || !form || form.closest("#composer")) return;
    const buttons = $$("button:not([type=button]), input[type=submit]", form);
    if (buttons.length !== 1) return;
    event.preventDefault();
    form.requestSubmit(buttons[0]);
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    if (radd.typing(event.target) && event.key !== "Escape") return;
    const key = keyOf(event);
    clearTimeout(timer);
    const keys = prefix + key;
    prefix = "";
    if (own.off && key.length === 1) return;
    if (keys.length > 1 && keys.startsWith("g ") && go(keys)) { event.preventDefault(); return; }
    if (key === "g") {
      prefix = "g ";
      timer = setTimeout(() => { prefix = ""; }, 1200);
      return;
    }
    // A page may have keys of its own, which come before these.
    const code = bound.get(key);
    const action = radd.pageKeys?.[key] || arrows[key] || (code && does[code]);
    if (action && action(event) !== false) event.preventDefault();
  });
})();
