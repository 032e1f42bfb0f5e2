/* Search while typing: the list follows the question, and the address keeps it. */
(() => {
  const { $ } = radd;
  const field = () => $("#q");
  let enter = false;

  const ready = () => {
    const query = $("#found [data-query]")?.dataset.query || "";
    const open = $("#ticket[data-ticket]")?.dataset.ticket;
    document.body.dataset.query = query;
    history.replaceState({ radd: true }, "", document.body.dataset.list + (open ? `${open}/` : "") + (query ? `?${query}` : ""));
    const count = $("#count")?.textContent;
    if (field().value) radd.say(count ? radd.words.found.replace("{n}", count) : radd.words.nothingFound);
    if (enter) $("#list a.r-row")?.focus();
    enter = false;
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id === "found") ready();
  });

  /* From the question into what was found; Enter waits for the answer. */
  document.addEventListener("submit", (event) => { if (event.target.id === "asks") enter = true; }, true);
  document.addEventListener("keydown", (event) => {
    if (event.target !== field() || event.isComposing || event.key !== "ArrowDown") return;
    event.preventDefault();
    $("#list a.r-row")?.focus();
  });
})();
