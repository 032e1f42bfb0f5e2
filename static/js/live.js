/* News from the server. A hint, never the truth: rows and tickets are asked for anew, and only what may change without
   disturbing the person is changed (docs/design.md, section 9). Stream first; two failures, and we ask every 4 s. */
(() => {
  const { $, $$, words } = radd;
  const body = document.body;
  if (!body.dataset.position) return;

  let since = body.dataset.position;
  let source = null;
  let fails = 0;
  let retry = 0;
  let poller = 0;
  let offlineSince = 0;
  const pending = new Set();
  const others = new Set();

  /* --- how the connection stands, in the rail; a strip only when nothing works --- */
  let standing = "";
  const state = (name, text) => {
    const changed = standing !== name;
    standing = name;
    if (changed) document.dispatchEvent(new CustomEvent("radd:standing", { detail: name }));
    const line = $("#live");
    line.hidden = false;
    line.dataset.state = name;
    $(".t", line).textContent = text;
    line.title = text;
    if (name === "offline") strip();
    else if (offlineSince) { $("#offline")?.remove(); offlineSince = 0; radd.say(words.upToDate); }
  };
  const strip = () => {
    if (offlineSince) return;
    offlineSince = Date.now();
    const fresh = $("#offline-strip").content.firstElementChild.cloneNode(true);
    $("#main").prepend(fresh);
    $("button", fresh).addEventListener("click", () => { poll(); connect(); });
  };

  /* --- asking for what changed --- */
  let timer = 0;
  let first = 0;
  const hear = (changes) => {
    if (changes.length) document.dispatchEvent(new CustomEvent("radd:changed", { detail: changes }));
    // Pages without a list of tickets (the board) hear of changes and draw themselves anew.
    if (!body.dataset.list) return;
    changes.forEach((change) => pending.add(String(change.ticket)));
    if (!pending.size) return;
    clearTimeout(timer);
    first ||= Date.now();
    timer = setTimeout(ask, Date.now() - first > 900 ? 0 : 250);
  };
  const ask = async () => {
    first = 0;
    const ids = [...pending];
    pending.clear();
    const onPage = new Set($$("#list li[id^=t-]").map((row) => row.id.slice(2)));
    const shown = ids.filter((id) => onPage.has(id));
    ids.filter((id) => !onPage.has(id)).forEach((id) => others.add(id));
    const open = $("#ticket[data-ticket]")?.dataset.ticket || "";
    if (open && ids.includes(open)) radd.refreshTicket();
    const query = new URLSearchParams(body.dataset.query || "");
    query.set("shown", shown.join(","));
    query.set("others", [...others].slice(-300).join(","));
    query.set("open", open);
    const more = $("#list .r-more a");
    if (more) query.set("until", new URL(more.href).searchParams.get("after") || "");
    const before = $("[data-show-new]")?.textContent;
    await htmx.ajax("GET", `${body.dataset.list}changes?${query}`, { source: "#live", target: "#live", swap: "none" });
    const now = $("[data-show-new]");
    // In an empty list nothing stands that could move.
    if (now && $("#list.r-empty")) { radd.showNew({ quiet: true }); return; }
    if (now && now.textContent !== before) radd.say(now.textContent.replace(/\s+\.\s*$/, ""));
  };
  const everything = () => {
    document.dispatchEvent(new CustomEvent("radd:changed", { detail: [] }));
    if (!body.dataset.list) return;
    radd.refreshTicket();
    htmx.ajax("GET", `${body.dataset.list}changes?shown=${$$("#list li[id^=t-]").map((row) => row.id.slice(2)).join(",")}`,
      { source: "#live", target: "#live", swap: "none" });
  };
  radd.live = {
    forgetNews: () => others.clear(),
    state: () => standing,
    /* After sleep the line may be dead without knowing it: catch up at once, and listen anew. */
    wake: () => { fails = 0; poll(); connect(); },
  };

  const take = (data) => {
    since = data.position || since;
    if (data.here) radd.seeWho?.(data.here, { whole: true });
    if (data.reload) everything();
    else hear(data.changes || []);
  };

  /* --- the stream --- */
  const address = () => {
    const port = body.dataset.livePort;
    const base = port ? `${location.protocol}//${location.hostname}:${port}` : "";
    return `${base}/live/?since=${encodeURIComponent(since)}`;
  };
  const connect = () => {
    clearTimeout(retry);
    source?.close();
    if (!fails) state("connecting", words.connecting);
    source = new EventSource(address(), { withCredentials: true });
    source.addEventListener("open", () => {
      fails = 0;
      clearInterval(poller);
      poller = 0;
      state("live", words.live);
    });
    ["changes", "reload"].forEach((name) => source.addEventListener(name, (event) => take(JSON.parse(event.data))));
    source.addEventListener("here", (event) => radd.seeWho?.(JSON.parse(event.data)));
    source.addEventListener("notices", () => radd.notices?.ask());
    source.addEventListener("error", () => {
      source.close();
      fails += 1;
      if (fails >= 2 && !poller) { poll(); poller = setInterval(poll, 4000); }
      retry = setTimeout(connect, Math.min(30000, 1000 * 2 ** fails) * (0.7 + Math.random() * 0.6));
    });
  };

  /* --- asking instead of listening --- */
  const poll = async () => {
    try {
      const answer = await fetch(`/live/changes?since=${encodeURIComponent(since)}`, { cache: "no-store" });
      if (answer.redirected || answer.status === 403) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      take(await answer.json());
      if (fails) state("polling", words.polling);
    } catch {
      if (fails) state("offline", words.offline);
    }
    return undefined;
  };

  let hiddenAt = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") hiddenAt = Date.now();
    else if (Date.now() - hiddenAt > 20000) radd.live.wake();
    else poll();
  });
  addEventListener("online", () => { fails = 0; connect(); });
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
  connect();
})();
