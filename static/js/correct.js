/* The menu that corrects a reading: arrows walk its values, and it is brought into sight when it opens. */
(() => {
  const { $, $$ } = radd;
  const first = (group) => $("[aria-pressed=true]", group) || $("button", group);

  document.addEventListener("keydown", (event) => {
    const button = event.target.closest?.(".r-fixes button");
    if (!button || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const group = button.closest("[role=group]");
    const groups = $$("[role=group]", button.form);
    const buttons = $$("button", group);
    const onwards = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const next = {
      ArrowLeft: () => buttons[buttons.indexOf(button) + (onwards === "ArrowLeft" ? 1 : -1)],
      ArrowRight: () => buttons[buttons.indexOf(button) + (onwards === "ArrowRight" ? 1 : -1)],
      ArrowDown: () => groups[groups.indexOf(group) + 1] && first(groups[groups.indexOf(group) + 1]),
      ArrowUp: () => groups[groups.indexOf(group) - 1] && first(groups[groups.indexOf(group) - 1]),
    }[event.key];
    if (!next) return;
    event.preventDefault();
    next()?.focus();
  });

  const show = (menu) => $(".r-menu-box", menu).scrollIntoView({ block: "nearest" });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.(".r-fix") && event.target.open) show(event.target);
  }, true);
  document.addEventListener("htmx:afterSettle", (event) => {
    const menu = event.target.closest?.(".r-fix[open]");
    if (menu) show(menu);
  });
})();
