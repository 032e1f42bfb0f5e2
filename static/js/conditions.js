/* The conditions editor: what is ticked in a list of choices stands in its button. The rest is the server's. */
(() => {
  const { $, $$ } = radd;
  const show = (menu) => {
    const box = $(".r-chosen", menu);
    box.dataset.empty = menu.dataset.empty;
    box.replaceChildren(...$$("input:checked", menu).map((input) => {
      const word = document.createElement("bdi");
      word.textContent = input.nextElementSibling.textContent;
      return word;
    }));
  };
  document.addEventListener("change", (event) => {
    const menu = event.target.closest(".r-many");
    if (menu) show(menu);
  });
  radd.dressers.push((root) => $$(".r-many", root).forEach(show));
})();
