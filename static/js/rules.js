/* Rules of every kind (routing, approval, escalation chains) in their list: n new, r dry run, Ctrl S save, Alt with an
   arrow moves; rows can be dragged. */
(() => {
  const { $, $$ } = radd;
  const press = (selector) => { const target = $(selector); target?.click(); return Boolean(target); };
  radd.pageKeys = { ...radd.pageKeys, n: () => press("#new-rule"), r: () => press("#do-try") };

  const rowOf = (element) => element?.closest?.("#rules li[data-rule]") || null;
  const opened = () => $("#rules a[aria-current]")?.closest("li") || null;

  const place = async (row, to) => {
    const id = row.id;
    const values = { to, open: opened()?.dataset.rule || "" };
    await htmx.ajax("POST", row.dataset.move, { source: row, target: "#rules", swap: "outerHTML", values });
    const moved = document.getElementById(id);
    $("a", moved)?.focus({ preventScroll: true });
    if (moved) radd.say($(".name", moved).textContent + " " + moved.dataset.place);
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.code === "KeyS" && $("#do-save")) {
      event.preventDefault();
      $("#do-save").click();
    } else if (event.altKey && /^Arrow(Up|Down)$/.test(event.key)) {
      const row = rowOf(document.activeElement) || opened();
      if (!row) return;
      event.preventDefault();
      place(row, Math.max(1, Number(row.dataset.place) + (event.key === "ArrowUp" ? -1 : 1)));
    }
  });

  /* What is written and not kept yet is not left by a slip: n on a menu that was closed, or a row beside it. */
  const FORM = "form:has(#do-save)";
  let unsaved = Boolean($(FORM + " .r-wrong.bad"));
  document.addEventListener("input", ({ target }) => { unsaved ||= Boolean(target.closest?.(FORM)); });
  document.addEventListener("htmx:afterSwap", ({ detail }) => { unsaved ||= detail.target?.id === "conditions"; });
  document.addEventListener("submit", ({ target }) => { if (target.matches(FORM)) unsaved = false; });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

  let dragged = null;
  radd.dressers.push((root) => $$("#rules li[data-rule]", root.parentElement || root).forEach((row) => { row.draggable = true; }));
  document.addEventListener("dragstart", (event) => {
    dragged = rowOf(event.target);
    if (!dragged) return;
    dragged.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.rule);
  });
  document.addEventListener("dragover", (event) => {
    const over = rowOf(event.target);
    if (!dragged || !over) return;
    event.preventDefault();
    $$("#rules li.over").forEach((row) => row.classList.toggle("over", row === over));
    over.classList.add("over");
  });
  document.addEventListener("drop", (event) => {
    const over = rowOf(event.target);
    if (!dragged || !over || over === dragged) return;
    event.preventDefault();
    place(dragged, Number(over.dataset.place));
  });
  document.addEventListener("dragend", () => {
    $$("#rules li").forEach((row) => row.classList.remove("over", "dragged"));
    dragged = null;
  });

  /* What was tried is brought into sight and read out from its top. */
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "trial") return;
    const trial = $("#trial");
    trial.focus({ preventScroll: true });
    trial.scrollIntoView({ block: "nearest" });
  });
})();
