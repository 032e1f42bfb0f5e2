/* Keys. The letter counts; under another layout (Arabic) the place of the key on the keyboard does. */
(() => {
  const { $, $$ } = radd;
  const places = { Period: ".", Slash: "/", BracketRight: "]", BracketLeft: "[" };
  let prefix = "";
  let timer = 0;

  const keyOf = (event) => {
    if (/^[\x20-\x7e]$/.test(event.key) || event.key.length > 1) return event.key;
    const letter = event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : places[event.code] || event.key;
    if (event.shiftKey && letter === "/") return "?";
    return event.shiftKey ? letter.toUpperCase() : letter;
  };

  const press = (selector) => { const target = $(selector); target?.click(); return Boolean(target); };
  const go = (keys) => { const link = $(`a[data-key="${keys}"]`); if (link) location.assign(link.href); return Boolean(link); };

  /* Its first button, or the one that is on, gets the focus: at once, or when it has come. */
  const openMenu = (menu) => {
    if (!menu) return false;
    menu.open = true;
    const focus = () => ($("[aria-pressed=true]", menu) || $("button", menu))?.focus();
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

  const actions = {
    j: () => radd.walk?.(1), k: () => radd.walk?.(-1),
    ArrowDown: (event) => inList(event) && (radd.walk(1), true), ArrowUp: (event) => inList(event) && (radd.walk(-1), true),
    r: () => (radd.composer?.choose("answer"), true), n: () => (radd.composer?.choose("note"), true),
    i: () => press("#do-take"), e: () => press("#do-end"), o: () => press("#do-open"),
    a: () => openMenu($("#assign")), c: correct, A: unassign, ".": news, "]": () => (radd.togglePanel(), true),
    "/": () => toSearch(),
    "?": () => ($("#keys").showModal(), true),
    Escape: () => radd.closeMenu() || leave(),
  };
  /* The question of this page, else the page of search. */
  const toSearch = () => {
    if (!$("#q")) return go("/");
    $("#q").focus();
    $("#q").select();
    return true;
  };
  /* As if this key were pressed, for those who choose it by name. */
  radd.press = (key) => {
    const plain = key.replace(/^⇧(.)$/, (_all, letter) => letter.toUpperCase());
    return (radd.pageKeys?.[plain] || actions[plain])?.({ target: document.activeElement });
  };
  const inList = (event) => Boolean(event.target.closest("#list"));
  const leave = () => {
    if (!$("#pane")?.contains(document.activeElement)) return false;
    if (radd.typing(document.activeElement)) $("#thread")?.focus({ preventScroll: true });
    else radd.backToList?.();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    if (radd.typing(event.target) && event.key !== "Escape") return;
    const key = keyOf(event);
    clearTimeout(timer);
    const keys = prefix + key;
    prefix = "";
    if (keys.length > 1 && keys.startsWith("g ") && go(keys)) return event.preventDefault();
    if (key === "g") {
      prefix = "g ";
      timer = setTimeout(() => { prefix = ""; }, 1200);
      return undefined;
    }
    // A page may have keys of its own, which come before these.
    const action = radd.pageKeys?.[key] || actions[key];
    if (action?.(event) !== false && action) event.preventDefault();
    return undefined;
  });
  radd.dressers.push(() => $$("[data-key]").forEach((link) => link.setAttribute("aria-keyshortcuts", link.dataset.key)));
})();
