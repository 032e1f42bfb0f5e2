/* Clocks count on: each second in the open ticket, each fifteen in rows. Crossing into amber or red is said once. */
(() => {
  const { $, $$, words } = radd;
  const shapes = { well: "clock", soon: "hourglass", late: "alert-circle" };

  const stateOf = (clock, now) => (now >= clock.dataset.due ? "late" : now >= clock.dataset.soon ? "soon" : "well");

  const draw = (clock) => {
    const now = Date.now() / 1000;
    const left = clock.dataset.due - now;
    const text = radd.span(left);
    const box = $("[data-left], b", clock);
    // A number with a unit in Arabic must not be forced left to right; its sign must stay before it all the same.
    const plain = /^[\x20-\x7e]*$/.test(text);
    box.textContent = (left < 0 ? (plain ? "−" : "\u200e−") : "") + text;
    box.classList.toggle("n", plain);
    const state = stateOf(clock, now);
    if (clock.dataset.state === state) return;
    const before = clock.dataset.state;
    clock.dataset.state = state;
    clock.classList.toggle("soon", state === "soon");
    clock.classList.toggle("late", state === "late");
    // In rows the class alone draws the shape.
    const use = $("use", clock);
    use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${shapes[state]}`));
    const word = $(".vh, i", clock);
    if (word) word.textContent = words[state];
    if (before && "seconds" in clock.dataset) radd.say(state === "late" ? words.nowLate : words.nowSoon);
    if ("seconds" in clock.dataset && state === "late") $("[data-word]", clock).textContent = words.late;
  };

  const tick = () => $$("[data-due][data-seconds]").forEach(draw);
  const tickAll = () => $$("[data-due]").forEach(draw);

  /* An answer that can still be taken back counts down, then says that it goes. */
  const countdown = () => $$("[data-until]").forEach((mark) => {
    const left = Math.ceil(mark.dataset.until - Date.now() / 1000);
    mark.textContent = left > 0 ? words.sendingIn.replace("{n}", left) : words.sendingNow;
    if (left > 0) return;
    delete mark.dataset.until;
    mark.parentElement.querySelector("form")?.remove();
  });

  /* When an answer that the platform did not take is tried again. */
  const nextTries = () => $$("[data-next]").forEach((mark) => {
    const left = Math.ceil(mark.dataset.next - Date.now() / 1000);
    mark.textContent = left > 0 ? words.nextTry.replace("%(time)s", radd.span(left)) : words.tryingNow;
  });

  radd.dressers.push((root) => $$("[data-due]", root).forEach(draw));
  setInterval(() => { tick(); countdown(); nextTries(); }, 1000);
  setInterval(tickAll, 15000);
})();
