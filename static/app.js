// What a form alone cannot do. Listeners sit on the document: pieces swapped in by htmx work too.
"use strict";
document.documentElement.classList.add("js");
// --- one tap, one submission ---
function hold(form) {
  form.dataset.sent = "yes";
  const { action, elements } = form;
  if (elements._key) history.replaceState({ ...history.state, sent: { ...history.state?.sent, [action]: elements._key.value } }, "");
  // The pressed button's own name and value must still travel with the form: switch it off after the browser has read it.
  setTimeout(() => form.querySelectorAll("button[type=submit]").forEach((b) => b.setAttribute("aria-disabled", "true")), 0);
}

function release(form) {
  delete form.dataset.sent;
  form.querySelectorAll("button[type=submit]").forEach((b) => b.removeAttribute("aria-disabled"));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const asked = event.submitter?.dataset.confirm || form.dataset.confirm || (form.matches("[data-logout]") && unsent());
  if (form.method !== "post") return;
  if (form.dataset.sent || (asked && !window.confirm(asked))) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  hold(form);
}, true);

// Logging out clears what a phone keeps (docs/decisions/0014), a roll call that was not sent yet among it; so does the page of the log-in.
function unsent() {
  try {
    const number = Number(localStorage.getItem("unsent"));
    return number ? `有 ${number} 份点名还没有上传，退出登录会把它从这台手机上删除。确定退出吗？` : "";
  } catch { return ""; }
}
if (window.caches && document.querySelector(".plain [name=password]")) caches.delete("roll-pages");

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form) release(form);
});
// Back to a form that was sent: it is asked for anew, with what was typed but another key; under its first key the server knows what came already.
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
  for (const [action, key] of Object.entries(history.state?.sent ?? {})) {
    const [form, ...others] = [...document.forms].filter((one) => one.action === action && one.elements._key);
    if (form && !others.length) form.elements._key.value = key;
  }
}
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
});

// --- a form is sent from its page, so that a refused one makes no entry of history (docs/decisions/0023) ---
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || (form.matches("[data-logout]") || form.querySelector("[name=password]")) || !("submitter" in event)) return;
  event.preventDefault();
  deliver(form, event.submitter);
});

const LONGEST = 120_000; // ms; a file may take longer
const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];

function deliver(form, submitter) {
  const data = new FormData(form), request = new XMLHttpRequest();
  const box = form.querySelector("input[type=file]")?.files.length ? form.querySelector("[data-upload-progress]") : null;
  const say = (words) => { if (box) box.querySelector("[data-said]").textContent = words; };
  if (submitter?.name) data.append(submitter.name, submitter.value);
  if (token()) data.set("csrfmiddlewaretoken", token()); // a newer one after another log-in
  if (box) box.hidden = false;
  const waits = setTimeout(() => { if (!box) tell(form, "正在提交，请稍候……", "info"); }, 2000);
  const lost = (words) => { if (box) box.hidden = true; complain(form, words); };
  request.upload.addEventListener("progress", (event) => {
    if (!box || !event.lengthComputable) return;
    const percent = Math.round((100 * event.loaded) / event.total);
    box.querySelector("progress").value = percent;
    say(percent < 100 ? `正在上传 ${percent}%` : "已上传，正在登记");
  });
  request.addEventListener("load", () => answered(form, request));
  request.addEventListener("loadend", () => clearTimeout(waits));
  request.addEventListener("error", () => lost("网络中断，没有提交。请检查网络后再点一次，填的内容都在。"));
  request.addEventListener("timeout", () => lost("等了很久没有回音。请检查网络后再点一次，填的内容都在，不会重复办理。"));
  if (!form.querySelector("input[type=file]")?.files.length) request.timeout = LONGEST;
  request.open("POST", submitter?.hasAttribute("formaction") ? submitter.formAction : form.action);
  request.setRequestHeader("X-Sent-By", "script"); // it is told where to go (apps/core/middleware.py)
  request.send(form.enctype === "multipart/form-data" ? data : new URLSearchParams(data));
}

function answered(form, request) {
  const place = request.getResponseHeader("X-Go-To");
  if (place && new URL(place, location.href).pathname === "/login/") return complain(form, "登录已过期。请在新窗口登录后，再点一次；填的内容都在。");
  if (place) return go(new URL(place, location.href));
  release(form);
  if (request.status < 300 || request.status === 409 || request.status === 422) return show(request);
  const said = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main .error, main .card p");
  complain(form, said ? said.textContent.trim().replace("返回上一页刷新", "刷新页面") : `服务器没有办理（${request.status}），请稍后再点一次。`);
}

function go(url) {
  if (!url.hash || url.href.split("#")[0] !== location.href.split("#")[0]) return location.assign(url);
  history.replaceState(history.state, "", url); // to assign it would only scroll
  location.reload();
}

// A word above a form.
function tell(form, words, tone) {
  const told = form.querySelector("[data-told]") ?? document.createElement("p");
  Object.assign(told, { className: `flash ${tone}`, role: "alert", textContent: words }).dataset.told = "";
  form.prepend(told);
  return told;
}

// Why a form was not taken.
function complain(form, words) {
  release(form);
  tell(form, words, "error").scrollIntoView({ block: "center" });
}

// The answer is a whole page. A form in it that names no address goes where this one went.
function show({ responseText, responseURL }) {
  const page = new DOMParser().parseFromString(responseText, "text/html");
  page.querySelectorAll("form:not([action])").forEach((form) => form.setAttribute("action", responseURL));
  document.title = page.title;
  document.body.replaceWith(page.body);
  window.scrollTo(0, 0);
  begin(document.body);
  toFault();
  if (window.htmx) window.htmx.process(document.body);
}
// Another page of this history is loaded anew; a place on the same one (#) is not.
const here = () => location.pathname + location.search;
let standing = here();
["htmx:pushedIntoHistory", "htmx:replacedInHistory"].forEach((kind) => document.addEventListener(kind, () => { standing = here(); }));
window.addEventListener("popstate", () => { if (here() !== standing) window.location.reload(); });

// --- menus that close ---
function closeMenus(but) {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => { if (!menu.contains(but)) menu.open = false; });
}
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeMenus(null); });
// A link to a form that is folded away opens the fold.
function unfold() {
  const form = document.getElementById(location.hash.slice(1)), fold = form?.closest("details:not([open])");
  if (fold) { fold.open = true; form.scrollIntoView(); }
}
addEventListener("hashchange", unfold);
unfold();

function begin(root) {
  if (navigator.clipboard) root.querySelectorAll("[data-copy][hidden]").forEach((button) => { button.hidden = false; });
}
// Go to the first field that has to be mended, or to the sentence that refuses the whole.
function toFault() {
  const field = document.querySelector("main [aria-invalid=true]") ?? document.querySelector("main form .flash.error");
  if (!field) return;
  const fold = field.closest("details:not([open])");
  if (fold) fold.open = true;
  if (field.matches(".flash")) field.tabIndex = -1;
  field.focus({ preventScroll: true });
  field.scrollIntoView({ block: "center" });
}
begin(document);
window.addEventListener("load", toFault);
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
document.addEventListener("htmx:load", (event) => begin(event.target));
