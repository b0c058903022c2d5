// What a form alone cannot do. Every listener sits on the document, so pieces swapped in by htmx work too.
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
  if (form.matches("[data-upload]") && form.querySelector("input[type=file]")?.files.length) {
    event.preventDefault();
    upload(form, event.submitter);
  }
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

// --- upload with progress; without this script the same form is posted plainly ---
function upload(form, submitter) {
  const data = new FormData(form, submitter);
  const box = form.querySelector("[data-upload-progress]");
  const say = (words) => { if (box) box.querySelector("[data-said]").textContent = words; };
  const request = new XMLHttpRequest();
  if (box) box.hidden = false;
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    const percent = Math.round((100 * event.loaded) / event.total);
    if (box) box.querySelector("progress").value = percent;
    say(percent < 100 ? `正在上传 ${percent}%` : "已上传，正在登记");
  });
  request.addEventListener("load", () => show(request));
  request.addEventListener("error", () => { release(form); say("网络中断，文件没有上传。请检查网络后再点一次。"); });
  request.open("POST", form.action);
  request.send(data);
}

// The answer is a whole page (the redirect is already followed): put it in place, so that its messages are not lost to a second request.
function show(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  document.title = page.title;
  document.body.replaceWith(page.body);
  window.history.pushState({}, "", request.responseURL);
  window.scrollTo(0, 0);
  begin(document.body);
  toFault();
  if (window.htmx) window.htmx.process(document.body);
}
window.addEventListener("popstate", () => window.location.reload());

// --- drop zone ---
const zone = (event) => event.target.closest?.("[data-drop]");
["dragenter", "dragover"].forEach((kind) => document.addEventListener(kind, (event) => {
  if (!zone(event)) return;
  event.preventDefault();
  zone(event).classList.add("over");
}));
document.addEventListener("dragleave", (event) => {
  if (zone(event) && !zone(event).contains(event.relatedTarget)) zone(event).classList.remove("over");
});
document.addEventListener("drop", (event) => {
  const box = zone(event);
  if (!box) return;
  event.preventDefault();
  box.classList.remove("over");
  const input = box.querySelector("input[type=file]");
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

// --- ticks and file names ---
document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.matches("[data-drop] input[type=file]")) {
    const box = zone(event);
    box.classList.toggle("full", input.files.length > 0);
    box.querySelector("[data-name]").textContent = [...input.files].map((f) => `${f.name}（${Math.ceil(f.size / 1024)} KB）`).join("、");
  } else if (input.dataset.selectAll) {
    input.form?.querySelectorAll(`input[type=checkbox][name="${input.dataset.selectAll}"]`).forEach((box) => { box.checked = input.checked; });
  }
});

// --- copy, and menus that close ---
function closeMenus(but) {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => { if (!menu.contains(but)) menu.open = false; });
}
document.addEventListener("click", async (event) => {
  closeMenus(event.target);
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  button.textContent = "已复制";
});
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
// A refused form comes back filled in: go to the first field that has to be mended.
function toFault() {
  const field = document.querySelector("main [aria-invalid=true]");
  if (!field) return;
  field.focus({ preventScroll: true });
  field.scrollIntoView({ block: "center" });
}
begin(document);
window.addEventListener("load", toFault);
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
document.addEventListener("htmx:load", (event) => begin(event.target));
