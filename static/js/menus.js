/* Menus are <details>: one open at a time, closed by Esc and by a click elsewhere. Toasts go after eight seconds; what
   they offered to undo can be undone by its key all the same. */
(() => {
  const { $, $$ } = radd;
  const open = () => $$("details.r-menu[open]");

  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("details.r-menu") || !event.target.open) return;
    open().filter((menu) => menu !== event.target && !menu.contains(event.target)).forEach((menu) => { menu.open = false; });
  }, true);
  document.addEventListener("click", (event) => {
    open().filter((menu) => !menu.contains(event.target)).forEach((menu) => { menu.open = false; });
    const panel = $("#panel.open");
    if (panel && !panel.contains(event.target) && !event.target.closest("[data-panel]")) panel.classList.remove("open");
    event.target.closest("[data-close]")?.closest(".r-toast").remove();
    if (event.target.closest("[data-panel]")) radd.togglePanel();
  });

  // Filters that were left open do not belong in the address.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".r-filter")) return;
    $$("select", event.target).forEach((select) => { select.disabled = !select.value; });
  });

  radd.togglePanel = () => $("#panel")?.classList.toggle("open");

  /* True if something was closed, so that Esc does one thing at a time. */
  radd.closeMenu = () => {
    const menu = open().pop();
    const panel = $("#panel.open");
    if (menu) {
      menu.open = false;
      // What was opened by a key of the answer's box (composer.js) gives it back.
      ($("#answer", menu.closest("form") || menu) || $("summary", menu)).focus();
    } else if (panel) panel.classList.remove("open");
    return Boolean(menu || panel);
  };

  /* --- what can be done to the ticket: one menu, in which each choice opens in place --- */
  radd.act = (name) => {
    const menu = $("#act");
    const link = menu && $(`[data-act="${name}"]`, menu);
    if (!link) return false;
    menu.open = true;
    link.click();
    return true;
  };
  const reset = (menu) => {
    $("#act-form", menu)?.replaceChildren();
    const list = $("#act-list", menu);
    if (list) list.hidden = false;
  };
  document.addEventListener("toggle", (event) => {
    if (event.target.id === "act" && !event.target.open) reset(event.target);
  }, true);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "act-form" || !event.target.firstElementChild) return;
    $("#act-list").hidden = true;
    const first = $("[autofocus]", event.target) || $("input:not([type=hidden]), button, select", event.target);
    first?.focus({ preventScroll: true });
  });
  /* Up and down walk what is offered in a menu; from a field, down goes to the first of it. */
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.(".r-menu-box");
    if (!box || event.ctrlKey || event.metaKey || event.altKey || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    if (event.target.closest(".r-fixes") || event.target.matches("textarea, select, [type=datetime-local]")) return;
    const stops = $$("button, a[href], input:not([type=hidden])", box).filter((stop) => stop.offsetParent);
    const at = stops.indexOf(event.target);
    const to = stops[(at + (event.key === "ArrowDown" ? 1 : -1) + stops.length) % stops.length];
    if (!to || event.target.matches("[list]")) return;
    event.preventDefault();
    event.stopPropagation();
    to.focus();
  });

  /* --- undo --- */
  const view = () => $("#ticket input[name=view]")?.value || "mine";
  radd.undo = () => {
    // What is on its way out can be taken back where it stands.
    const offered = $("#toasts [data-undo] button") || $$("#thread button[data-undo]").pop() || $("#bulk-undo, .r-strip [data-undo]");
    if (offered) offered.click();
    else if ($("#pane")) htmx.ajax("POST", "/undo", { source: "#pane", target: "#pane", swap: "pane", values: { view: view() } });
    else return false;
    return true;
  };

  radd.dressers.push((root) => $$(".r-toast", root).forEach((toast) => {
    const go = () => (toast.matches(":focus-within, :hover") ? setTimeout(go, 2000) : toast.remove());
    setTimeout(go, 8000);
  }));
})();
