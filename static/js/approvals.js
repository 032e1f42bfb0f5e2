/* Approvals by keys: j k walk what waits, r goes into the words, n to what should change; Ctrl Enter sends, or returns. */
(() => {
  const { $, $$ } = radd;
  const cards = () => $$(".r-approval");
  const inHand = () => document.activeElement?.closest?.(".r-approval");

  const rove = (card) => cards().forEach((other) => { other.tabIndex = other === card ? 0 : -1; });
  radd.walk = (step) => {
    const all = cards();
    const at = all.indexOf(inHand());
    const card = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
    if (!card) return;
    rove(card);
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  };
  const into = (selector) => () => {
    const box = $(selector, inHand() || cards()[0]);
    if (!box) return false;
    box.focus();
    box.setSelectionRange?.(box.value.length, box.value.length);
    return true;
  };
  radd.pageKeys = {
    ...radd.pageKeys,
    r: into(".r-approve textarea"),
    n: into(".r-return [name=note]"),
    Enter: (event) => { const link = event.target.matches(".r-approval") && $("header a", event.target); if (link) location.assign(link.href); return Boolean(link); },
  };
  document.addEventListener("keydown", (event) => {
    // The card itself is in hand: as it stands it is approved.
    const box = event.target.matches?.(".r-approval") ? $(".r-approve textarea", event.target) : event.target.closest?.(".r-approval textarea, .r-approval input");
    if (!box || event.isComposing) return;
    if (event.key === "Escape") { box.closest(".r-approval").focus(); return; }
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    $("button", box.form).click();
  });
  rove(cards()[0]);
})();
