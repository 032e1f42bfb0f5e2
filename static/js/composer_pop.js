/* The list over the box: / finds saved replies and macros, @ people for a note, : a few emoji. Arrows, Enter, Esc.
   `open`: its box, what it lists, what was asked, where that begins, and `free` where no sign stands before it. */
(() => {
  const { $, $$ } = radd;
  const TRIGGERS = [
    { box: "answer", find: /(?:^|\s)\/((?:[^\s/][^/\n]{0,40})?)$/u, kind: "saved" },
    { box: "answer", find: /(?:^|\s):(\p{L}{2,20})$/u, kind: "emoji" },
    { box: "note", find: /(?:^|\s):(\p{L}{2,20})$/u, kind: "emoji" },
    { box: "note", find: /(?:^|\s)@((?:[^\s@][^@\n]{0,30})?)$/u, kind: "people" },
  ];
  const PAUSE = 120;
  let open = null;
  let timer = 0;
  let turn = 0;

  radd.searches = (box) => Boolean(open) && open.box === box && !pop().hidden;

  const pop = () => $("#pop");
  const options = () => $$("#pop [role=option]");
  const chosen = () => $("#pop [aria-selected=true]");

  const close = () => {
    clearTimeout(timer);
    turn += 1;
    if (open) ["aria-activedescendant", "aria-controls"].forEach((name) => open.box.removeAttribute(name));
    open = null;
    const list = pop();
    if (list) { list.hidden = true; list.replaceChildren(); }
  };
  const point = () => {
    const option = chosen();
    if (option) { open.box.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else open.box.removeAttribute("aria-activedescendant");
  };
  const move = (steps) => {
    const all = options();
    if (!all.length) return;
    const next = (all.indexOf(chosen()) + steps + all.length * Math.abs(steps)) % all.length;
    all.forEach((option, place) => option.setAttribute("aria-selected", String(place === next)));
    point();
  };

  /* How many stand in one line of the grid. */
  const columns = () => getComputedStyle(pop()).gridTemplateColumns.split(" ").length;

  const draw = (html) => {
    const list = pop();
    list.innerHTML = html;
    list.hidden = !list.textContent.trim();
    list.setAttribute("aria-label", open.box.getAttribute("aria-label") || "");
    open.box.setAttribute("aria-controls", "pop");
    // Words that go on after nothing was found were no search.
    if (!options().length && (open.kind !== "saved" || /\s/.test(open.query))) { close(); return; }
    point();
  };

  const drawEmoji = () => {
    const found = radd.emoji.find(open.query);
    const list = pop();
    list.replaceChildren(...found.map((one, place) => {
      const option = document.createElement("div");
      const name = radd.emoji.name(one);
      Object.assign(option, { className: "r-opt r-emoji", id: `opt-emoji-${place}`, title: name });
      option.setAttribute("role", "option");
      option.setAttribute("aria-label", name);
      option.setAttribute("aria-selected", String(place === 0));
      option.dataset.text = one[0];
      option.dataset.emoji = "";
      option.textContent = one[0];
      return option;
    }));
    list.classList.add("grid");
    list.hidden = !found.length;
    list.setAttribute("aria-label", $("#open-emoji").getAttribute("aria-label"));
    open.box.setAttribute("aria-controls", "pop");
    if (!found.length) close(); else point();
  };
  /* Opened by its button: what is typed on searches, until it is no question any more. */
  const search = (before) => {
    open.query = before.slice(open.start);
    if (before.length < open.start || /[^\p{L}\p{M} ]/u.test(open.query) || open.query.startsWith(" ")) close();
    else drawEmoji();
  };

  const look = () => {
    const { box, kind, query } = open;
    if (kind === "emoji") { drawEmoji(); return; }
    pop().classList.remove("grid");
    const address = kind === "saved" ? box.dataset.saved : box.dataset.people;
    const mine = ++turn;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const answer = await fetch(`${address}?q=${encodeURIComponent(query)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
      if (mine === turn && open && answer?.ok && !answer.redirected) draw(await answer.text());
    }, PAUSE);
  };

  const watch = (box) => {
    const before = box.value.slice(0, box.selectionStart);
    if (open?.free && open.box === box) { search(before); return; }
    const trigger = TRIGGERS.find((one) => one.box === box.id && one.find.test(before));
    if (!trigger || box.selectionStart !== box.selectionEnd) { if (open) close(); return; }
    const query = trigger.find.exec(before)[1] || "";
    // Closed by Esc: it stays so for these words.
    if (box.dataset.shut === before.slice(0, before.length - query.length)) return;
    delete box.dataset.shut;
    open = { box, kind: trigger.kind, query, start: before.length - query.length - 1 };
    look();
  };

  /* By the browser's own way of typing, so that its undo knows of it. */
  const type = (box, start, end, words) => {
    box.focus();
    box.setSelectionRange(start, end);
    if (start === end && !words) return;
    if (!document.execCommand(words ? "insertText" : "delete", false, words)) {
      box.setRangeText(words, start, end, "end");
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  const take = (option) => {
    if (!option || !open) return;
    const { box, start } = open;
    const end = box.selectionStart;
    const { text, used, macro } = option.dataset;
    if ("emoji" in option.dataset) radd.emoji.use(text);
    close();
    type(box, start, end, macro ? "" : text);
    if (used) htmx.ajax("POST", used, { source: "#pop", target: "#pop", swap: "none" });
    if (macro) htmx.ajax("POST", macro, { target: "#pane", swap: "pane", values: { view: $("#answer-form [name=view]").value } });
    const blank = /\{[^{}\n]{1,40}\}/.exec(text || "");
    if (blank) box.setSelectionRange(start + blank.index, start + blank.index + blank[0].length);
  };

  document.addEventListener("input", (event) => { if (["answer", "note"].includes(event.target.id)) watch(event.target); });
  document.addEventListener("keydown", (event) => {
    if (!open || event.target !== open.box || pop().hidden || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const across = pop().classList.contains("grid") ? { ArrowRight: 1, ArrowLeft: -1 } : {};
    const rtl = getComputedStyle(pop()).direction === "rtl" ? -1 : 1;
    const row = pop().classList.contains("grid") ? columns() : 1;
    const steps = { ArrowDown: row, ArrowUp: -row }[event.key] || (across[event.key] || 0) * rtl;
    if (steps) move(steps);
    else if (["Enter", "Tab"].includes(event.key) && chosen()) take(chosen());
    else if (event.key === "Escape") {
      if (!open.free) open.box.dataset.shut = open.box.value.slice(0, open.start + 1);
      close();
    }
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  /* The pointer never takes the focus from the box. */
  document.addEventListener("mousedown", (event) => { if (event.target.closest("#pop [role=option], #open-saved, #open-emoji, #open-emoji-note")) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    const option = event.target.closest("#pop [role=option]");
    if (option) { take(option); return; }
    const button = event.target.closest("#open-saved, #open-emoji, #open-emoji-note");
    if (!button) { if (open && !event.target.closest("#pop") && event.target !== open.box) close(); return; }
    const box = $(button.id === "open-emoji-note" ? "#note" : "#answer");
    if (open) { close(); box.focus(); return; }
    const at = box.selectionStart;
    if (button.id === "open-saved") {
      type(box, at, at, at && !/\s$/.test(box.value.slice(0, at)) ? " /" : "/");
      return;
    }
    box.focus();
    open = { box, kind: "emoji", query: "", start: at, free: true };
    drawEmoji();
  });
  document.addEventListener("focusout", (event) => { if (open && event.target === open.box && !event.relatedTarget?.closest?.("#pop")) setTimeout(() => { if (document.activeElement !== open?.box) close(); }, 150); });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "at" || event.key !== "Enter") return;
    event.preventDefault();
    $("#send-later").click();
  });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target?.id === "pane") { open = null; } });
})();

/* A small list of emoji, each with the words it is found by in English and in Arabic; those used last stand first. The
   system's own picker has all others. No file and no other host is asked: the signs are the font's. */
(() => {
  const { memory } = radd;
  const KEPT = 16;
  const ALL = [
    ["🙂", "smile happy", "ابتسامة سعيد"], ["😊", "smile warm blush", "ابتسامة لطف"], ["😀", "grin happy", "ضحكة فرح"],
    ["😄", "laugh joy", "ضحك فرح"], ["😅", "sweat relief", "ارتياح"], ["😉", "wink", "غمزة"],
    ["😍", "love eyes", "حب إعجاب"], ["🤗", "hug welcome", "عناق ترحيب"], ["🤔", "think wonder", "تفكير"],
    ["😌", "relieved calm", "هدوء ارتياح"], ["😔", "sad sorry", "حزين أسف"], ["😞", "sad disappointed", "حزين خيبة"],
    ["😢", "cry tear", "دمعة بكاء"], ["😮", "surprise", "دهشة"], ["🙏", "thanks please pray", "شكرا رجاء دعاء"],
    ["👍", "yes good thumbs", "موافق جيد"], ["👎", "no bad thumbs", "سيئ"], ["👏", "clap bravo", "تصفيق أحسنت"],
    ["🙌", "hooray celebrate", "فرح احتفال"], ["👋", "hello wave", "مرحبا أهلا وداع"],
    ["🤝", "deal agree hands", "اتفاق مصافحة"], ["💪", "strong effort", "قوة"], ["👀", "look eyes", "نظر متابعة"],
    ["❤️", "heart love", "قلب حب"], ["💙", "heart blue", "قلب أزرق"], ["💚", "heart green", "قلب أخضر"],
    ["🌹", "rose flower", "وردة"], ["🌸", "flower blossom", "زهرة"], ["🎉", "party congratulations", "تهنئة مبروك"],
    ["🎁", "gift present", "هدية"], ["🌙", "moon ramadan", "هلال رمضان"], ["⭐", "star", "نجمة"],
    ["✨", "sparkle new", "جديد لمعان"], ["🔥", "fire hot", "نار"], ["✅", "done check yes", "تم صحيح"],
    ["❌", "no cross", "خطأ لا"], ["⚠️", "warning", "تحذير تنبيه"], ["ℹ️", "info", "معلومة"],
    ["❓", "question", "سؤال"], ["❗", "important", "مهم"], ["⏰", "clock time alarm", "ساعة وقت موعد"],
    ["⏳", "wait hourglass", "انتظار"], ["📅", "date calendar", "موعد تاريخ"], ["📍", "place location", "مكان موقع"],
    ["📞", "phone call", "هاتف اتصال"], ["📱", "mobile phone", "جوال"], ["📧", "mail email", "بريد"],
    ["💬", "message chat", "رسالة محادثة"], ["📦", "parcel box", "طرد شحنة"], ["🚚", "delivery truck", "توصيل شاحنة"],
    ["💳", "card pay", "بطاقة دفع"], ["🧾", "bill receipt", "فاتورة"], ["💰", "money refund", "مال استرداد"],
    ["🔧", "fix tool", "إصلاح أداة"], ["🛠️", "repair tools", "صيانة"], ["🔒", "lock private", "قفل خاص"],
    ["🔑", "key password", "مفتاح"], ["📶", "signal network", "شبكة إشارة"], ["💡", "idea light", "فكرة كهرباء"],
    ["🏠", "home house", "بيت منزل"], ["😇", "kind angel", "لطيف ملاك"], ["😎", "cool great", "رائع"],
    ["🥰", "adore love", "محبة ود"], ["😭", "sob weep", "بكاء شديد"], ["😡", "angry", "غضب غاضب"],
    ["🤦", "facepalm oops", "خطأ حرج"], ["🙇", "bow apology sorry", "اعتذار أسف"], ["🤲", "prayer hands", "دعاء"],
    ["🫶", "care hands love", "محبة عناية"], ["💐", "bouquet flowers", "باقة ورد"],
    ["💯", "hundred perfect", "تمام مئة"], ["👌", "ok fine", "تمام حسنا"], ["☕", "coffee", "قهوة"],
    ["🌴", "palm", "نخلة"], ["🕌", "mosque", "مسجد"], ["🎫", "ticket", "تذكرة"], ["💻", "computer laptop", "حاسوب"],
    ["📺", "television tv", "تلفاز"], ["🔋", "battery", "بطارية"], ["🔌", "plug power", "كهرباء قابس"],
    ["📷", "camera picture", "صورة كاميرا"], ["📎", "attachment clip", "مرفق"], ["🔗", "link", "رابط"],
    ["🔄", "again refresh", "تحديث إعادة"], ["🆕", "new", "جديد"], ["✈️", "flight travel", "طائرة سفر"],
    ["🚗", "car", "سيارة"], ["🏦", "bank", "بنك مصرف"], ["🏥", "hospital health", "مستشفى صحة"],
    ["🩺", "doctor health", "طبيب فحص"],
  ];

  /* Letters that are typed in several ways are one: alef, ya, ta marbuta, and marks are none. */
  const fold = (words) => words.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f\u0640\u064b-\u065f\u0670]/g, "")
    .replace(/[أإآٱ]/g, "ا").replace(/ى/g, "ي").replace(/ة/g, "ه");
  const folded = ALL.map((one) => fold(`${one[1]} ${one[2]}`).split(" "));
  const used = () => (memory.get("emoji") || "").split(" ").filter(Boolean);

  /* Every word of the question begins one of its words. Without a question all of them, those used last first. */
  const find = (query) => {
    const asked = fold(query).split(/\s+/).filter(Boolean);
    if (asked.length) return ALL.filter((_one, place) => asked.every((word) => folded[place].some((known) => known.startsWith(word))));
    const last = used().map((sign) => ALL.find((one) => one[0] === sign)).filter(Boolean);
    return [...last, ...ALL.filter((one) => !last.includes(one))];
  };
  radd.emoji = {
    find,
    /* In the language of the page. */
    name: (one) => one[document.documentElement.lang === "ar" ? 2 : 1],
    use: (sign) => memory.set("emoji", [sign, ...used().filter((other) => other !== sign)].slice(0, KEPT).join(" ")),
  };
})();
