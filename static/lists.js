// Drop zones, ticks and copies: what a desk has and the roll call on a phone does without. Stands before app.js, whose words it uses.
"use strict";
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

// A form for those ticked is not sent where nobody is: what was typed in it stays.
document.addEventListener("submit", (event) => {
  const form = event.target, all = form.querySelector("[data-select-all]")?.dataset.selectAll;
  if (!all || form.querySelector(`input[name="${all}"]:checked`)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  complain(form, "还没有勾选。请先在名单里勾选，再提交。");
}, true);

// --- copy ---
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  button.textContent = "已复制";
});
