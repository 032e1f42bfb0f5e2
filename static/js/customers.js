/* The customer's panel: what is done in it keeps the focus; an answer that helped before goes into the box. */
(() => {
  const { $, $$ } = radd;

  /* After the panel is drawn again the focus is where it was, or where one goes on. */
  let last = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "customer") return;
    const held = document.activeElement;
    const box = $("#customer").contains(held) && held.closest("details[id]");
    last = $("#customer").contains(held) ? held.id || (box && box.id) || "customer-accounts" : "";
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "customer" || !last) return;
    const place = document.getElementById(last);
    const stop = place?.matches("details") ? $("summary", place) : place?.matches("section") ? $("summary, button", place) : place;
    (stop || $("#customer-link summary"))?.focus({ preventScroll: true });
    last = "";
  });

  /* The words are copied behind what is written; nothing is sent. */
  document.addEventListener("submit", (event) => {
    const button = $("[data-use]", event.target);
    const box = $("#answer");
    if (!button || !box || box.disabled) return;
    event.preventDefault();
    const words = $("[data-solved]", event.target.closest("details")).textContent;
    radd.composer?.choose("answer");
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
    const piece = `${box.value.trim() ? "\n\n" : ""}${words}`;
    if (!document.execCommand("insertText", false, piece)) {
      box.value += piece;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
    $("#panel")?.classList.remove("open");
  });

  /* A panel that opens over the ticket takes the focus, and gives it back. */
  let from = null;
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-panel]")) return;
    const panel = $("#panel");
    if (panel?.classList.contains("open")) {
      from = document.activeElement;
      $(".r-panel-x", panel)?.focus({ preventScroll: true });
    } else if (from?.isConnected) from.focus({ preventScroll: true });
  });

  radd.translate = () => {
    const message = document.activeElement?.closest(".r-msg");
    const button = (message && $(".r-translate button", message)) || $$("#thread .r-translate button").pop();
    if (button) button.click();
    else radd.tell(radd.words.notTranslated);
    return true;
  };
})();
