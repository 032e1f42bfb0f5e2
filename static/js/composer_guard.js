/* The guard under the answer's box: asked when typing stops, the words at fault underlined, a click or Alt 1…3 mends. */
(() => {
  const { $, $$ } = radd;
  const PAUSE = 600;
  let timer = 0;
  let asked = "";
  // The words that the findings on the page are about.
  let judged = "";

  const box = () => $("#answer");
  const bare = (element) => { if (element) element.replaceChildren(); };

  const ask = () => {
    clearTimeout(timer);
    if (!$("#guard")) return;
    // What is typed to find a saved reply (composer_pop.js) is not said to the customer.
    if (radd.searches?.(box())) { soon(); return; }
    asked = box().value;
    if (asked.trim()) htmx.trigger("#guard", "radd:guard");
    else { bare($("#guard")); show(); }
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(ask, PAUSE); };

  /* Spans count characters as the server does; a pair of code units is one of them. */
  const ink = () => {
    const paper = $("#ink");
    if (!paper) return;
    bare(paper);
    if (box().value !== asked) return;
    const letters = Array.from(asked);
    const spans = $$("#guard [data-spans]").filter((line) => line.dataset.level !== "good")
      .flatMap((line) => line.dataset.spans.split(" ").filter(Boolean).map((span) => [...span.split("-").map(Number), line.dataset.level]))
      .sort((one, other) => one[0] - other[0]);
    let at = 0;
    spans.forEach(([start, end, level]) => {
      if (start < at) return;
      paper.append(letters.slice(at, start).join(""));
      const mark = document.createElement("mark");
      mark.dataset.level = level;
      mark.textContent = letters.slice(start, end).join("");
      paper.append(mark);
      at = end;
    });
    if (spans.length) paper.append(`${letters.slice(at).join("")}\n`);
    paper.scrollTop = box().scrollTop;
  };

  /* What Send will do: nothing, ask a second person, or send. */
  const show = () => {
    ink();
    const asks = Boolean($("#guard [data-asks]")) && !$("#guard [data-level=stop]");
    $$("#send [data-when]").forEach((words) => { words.hidden = (words.dataset.when === "ask") !== asks; });
    radd.composer?.sendable();
  };

  /* Policy lets nobody send these words. What was found in others says nothing of these: the server looks at them. */
  radd.guardStops = () => box()?.value === judged && Boolean($("#guard [data-level=stop]"));

  const mend = (line) => {
    if (line?.dataset.fix === "private") { $("#go-private")?.click(); return; }
    if (!line?.dataset.fix || box().value !== asked) return;
    box().focus();
    box().select();
    const words = line.dataset.becomes;
    if (!document.execCommand(words ? "insertText" : "delete", false, words)) {
      box().value = words;
      box().dispatchEvent(new Event("input", { bubbles: true }));
    }
    ask();
  };

  document.addEventListener("input", (event) => {
    if (event.target.id !== "answer") return;
    bare($("#ink"));
    soon();
  });
  document.addEventListener("radd:count", (event) => { if (event.target.id === "answer") ask(); });
  document.addEventListener("scroll", (event) => { if (event.target.id === "answer") $("#ink").scrollTop = event.target.scrollTop; }, true);
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "guard") { judged = asked; show(); } });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mend]");
    if (button) mend(button.closest(".r-find"));
    if (event.target.closest("[data-show-more]")) {
      $$("#guard [data-more]").forEach((line) => { line.hidden = false; });
      event.target.closest("[data-show-more]").remove();
    }
  });
  document.addEventListener("keydown", (event) => {
    const digit = /^Digit([1-3])$/.exec(event.code);
    if (!digit || !event.altKey || event.ctrlKey || event.metaKey || !event.target.closest("#composer")) return;
    const line = $$("#guard .r-find")[digit[1] - 1];
    if (!line?.dataset.fix) return;
    event.preventDefault();
    mend(line);
  });
})();
