/* Pictures of the answer: picked, dropped or pasted they go up at once. Order, words and removal are the form's own. */
(() => {
  const { $, $$ } = radd;
  const picker = () => $("#pick-pictures");
  const waiting = [];

  const still = (list) => [...(list || [])].filter((file) => file.type.startsWith("image/"));
  const uploading = () => $("#answer-form")?.dataset.uploading === "on";

  /* The picker's own request takes them up, so that there is one way only. */
  const next = () => {
    if (uploading() || !waiting.length || !picker()) return;
    const box = new DataTransfer();
    waiting.splice(0).forEach((file) => box.items.add(file));
    picker().files = box.files;
    htmx.trigger(picker(), "change");
  };
  const take = (files) => {
    if (!picker()) { const none = $(".r-pick.none"); if (none) radd.tell(none.textContent.trim()); return; }
    waiting.push(...files);
    next();
  };
  const inBox = (event) => $("#composer")?.dataset.tab === "answer" && event.target.closest?.("#composer");
  const brings = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  const over = (on) => $("#composer")?.classList.toggle("dropping", on);

  document.addEventListener("paste", (event) => {
    const files = still(event.clipboardData?.files);
    // A table copied from a sheet comes as words and as a picture of them: the words are meant.
    if (event.target.id !== "answer" || !files.length || event.clipboardData.getData("text/plain")) return;
    event.preventDefault();
    take(files);
  });
  document.addEventListener("dragover", (event) => {
    const here = brings(event) && inBox(event);
    over(Boolean(here));
    if (here) event.preventDefault();
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false); });
  document.addEventListener("drop", (event) => {
    over(false);
    if (!brings(event) || !inBox(event)) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });

  /* While one goes up nothing is sent: it would be missing. */
  const busy = (on) => {
    const form = $("#answer-form");
    if (!form) return;
    if (on) form.dataset.uploading = "on"; else delete form.dataset.uploading;
    radd.composer?.sendable();
  };
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.target.id === "pick-pictures") busy(true); });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.id !== "pick-pictures") return;
    event.target.value = "";
    busy(false);
    next();
  });

  /* What is new is described next; where one was taken out, the next step is at hand. */
  let known = new Set();
  const keys = () => new Set($$("#pictures li").map((item) => item.id));
  document.addEventListener("htmx:beforeSwap", (event) => { if (event.target.id === "pictures") known = keys(); });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "pictures") return;
    const fresh = $$("#pictures li").find((item) => !known.has(item.id));
    if (fresh) $("textarea", fresh).focus();
    else if (document.activeElement === document.body) ($("#pictures [name=remove]") || picker())?.focus();
  });

  document.addEventListener("input", (event) => {
    if (!event.target.closest("#pictures")) return;
    $("#undescribed").hidden = $$("#pictures textarea").every((box) => box.value.trim());
  });
})();
