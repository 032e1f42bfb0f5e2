/* What the other scripts share. One global, `radd`; no framework, no inline code, nothing evaluated. */
(() => {
  /* Before htmx looks at the page: it evaluates nothing, asks nobody else, and shows what a refusal says. */
  Object.assign(htmx.config, {
    allowEval: false, includeIndicatorStyles: false, historyEnabled: false, selfRequestsOnly: true,
    scrollIntoViewOnBoost: false, defaultSettleDelay: 0, attributesToSettle: ["class", "width", "height"],
    responseHandling: [
      { code: "204", swap: false }, { code: "[23]..", swap: true },
      { code: "(409|422)", swap: true, error: false }, { code: "[45]..", swap: false, error: true },
    ],
  });
  const words = JSON.parse(document.getElementById("script-words").textContent);
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* Live regions speak only when their text changes. */
  const speak = (id) => (text) => {
    const region = document.getElementById(id);
    region.textContent = "";
    setTimeout(() => { region.textContent = text; }, 30);
  };

  /* mm:ss under an hour, then hours and minutes, then days and hours, in the words of the page. */
  const span = (seconds) => {
    const whole = Math.abs(Math.trunc(seconds));
    const pad = (n) => String(n).padStart(2, "0");
    const minutes = Math.floor(whole / 60);
    if (minutes < 60) return `${pad(minutes)}:${pad(whole % 60)}`;
    const hours = Math.floor(minutes / 60);
    if (hours < 24) return words.hm.replace("%(h)d", hours).replace(/%\(m\)0?2?d/, pad(minutes % 60));
    return words.dh.replace("%(d)d", Math.floor(hours / 24)).replace("%(h)d", hours % 24);
  };

  const typing = (element) => Boolean(element?.closest?.("input, textarea, select, [contenteditable]"));

  /* localStorage may be full or forbidden; then things are simply not remembered. */
  const memory = {
    get(key) { try { return localStorage.getItem(`radd.${key}`); } catch { return null; } },
    set(key, value) {
      try {
        if (value === null || value === "") localStorage.removeItem(`radd.${key}`);
        else localStorage.setItem(`radd.${key}`, value);
      } catch { /* not remembered */ }
    },
  };

  window.radd = {
    words, $, $$, span, typing, memory,
    say: speak("news"),
    warn: speak("alerts"),
    narrow: () => matchMedia("(max-width: 859px)").matches,
    /* Scripts that want to dress new parts of the page add a function here. */
    dressers: [],
    dress(root = document) { window.radd.dressers.forEach((dresser) => dresser(root)); },
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.body.dataset.script = "on";
    window.radd.dress();
  });
  document.addEventListener("htmx:afterSettle", (event) => window.radd.dress(event.target));
  document.addEventListener("htmx:oobAfterSwap", (event) => window.radd.dress(event.target));
  const toast = (text, css) => {
    const box = document.createElement("div");
    box.className = css;
    box.textContent = text;
    $("#toasts").replaceChildren(box);
    setTimeout(() => box.remove(), 8000);
  };
  window.radd.tell = (text) => { toast(text, "r-toast"); window.radd.say(text); };
  /* What failed without an answer of ours is said and shown; nothing was changed, and drafts stay. */
  const failed = (event) => {
    // What the page asks by itself while one writes is asked again by itself; without a connection the strip says so.
    if (event.detail?.elt?.matches?.("#answer, #guard, #live")) return;
    const said = navigator.onLine ? words.failed : words.failedOffline;
    toast(said, "r-toast bad");
    window.radd.warn(said);
  };
  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach((name) => document.addEventListener(name, failed));
})();
