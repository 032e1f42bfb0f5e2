/* Buttons that copy what another part of the page says: data-copies names it, data-copied and data-not-copied answer. */
(() => {
  const { $ } = radd;
  const marked = (part) => {
    const range = document.createRange();
    range.selectNodeContents(part);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  const copied = async (part) => {
    if (navigator.clipboard && window.isSecureContext) {
      try { await navigator.clipboard.writeText(part.textContent.trim()); return true; } catch { /* then by hand */ }
    }
    /* It stays marked, so that where even this is forbidden the person can copy it. */
    marked(part);
    return document.execCommand("copy");
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    const part = button && $(button.dataset.copies);
    if (part) radd.tell(await copied(part) ? button.dataset.copied : button.dataset.notCopied);
  });
})();
