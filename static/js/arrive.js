/* Where a page that has come puts the focus, for those without a mouse: on what is wrong, on what is to be read before
   going on, in the first field of a new form, or back on the button whose press brought the same page again. */
(() => {
  const { $, $$ } = radd;
  const KEPT = "radd.pressed";
  const FRESH = 15000;
  const FIELD = "input:not([type=hidden]):not([disabled]), select, textarea";

  /* sessionStorage may be forbidden; then the focus begins at the top, as ever. */
  const keep = (told) => { try { sessionStorage.setItem(KEPT, JSON.stringify(told)); } catch { /* not kept */ } };
  const kept = () => {
    try {
      const told = JSON.parse(sessionStorage.getItem(KEPT));
      sessionStorage.removeItem(KEPT);
      return told && told.at === location.pathname && Date.now() - told.then < FRESH ? told : null;
    } catch { return null; }
  };
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    const to = form.getAttribute("action") || "";
    if (event.defaultPrevented || form.method !== "post" || !submitter) return;
    keep({ at: location.pathname, to, name: submitter.name, value: submitter.value, then: Date.now() });
  });

  /* The same button, or the other of its form where that one has come to an end, or what stands in the form's place. */
  const again = () => {
    const told = kept();
    const forms = told ? $$("main form") : [];
    const form = forms.find((one) => (one.getAttribute("action") || "") === told.to)
      || forms.find((one) => one.dataset.insteadOf === told.to);
    const buttons = form ? $$("button:not([disabled], [type=button], [tabindex='-1'])", form) : [];
    return buttons.find(({ name, value }) => name === told.name && value === told.value) || buttons[0];
  };
  const wrong = () => {
    const form = $("main form .r-wrong.bad")?.closest("form");
    return $("main form [aria-invalid=true]") || (form && $(FIELD, form));
  };
  /* Where nothing is written yet; on a phone the keyboard would come up over the page. */
  const first = () => {
    const field = radd.narrow() ? null : $(`main form.alone :is(${FIELD})`);
    return field && !field.value && field.matches("input, textarea") ? field : null;
  };
  document.addEventListener("DOMContentLoaded", () => {
    const to = again();
    if (document.activeElement !== document.body || $("main [autofocus]") || location.hash) return;
    (wrong() || $("main [data-arrive]") || to || first())?.focus();
  });

  /* What a page makes anew has one key everywhere. */
  const anew = $("main a[data-key=n]");
  if (anew) radd.pageKeys = { n: () => (anew.click(), true), ...radd.pageKeys };
})();
