// Taking the roll on a phone: search, counts, countdown; and a network that comes and goes (docs/decisions/0014).
// A roll call is written into the browser's store before it is sent and taken out when the server has answered. It holds the keys
// of pupils and what was chosen, no name.
"use strict";
(() => {
  const PAGES = "roll-pages", AGAIN = 5000, PATIENCE = 20000, KEEP_DAYS = 7;
  const TONES = { "": "", half: "info", late: "info", early: "info", leave: "warn", sick: "warn", personal: "warn" };
  const form = () => document.getElementById("roll");
  const box = () => document.getElementById("unsent");
  let since = performance.now(), touched = false, busy = false, halted = false; // halted: somebody's turn

  // --- the store ---
  const base = () => new Promise((done, fail) => {
    const asked = indexedDB.open("zaixue", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("unsent", { keyPath: "id" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  async function store(mode, work) {
    const opened = await base();
    try {
      return await new Promise((done, fail) => {
        const step = opened.transaction("unsent", mode), asked = work(step.objectStore("unsent"));
        step.oncomplete = () => done(asked.result);
        step.onabort = () => fail(step.error);
      });
    } finally { opened.close(); }
  }
  const all = () => store("readonly", (rows) => rows.getAll());
  const put = (item) => store("readwrite", (rows) => rows.put(item));
  const forget = (id) => store("readwrite", (rows) => rows.delete(id));
  // Take one out, or put what is known now in its place: unless a newer one was written there meanwhile.
  const settle = (item, instead) => store("readwrite", (rows) => {
    const asked = rows.get(item.id);
    asked.onsuccess = () => {
      if (asked.result && asked.result.key === item.key) instead ? rows.put(instead) : rows.delete(item.id);
    };
    return asked;
  });
  const mine = async () => (await all()).filter((item) => item.owner === box().dataset.owner);

  function freshKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/(.{8})(.{4}).(.{3}).(.{3})(.{12})/, "$1-$2-4$3-8$4-$5");
  }
  const idOf = (sent) => [box().dataset.owner, new URL(sent.action).pathname, sent.elements.day.value].join(" ");

  // One press is one key: the page may be an old one out of the cache, whose own key was used before.
  function itemOf(sent) {
    const fields = [...new FormData(sent)].filter(([name]) => !["csrfmiddlewaretoken", "_key", "spent"].includes(name));
    const key = freshKey();
    fields.push(["_key", key], ["spent", Math.round((performance.now() - since) / 1000)]);
    const path = new URL(sent.action).pathname;
    return { id: idOf(sent), key, owner: box().dataset.owner, label: sent.dataset.label, path, fields, at: Date.now() };
  }

  // --- sending ---
  const token = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1] || "";
  async function post(item) {
    const stop = new AbortController(), clock = setTimeout(() => stop.abort(), PATIENCE);
    const given = { method: "POST", body: new URLSearchParams(item.fields), headers: { "X-CSRFToken": token() }, signal: stop.signal };
    try {
      const answer = await fetch(item.path, given);
      return { answer, text: await answer.text() };
    } finally { clearTimeout(clock); }
  }
  function outcome({ answer }) {
    const path = new URL(answer.url).pathname;
    if (answer.status >= 500 || answer.status === 429) return "waiting";
    if (answer.status === 409) return "conflict";
    if (answer.status === 403) return "login"; // the token is of an earlier log-in
    if (answer.status === 404) return "post";
    if (answer.redirected && answer.ok) return path.startsWith("/roll/") ? "stored" : "login";
    return "refused";
  }
  const parsed = (text) => new DOMParser().parseFromString(text, "text/html");
  const deciding = () => document.querySelector(".versus"); // nothing moves until one is chosen
  function inPlace({ answer, text }) {
    show({ responseText: text, responseURL: answer.url });
    start();
  }
  async function stored(item, got) {
    await settle(item);
    if (!window.caches || !got.answer.headers.has("X-Keep-Until")) return;
    const pages = await caches.open(PAGES); // the kept page shows what stands now
    await pages.put(got.answer.url, new Response(got.text, { headers: got.answer.headers }));
  }

  // Send one item; `here` is the form it was just sent from, none for one that had been waiting.
  async function send(item, here) {
    let got;
    try { got = await post(item); } catch { return "waiting"; }
    const state = outcome(got);
    if (state === "stored") await stored(item, got);
    if (state === "conflict" && !here && touched) return "conflict"; // never away from under somebody's hands
    if (state === "conflict" || (here && (state === "stored" || got.answer.status === 422))) {
      if (state !== "conflict") await settle(item);
      inPlace(got);
    } else if (state === "stored" && form() && idOf(form()) === item.id) {
      if (touched) form().elements.seen.value = parsed(got.text).querySelector("[name=seen]").value;
      else inPlace(got);
    } else if (state === "refused") {
      const said = parsed(got.text).querySelector("main .error, main .card p, main h1");
      await settle(item, { ...item, fault: said ? said.textContent.trim() : `服务器回答 ${got.answer.status}` });
    }
    return state;
  }

  async function flush() {
    if (busy || halted || !box() || deciding()) return;
    busy = true;
    try {
      // Old by this telephone's clock, which may be wrong: the person's own is sent all the same.
      const old = Date.now() - KEEP_DAYS * 86400000, own = box().dataset.owner;
      for (const item of await all()) if (item.at < old && (item.fault || item.owner !== own)) await settle(item);
      let state = "";
      for (const item of await mine()) {
        if (item.fault) continue;
        state = await send(item);
        if (["waiting", "login", "conflict"].includes(state)) break;
      }
      halted = state === "login" || state === "conflict";
      await tell(state);
    } catch (fault) { console.warn(fault); } finally { busy = false; }
  }

  async function submit(sent) {
    const item = itemOf(sent);
    let kept = true;
    busy = true;
    try { await put(item); } catch { kept = false; } // a browser without a store still sends
    try {
      const state = await send(item, sent);
      if (sent.isConnected) release(sent);
      touched = halted = false;
      await tell(state, kept);
    } finally { busy = false; }
  }

  // --- what is said of it ---
  const button = (words, press) => {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", className: "button", textContent: words, onclick: press });
    return made;
  };
  async function tell(state, kept = true) {
    const rows = kept ? await mine() : [], foreign = kept ? (await all()).length - rows.length : 0;
    try { localStorage.setItem("unsent", rows.length); } catch { /* a browser that forbids it */ }
    const words = [];
    if (!kept && state === "waiting") words.push("没有网络，本机浏览器又不能保存：请不要关闭页面，有网络后再点一次提交。");
    for (const item of rows) {
      if (item.fault) words.push(`${item.label} 的点名没有收下：${item.fault}`, button("不再上传", () => settle(item).then(() => tell(""))));
    }
    const waiting = rows.filter((item) => !item.fault && !(deciding() && idOf(form()) === item.id));
    if (waiting.length) words.push(`未上传 ${waiting.length}：${waiting.map((item) => item.label).join("、")}。`);
    if (waiting.length && state === "login") words.push("登录已失效，请重新登录，登录后自动上传。", link());
    else if (waiting.length && state === "post") words.push("现在的岗位不能提交这个班的点名，请在右上角切换岗位，切换后自动上传。");
    else if (waiting.length && state === "conflict") words.push("别人已提交过，请对照。", button("对照", () => { touched = halted = false; flush(); }));
    else if (waiting.length) words.push("已存在这台手机上，恢复网络后自动上传。", button("立即上传", flush));
    if (foreign) words.push(`这台手机上还有另一位老师未上传的点名 ${foreign} 份，请那位老师登录后上传。`);
    box().replaceChildren(...words);
    box().hidden = !words.length;
    online(state);
  }
  function link() {
    const made = document.createElement("a");
    Object.assign(made, { className: "button", href: "/login/?next=/roll/", textContent: "登录" });
    return made;
  }
  function online(state) {
    const net = document.getElementById("net");
    if (!net) return;
    const gone = !navigator.onLine || state === "waiting";
    net.textContent = gone ? "没有网络，先存手机" : "已联网";
    net.className = gone ? "text-warn" : "text-ok";
  }

  // --- rows, counts, search, countdown ---
  // 其他 asks for a few words; under another choice they are not sent.
  function ask(row) {
    if (row.nextElementSibling) return;
    const made = document.createElement("input"), name = row.parentElement.querySelector("label").firstChild.textContent;
    Object.assign(made, { type: "text", name: `n${row.name.slice(1)}`, maxLength: 100, placeholder: "什么情况（可以不写）", ariaLabel: `${name}：什么情况`, autocomplete: "off" });
    row.after(made);
  }
  function count() {
    const rows = [...document.querySelectorAll(".pupils select")];
    if (!rows.length) return;
    const tones = rows.map((row) => (row.value in TONES ? TONES[row.value] : "bad"));
    rows.forEach((row, n) => {
      row.parentElement.className = row.value === "other" ? `${tones[n]} said` : tones[n];
      if (row.value === "other") ask(row);
    });
    const missing = tones.filter((tone) => tone === "bad" || tone === "warn").length, partly = tones.filter((tone) => tone === "info").length;
    const told = document.getElementById("counts"), bold = (number, tone) => Object.assign(document.createElement("b"), { textContent: number, className: tone });
    told.replaceChildren("应到 ", bold(rows.length, ""), " · 未到 ", bold(missing, missing ? "text-bad" : ""), ...(partly ? [" · 半天、迟到、早退 ", bold(partly, "")] : []));
  }
  function search(field) {
    const wanted = field.value.trim().toLowerCase();
    let found = 0;
    document.querySelectorAll(".pupils li").forEach((row) => {
      row.hidden = !(row.dataset.i.includes(wanted) || row.querySelector("label").textContent.includes(wanted));
      found += !row.hidden;
    });
    document.getElementById("nobody").hidden = found > 0;
  }
  function countdown() {
    const pill = document.querySelector("[data-left]");
    if (!pill) return;
    const left = pill.dataset.left - (Date.now() / 1000 - pill.dataset.at), minutes = Math.floor(left / 60), due = pill.dataset.due;
    const words = minutes >= 60 ? `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分钟` : `${minutes} 分钟`;
    pill.textContent = left < 0 ? `已过 ${due}，提交记为逾时` : `距 ${due} 还有 ${words}`;
    pill.className = `pill ${left < 0 ? "bad" : left < 1800 ? "warn" : ""}`;
  }

  function start() {
    since = performance.now();
    touched = false;
    count();
    countdown();
    online("");
  }

  document.addEventListener("change", (event) => { if (event.target.matches(".pupils select")) { touched = true; count(); } });
  document.addEventListener("input", (event) => {
    if (event.target.id === "find") search(event.target);
    if (event.target.matches(".pupils input")) touched = true;
  });
  document.addEventListener("keydown", (event) => { if (event.target.matches("#find, .pupils input") && event.key === "Enter") event.preventDefault(); });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "roll") return;
    event.preventDefault();
    submit(event.target);
  });
  document.addEventListener("click", async (event) => {
    const kept = event.target.closest("[data-drop]");
    if (!kept) return;
    event.preventDefault();
    try { await forget(idOf(form())); } finally { location.assign(kept.href); }
  });
  window.addEventListener("online", flush);
  window.addEventListener("offline", () => online("waiting"));
  window.addEventListener("pageshow", (event) => { if (event.persisted) flush(); });
  setInterval(countdown, 15000);
  setInterval(() => mine().then((rows) => rows.some((item) => !item.fault) && flush()).catch(() => null), AGAIN);
  start();
  flush();
  if (navigator.serviceWorker) {
    navigator.serviceWorker.register("/sw.js").then(async () => {
      if (!navigator.serviceWorker.controller) (await navigator.serviceWorker.ready).active.postMessage(location.href);
    }).catch(() => null); // a browser that allows none still takes the roll
  }
})();
