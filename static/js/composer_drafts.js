/* Drafts go to the server a second after typing stops, so that they are there on every device and others see them. */
(() => {
  const { $, $$ } = radd;
  const PAUSE = 1000;
  const LOOK = 15000;
  const waiting = new Map();

  const headers = () => ({ ...JSON.parse(document.body.getAttribute("hx-headers") || "{}"), "HX-Request": "true" });
  const keep = (box, address) => {
    waiting.delete(box);
    const body = new URLSearchParams({ kind: box.id, text: box.value, private: (box.id === "answer" && $("#private")?.value) || "" });
    // What cannot be kept there is still kept here (composer.js).
    fetch(address, { method: "POST", headers: headers(), body, keepalive: body.toString().length < 60000 }).catch(() => {});
  };
  const forget = (id) => waiting.forEach((timer, box) => { if (box.id === id) { clearTimeout(timer[0]); waiting.delete(box); } });
  const now = () => waiting.forEach(([timer, address], box) => { clearTimeout(timer); keep(box, address); });

  document.addEventListener("input", (event) => {
    const box = event.target;
    if (!box.dataset?.draft) return;
    if (waiting.has(box)) clearTimeout(waiting.get(box)[0]);
    const address = box.dataset.draft;
    waiting.set(box, [setTimeout(() => keep(box, address), PAUSE), address]);
  });
  addEventListener("pagehide", now);
  document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.target?.id === "pane" && event.detail.requestConfig?.verb === "get") now(); });
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.target.id === "answer-form") forget("answer"); });
  ["radd:sent", "radd:asked"].forEach((name) => document.addEventListener(name, () => forget("answer")));
  document.addEventListener("radd:noted", () => forget("note"));

  /* Who else is at it: their words are read in a menu, which stays as it is while it is open. */
  const look = async () => {
    const place = $("#others");
    if (!place || document.visibilityState !== "visible" || $("details[open]", place)) return;
    const answer = await fetch(place.dataset.address, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const words = await answer.text();
    const here = $("#others");
    if (here === place && !$("details[open]", here) && here.innerHTML.trim() !== words.trim()) here.innerHTML = words;
  };
  setInterval(look, LOOK);
  document.addEventListener("visibilitychange", look);
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("#others details") || !event.target.open) return;
    $$("#others details").filter((other) => other !== event.target).forEach((other) => { other.open = false; });
  }, true);
})();
