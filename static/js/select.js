/* Checking rows for bulk work: by x, by Shift+J and Shift+K, or by a press on the avatar. What is checked stays checked
   while rows are drawn anew; the form of bulk work hears of it by the event `radd:picked` {ids, all, view, query}. */
(() => {
  const { $, $$ } = radd;
  const picked = new Set();
  let all = false;
  let from = null;
  const rows = () => $$("#list li[id^=t-]:not([data-gone])");
  const idOf = (row) => row.id.slice(2);
  const inHand = () => document.activeElement?.closest?.("#list li[id^=t-]") || $("#list a[aria-current]")?.closest("li");

  const words = (bar) => {
    const line = $("[data-words]", bar);
    return all ? line.dataset.all.replace("{n}", bar.dataset.total).replace("  ", " ") : line.dataset.words.replace("{n}", picked.size);
  };
  const draw = () => {
    const bar = $("#picked");
    if (!bar) return;
    rows().forEach((row) => row.toggleAttribute("data-checked", all || picked.has(idOf(row))));
    bar.hidden = !all && !picked.size;
    $("[data-pick-all]", bar).hidden = all || picked.size < 2;
    const line = $("[data-words]", bar);
    if (line.textContent !== words(bar) && !bar.hidden) line.textContent = words(bar);
    document.body.toggleAttribute("data-picking", !bar.hidden);
    document.dispatchEvent(new CustomEvent("radd:picked", {
      detail: { ids: [...picked], all, view: bar.dataset.view, query: bar.dataset.query },
    }));
  };
  /* Unchecking one of "all" leaves those that stand on the page. */
  const set = (row, on) => {
    if (all) { all = false; rows().forEach((one) => picked.add(idOf(one))); }
    if (on) picked.add(idOf(row)); else picked.delete(idOf(row));
  };
  const toggle = (row = inHand()) => {
    if (!row) return false;
    set(row, !(all || picked.has(idOf(row))));
    from = row;
    draw();
    return true;
  };
  const extend = (step) => {
    const row = inHand();
    if (!row) return false;
    set(row, true);
    const list = rows();
    const to = list[list.indexOf(row) + step];
    if (to) {
      set(to, true);
      const link = $("a.r-row", to);
      link.focus({ preventScroll: true });
      link.scrollIntoView({ block: "nearest" });
    }
    draw();
    return true;
  };
  const clear = () => {
    const some = all || picked.size > 0;
    all = false;
    picked.clear();
    draw();
    return some;
  };

  radd.picked = { toggle, extend, clear, ids: () => [...picked], all: () => all };
  radd.bulk = { extends: () => false, ...radd.bulk, ...radd.picked };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-pick-all]")) { all = true; draw(); return; }
    if (event.target.closest("[data-pick-none]")) { clear(); return; }
    const row = event.target.closest("#list .r-row > .r-ava")?.closest("li") || (event.shiftKey && event.target.closest("#list li[id^=t-]"));
    if (!row || event.button || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    const list = rows();
    if (event.shiftKey && list.includes(from)) {
      const [first, last] = [list.indexOf(from), list.indexOf(row)].sort((a, b) => a - b);
      list.slice(first, last + 1).forEach((one) => set(one, true));
      draw();
    } else toggle(row);
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !radd.typing(event.target) && !$("dialog[open], details.r-menu[open]") && clear()) event.stopImmediatePropagation();
  }, true);
  radd.dressers.push(() => { if (all || picked.size) draw(); });
})();

/* Bulk work on the rows that are checked (the above tells which). What can be done is asked for when it is first wanted. */
(() => {
  const { $ } = radd;
  let asked = false;

  const fill = async (form) => {
    asked = true;
    const answer = await fetch(form.dataset.choices, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.ok && !answer.redirected) $("#bulk-do").innerHTML = await answer.text();
    else asked = false;
  };

  document.addEventListener("radd:picked", ({ detail }) => {
    const form = $("#bulk");
    if (!form) return;
    form.hidden = !detail.all && !detail.ids.length;
    form.elements.ids.value = detail.ids.join(",");
    form.elements.all.value = detail.all ? "1" : "";
    form.action = detail.all && detail.query ? `${form.dataset.address}?${detail.query}` : form.dataset.address;
    if (!form.hidden && (!asked || $("#bulk-do").options.length < 2)) fill(form);
  });
})();
