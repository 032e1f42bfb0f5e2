/* The command palette: Ctrl K, on whatever layout. Arrows choose, Enter does, Esc goes back to where one was. */
(() => {
  const { $, $$ } = radd;
  const box = $("#palette");
  const field = $("#palette-q");
  const list = $("#palette-lines");
  let timer = 0;
  let turn = 0;

  const options = () => $$("[role=option]", list);
  const chosen = () => $("[aria-selected=true]", list);
  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const move = (step) => {
    const all = options();
    const at = all.indexOf(chosen());
    choose(all[(at + step + all.length) % all.length]);
  };

  /* What the page behind holds says which commands there are. */
  const holds = () => ($("#ticket[data-ticket]") ? "ticket" : $("#list") ? "list" : "page");
  /* The newest question wins: an answer that comes late is thrown away. */
  const ask = async () => {
    turn += 1;
    const mine = turn;
    const query = new URLSearchParams({ q: field.value, on: holds() });
    const answer = await fetch(`${box.dataset.lines}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (mine !== turn || !answer?.ok || answer.redirected) return;
    const before = chosen()?.id;
    list.innerHTML = await answer.text();
    choose((field.value === list.dataset.asked && document.getElementById(before)) || options()[0]);
    list.dataset.asked = field.value;
  };

  const run = (option) => {
    if (!option) return;
    const { press, href } = option.dataset;
    // Closing gives the focus back to where it was; then it is as if the key were pressed there.
    box.close();
    if (href) location.assign(href);
    else radd.press(press);
  };

  radd.openPalette = () => {
    if ($("dialog[open]")) return;
    field.value = "";
    list.replaceChildren();
    box.showModal();
    field.focus();
    ask();
  };

  document.addEventListener("keydown", (event) => {
    const isK = event.code === "KeyK" || event.key.toLowerCase() === "k";
    if (!isK || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (box.open) box.close();
    else radd.openPalette();
  }, true);

  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 90); });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const does = {
      ArrowDown: () => move(1), ArrowUp: () => move(-1),
      Enter: () => run(event.ctrlKey || event.metaKey ? $("[data-search]", list) : chosen()),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  });
  list.addEventListener("mousemove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });
  list.addEventListener("click", (event) => run(event.target.closest("[role=option]")));
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    radd.openPalette();
  });
})();
