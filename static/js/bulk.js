/* Bulk work on the rows that are checked (select.js tells which). What can be done is asked for when it is first wanted. */
(() => {
  const { $ } = radd;
  let asked = false;

  const fill = async (form) => {
    asked = true;
    const answer = await fetch(form.dataset.choices, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.ok && !answer.redirected) $("#bulk-do").innerHTML = await answer.text();
    else asked = false;
  };

  document.addEventListener("radd:picked", ({ detail }) => {
    const form = $("#bulk");
    if (!form) return;
    form.hidden = !detail.all && !detail.ids.length;
    form.elements.ids.value = detail.ids.join(",");
    form.elements.all.value = detail.all ? "1" : "";
    form.action = detail.all && detail.query ? `${form.dataset.address}?${detail.query}` : form.dataset.address;
    if (!form.hidden && (!asked || $("#bulk-do").options.length < 2)) fill(form);
  });
})();
