/* Menus are <details>: one open at a time, closed by Esc and by a click elsewhere. Toasts go after eight seconds. */
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
      $("summary", menu).focus();
    } else if (panel) panel.classList.remove("open");
    return Boolean(menu || panel);
  };

  radd.dressers.push((root) => $$(".r-toast", root).forEach((toast) => {
    const go = () => (toast.matches(":focus-within, :hover") ? setTimeout(go, 2000) : toast.remove());
    setTimeout(go, 8000);
  }));
})();
