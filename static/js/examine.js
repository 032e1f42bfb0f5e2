/* The Examined page: one row in hand, two keys, the next row. A row that was pressed is out of hand at once, so that the
   next key is meant for the next row; the answer puts a remnant in its place, or leaves it and says why. */
(() => {
  const { $, $$ } = radd;
  const rows = () => $$("#list article[data-message]:not([aria-busy])");
  const rowOf = (id) => $(`#list article[data-message="${id}"]`);
  const inHand = () => rows().find((row) => row.contains(document.activeElement)) || rows().find((row) => row.tabIndex === 0) || rows()[0];

  const rove = (row) => $$("#list article[data-message]").forEach((other) => { other.tabIndex = other === row ? 0 : -1; });
  const take = (row) => {
    if (!row) return;
    rove(row);
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  /* The row after this one, else the one before it. */
  const beside = (row) => {
    const all = rows();
    return all.find((other) => row.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) || all.pop();
  };

  radd.walk = (step) => {
    const all = rows();
    const at = all.indexOf(inHand());
    take(document.activeElement?.closest("article") ? all[Math.min(Math.max(at + step, 0), all.length - 1)] : all[at]);
  };
  const press = (selector, root = document) => {
    const button = root && $(selector, root);
    button?.click();
    return Boolean(button);
  };
  radd.pageKeys = {
    c: () => press("[data-do=confirm]", inHand()),
    o: () => press("[data-do=overturn]", inHand()),
    z: () => press("#examine-undo"),
  };

  /* --- out of hand, and what came of it --- */
  const pressed = (button) => {
    const row = button.closest?.("article[data-message]");
    return row ? [row] : button.id === "confirm-all" ? $$("#list article[data-message]") : [];
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    const leaving = pressed(event.detail.elt);
    leaving.forEach((row) => row.setAttribute("aria-busy", "true"));
    if (leaving.length) take(beside(leaving[leaving.length - 1]));
  });
  const undone = (form) => ($("#examine-undo", form) ? $$("[name=message]", form).map((field) => field.value) : null);
  /* Only rows whose places are on the page come back into them. */
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (undone(detail.elt)) detail.parameters.set("shown", undone(detail.elt).filter((id) => document.getElementById(`x-${id}`)).join(","));
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    // What was pressed may be gone from the page by now; the request remembers it.
    const elt = detail.requestConfig?.elt || detail.elt;
    const form = $("#examine");
    pressed(elt).filter((row) => row.isConnected).forEach((row) => row.removeAttribute("aria-busy"));
    const back = detail.successful && undone(elt);
    if (back && back.some(rowOf)) take(rowOf(back.find(rowOf)));
    else if (back?.length || ($("[data-gone]", form) && !$("#list article[data-message]"))) fill(form);
  });
  /* Nothing of this page is left, or what was undone stood on an earlier one: the list comes anew from its top. */
  const fill = async (form) => {
    await htmx.ajax("GET", form.dataset.list, { source: "#examine-state", target: "#examine", swap: "outerHTML" });
    // All has been looked at: what can be done next has the focus, and undo its key as ever.
    if (rows().length) take(rows()[0]);
    else $(".r-hint a, nav a[aria-current]", $("#examine"))?.focus();
  };

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("#list article[data-message]");
    if (row) rove(row);
  });
  document.addEventListener("DOMContentLoaded", () => take(rows()[0]));
})();
