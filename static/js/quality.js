/* Quality review: one question in hand, digits mark it and the next comes to hand; saving brings the next review.
   The marks are radio buttons, so that everything works without this script, and by the arrows of the keyboard. */
(() => {
  const { $, $$ } = radd;
  const questions = () => $$("[data-question]");
  const inHand = () => questions().find((one) => one.contains(document.activeElement)) || questions().find((one) => one.dataset.hand) || questions()[0];

  const take = (question) => {
    if (!question) return false;
    questions().forEach((one) => { delete one.dataset.hand; });
    question.dataset.hand = "yes";
    ($("input:checked", question) || $("input", question)).focus({ preventScroll: true });
    question.scrollIntoView({ block: "nearest" });
    return true;
  };
  const step = (by) => {
    const all = questions();
    const at = all.indexOf(inHand());
    return take(all[Math.min(Math.max(at + by, 0), all.length - 1)]);
  };
  const mark = (value) => () => {
    const question = inHand();
    const choice = question && $(`input[value="${value}"]`, question);
    if (!choice) return false;
    choice.checked = true;
    const all = questions();
    const following = all[all.indexOf(question) + 1];
    // After the last one the way on is saving.
    if (following) take(following); else { take(question); $("#quality-save").scrollIntoView({ block: "nearest" }); }
    return true;
  };
  const press = (selector) => () => { const button = $(selector); button?.click(); return Boolean(button); };
  const rows = () => $$("#list a.r-row");
  radd.walk = (by) => {
    if (questions().length) return step(by);
    const all = rows();
    const at = all.indexOf(document.activeElement);
    all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
    return all.length > 0;
  };
  radd.pageKeys = {
    ...Object.fromEntries([0, 1, 2, 3, 4].map((value) => [String(value), mark(value)])),
    "-": mark(""),
    s: press("#quality-skip"),
    z: press("#quality-undo"),
    w: () => { $("#words")?.focus(); return Boolean($("#words")); },
    Enter: (event) => !event.target.closest("a, button, summary, input") && press("#quality-begin")(),
    Escape: (event) => {
      if (radd.typing(event.target) && event.target.id === "words") { take(inHand()); return true; }
      return press("#quality-back")();
    },
  };
  /* Radio buttons count as fields in which somebody types; their digits and letters are for us all the same. */
  document.addEventListener("keydown", (event) => {
    if (event.target.type !== "radio" || event.ctrlKey || event.metaKey || event.altKey || event.key.startsWith("Arrow")) return;
    const key = radd.keys.of(event);
    const walk = { j: 1, k: -1 }[key];
    const done = walk ? radd.walk(walk) : key === "?" ? radd.keys.run("help") : key.length === 1 && key !== " " && radd.pageKeys[key]?.(event);
    if (done) { event.preventDefault(); event.stopPropagation(); }
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !$("#scorecard-form")) return;
    event.preventDefault();
    $("#scorecard-form").requestSubmit($("#quality-save"));
  });
  document.addEventListener("focusin", (event) => {
    const question = event.target.closest("[data-question]");
    if (question) questions().forEach((one) => { if (one === question) one.dataset.hand = "yes"; else delete one.dataset.hand; });
  });
  document.addEventListener("DOMContentLoaded", () => { if (!radd.narrow()) take(questions()[0]); });
})();
