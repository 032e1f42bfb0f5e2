/* The bell on every page: how much is unread (also before the page's title, where its person wishes so), and what is new,
   shown by the browser and heard, as they wish (the server says which: kinds, ways, quiet hours). One tab of many sounds. */
(() => {
  const { $, words } = radd;
  const bell = $("#bell");
  if (!bell) return;
  const EVERY = 20000;
  const FEW = 3;
  let after = null;
  let asking = false;

  /* --- how much is unread --- */
  const bare = (title) => title.replace(/^\(\d+\+?\) /, "");
  /* Until the server has said that they wish it, no number is put there. */
  let inTitle = false;
  const entitle = () => {
    const text = inTitle ? $("#unread").textContent : "";
    const wanted = (text ? `(${text}) ` : "") + bare(document.title);
    if (document.title !== wanted) document.title = wanted;
  };
  const show = (unread) => {
    const text = unread > 99 ? "99+" : unread ? String(unread) : "";
    $("#unread").textContent = text;
    bell.setAttribute("aria-label", unread ? `${bell.title}. ${words.unread.replace("{n}", text)}` : bell.title);
    entitle();
    radd.memory.set("unread", text);
  };
  /* Other scripts set the title anew (an opened ticket): the number stays before it. */
  new MutationObserver(entitle).observe($("title"), { childList: true });

  /* --- sound: two short tones, made here --- */
  let audio = null;
  const tone = (at, pitch) => {
    const voice = audio.createOscillator();
    const loud = audio.createGain();
    voice.frequency.value = pitch;
    loud.gain.setValueAtTime(0.0001, at);
    loud.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.28);
    voice.connect(loud).connect(audio.destination);
    voice.start(at);
    voice.stop(at + 0.3);
  };
  const sound = () => {
    // Before the first touch of the page browsers keep sounds back, and would play them all at once later.
    if (navigator.userActivation && !navigator.userActivation.hasBeenActive) return;
    audio ||= new AudioContext();
    audio.resume().then(() => { tone(audio.currentTime, 660); tone(audio.currentTime + 0.16, 880); }).catch(() => {});
  };

  /* The first tab to see a notice speaks for all tabs of this browser. */
  const mine = (id) => {
    if (Number(radd.memory.get("noticed") || 0) >= id) return false;
    radd.memory.set("noticed", String(id));
    return true;
  };
  const may = () => "Notification" in window && Notification.permission === "granted";
  const notify = (item) => {
    const shown = new Notification(item.title, { body: item.words, tag: `radd-${item.id}`, lang: document.documentElement.lang, dir: document.dir || "auto" });
    shown.addEventListener("click", () => { window.focus(); location.assign(item.url); });
  };
  const take = (told) => {
    inTitle = told.title;
    show(told.unread);
    const fresh = told.items.filter((item) => mine(item.id));
    const shown = may() && !document.hasFocus() ? fresh.filter((item) => item.browser) : [];
    // A burst is one notice of the browser's: a pile of them hides the work.
    if (shown.length > FEW) notify({ id: told.newest, title: words.unread.replace("{n}", shown.length), words: shown[shown.length - 1].title, url: bell.href });
    else shown.forEach(notify);
    if (fresh.some((item) => item.sound)) sound();
    const last = told.items.filter((item) => item.page).pop();
    if (last) radd.say(last.title);
    after = told.newest;
    document.dispatchEvent(new CustomEvent("radd:notices", { detail: told }));
  };

  const ask = async () => {
    if (asking) return;
    asking = true;
    try {
      const answer = await fetch(bell.dataset.news + (after === null ? "" : `?after=${after}`), { cache: "no-store" });
      if (answer.ok && !answer.redirected) take(await answer.json());
    } catch { /* asked again soon */ } finally { asking = false; }
  };
  radd.notices = { ask };

  /* --- the page of notices is walked as a list is --- */
  if ($(".r-noted")) radd.walk = (step) => {
    const all = radd.$$(".r-noted a");
    const to = all[Math.min(Math.max(all.indexOf(document.activeElement) + step, 0), all.length - 1)];
    to.focus();
  };

  /* --- the page of wishes --- */
  const standing = () => {
    const line = $("#notify-state");
    if (!line) return;
    const asked = "Notification" in window && window.isSecureContext ? Notification.permission : "none";
    line.textContent = { granted: words.mayNotify, denied: words.mayNotNotify, none: words.cannotNotify, default: "" }[asked];
    $("#may-notify").disabled = asked !== "default";
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("#may-notify")) Notification.requestPermission().then(standing);
    if (event.target.closest("#try-sound")) sound();
  });

  document.addEventListener("DOMContentLoaded", () => {
    const known = radd.memory.get("unread");
    if (known) $("#unread").textContent = known;
    standing();
    ask();
  });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") ask(); });
  /* Where no stream tells (radd.live), it is asked for now and then. */
  setInterval(() => { if (radd.live?.state() !== "live") ask(); }, EVERY);
})();
