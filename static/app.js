"use strict";
// Only comforts: every page works without this file. Nothing here decides anything the server does not decide again.

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const typing = (element) => element?.matches?.("input:not([type=checkbox]):not([type=radio]), select, textarea");

// ---- exact arithmetic: ten-thousandths as BigInt, because money is never a float --------------------------------
const UNIT = 10000n;
const scaled = (text) => {
  const match = /^\s*(\d{1,12})(?:\.(\d{0,4}))?\s*$/.exec(text ?? "");
  return match ? BigInt(match[1]) * UNIT + BigInt((match[2] ?? "").padEnd(4, "0")) : null;
};
const plain = (value) => `${value / UNIT}.${String(value % UNIT).padStart(4, "0")}`.replace(/\.?0+$/, "");
const halfEven = (value, by) => {
  const rest = value % by, half = by / 2n, whole = value / by;
  return rest > half || (rest === half && whole % 2n) ? whole + 1n : whole;
};
const cents = (quantity, price) => halfEven(quantity * price, UNIT * UNIT / 100n);
const shown = (amount) => {
  const text = String(amount).padStart(3, "0");
  return `${BigInt(text.slice(0, -2)).toLocaleString("en-GB")}.${text.slice(-2)}`;
};
const packed = (wanted, pack, minimum) => {
  const least = wanted < minimum ? minimum : wanted;
  return ((least + pack - 1n) / pack) * pack;
};

// ---- the quantity grid -----------------------------------------------------------------------------------------
function priceAt(input, quantity) {
  if (quantity === scaled(input.dataset.saved) || !input.dataset.tiers) return scaled(input.dataset.price);
  const tiers = input.dataset.tiers.split(" ").map((tier) => tier.split(":").map(scaled));
  const reached = tiers.filter(([from], index) => !index || from <= quantity);
  if (input.dataset.incremental === undefined || !quantity) return reached.at(-1)[1];
  // Each unit at its own tier's price, on average: as suppliers/prices.py.
  const starts = [0n, ...reached.slice(1).map(([from]) => from)];
  const paid = reached.reduce((sum, [, price], index) => sum + ((starts[index + 1] ?? quantity) - starts[index]) * price, 0n);
  return (2n * paid + quantity) / (2n * quantity);
}
const cells = (grid) => all("input[data-price]", grid);

function recount(grid) {
  let total = 0n, changed = 0;
  for (const input of cells(grid)) {
    const cell = input.closest(".qty"), row = input.closest("tr"), note = find(".line-note", row);
    const wanted = scaled(input.value), { pack, minimum, saved, suggested } = input.dataset;
    const differs = wanted === null || wanted !== scaled(saved);
    cell.classList.toggle("edited", wanted !== scaled(suggested || saved) || differs);
    if (differs) changed += 1;
    const reset = find("[data-reset]", row);
    if (reset) reset.hidden = wanted === scaled(suggested);
    if (wanted === null) { note.textContent = "write a number, e.g. 12"; continue; }
    const buys = wanted === 0n || !differs ? wanted : packed(wanted, scaled(pack), scaled(minimum));
    note.textContent = wanted === 0n ? "the line will be removed"
      : buys === wanted ? "" : `${plain(wanted)} → ${plain(buys)}, ${buys === scaled(minimum) ? `minimum ${minimum}` : `pack of ${pack}`}`;
    const price = priceAt(input, buys), worth = cents(buys, price);
    find("[data-unit-price]", row).textContent = buys === scaled(saved) ? find("[data-unit-price]", row).dataset.unitPrice : shown(halfEven(price, 100n));
    find("[data-line-total]", row).textContent = shown(worth);
    total += worth;
  }
  for (const place of all("[data-grid-total]")) place.textContent = shown(total);
  const bar = find(".savebar", grid);
  bar?.classList.toggle("dirty", changed > 0);
  const words = find("[data-dirty]", grid);
  if (words) words.textContent = changed ? `${changed} ${changed === 1 ? "line" : "lines"} not saved yet` : words.dataset.dirty;
  grid.dataset.unsaved = changed || "";
  for (const part of all("[data-needs-saved]")) part.hidden = changed > 0;
  for (const part of all("[data-when-unsaved]")) part.hidden = changed === 0;
}

// ---- a line over several sites -----------------------------------------------------------------------------------
function resum(form) {
  const whole = scaled(form.dataset.split), parts = all("input[name^=site-]", form).map((input) => scaled(input.value.trim() || "0"));
  const off = parts.reduce((left, part) => left - (part ?? 0n), whole), sum = find("[data-split-sum]", form);
  sum.textContent = parts.includes(null) ? "Write a number, e.g. 12."
    : off > 0n ? `${plain(off)} of ${plain(whole)} missing.` : off < 0n ? `${plain(-off)} more than ${plain(whole)}.` : `The sites get ${plain(whole)} together.`;
  sum.classList.toggle("warn", off !== 0n || parts.includes(null));
}
document.addEventListener("input", ({ target }) => { const form = target.closest?.("[data-split]"); if (form) resum(form); });

function put(input, value) {
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  const grid = event.target.closest?.("[data-grid]");
  if (grid && event.target.matches("input[data-price]")) recount(grid);
});

document.addEventListener("focusin", ({ target }) => { if (target.matches?.("input[data-price]")) target.select(); });

document.addEventListener("paste", (event) => {
  const input = event.target.closest?.("input[data-price]");
  const rows = event.clipboardData?.getData("text").trim().split(/\r?\n/) ?? [];
  if (!input || rows.length < 2) return;
  event.preventDefault();  // a column copied from a spreadsheet fills the lines below
  const inputs = cells(input.closest("[data-grid]"));
  rows.forEach((text, i) => { const cell = inputs[inputs.indexOf(input) + i]; if (cell) put(cell, text.split("\t")[0].trim()); });
});

document.addEventListener("click", (event) => {
  const reset = event.target.closest?.("[data-reset]");
  if (reset) {
    event.preventDefault();
    const input = find("input[data-price]", reset.closest("tr"));
    put(input, input.dataset.suggested);
    input.focus();
  }
  const copy = event.target.closest?.("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => { find("span", copy).textContent = "Copied"; });
  if (event.target.closest?.("[data-help]")) { find("#user-menu")?.hidePopover(); find("#keys")?.showPopover(); }
});

// ---- keyboard --------------------------------------------------------------------------------------------------
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.matches?.("input[data-price]")) {
    const inputs = cells(target.closest("[data-grid]")), at = inputs.indexOf(target);
    const next = { ArrowDown: at + 1, Enter: at + 1, ArrowUp: at - 1 }[key];
    if (key === "Escape") put(target, target.dataset.saved);
    if (next === undefined) return;
    event.preventDefault();
    inputs[Math.min(Math.max(next, 0), inputs.length - 1)].focus();
  } else if (!typing(target)) {
    if (key === "?") find("#keys")?.togglePopover();
    if (key === "/") { event.preventDefault(); (find("[data-focus-key='/'].main-search") ?? find("#search"))?.focus(); }
    if (key === "q") find("input[data-price]")?.focus();
  }
});

// ---- forms -----------------------------------------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-grid]")) form.dataset.unsaved = "";
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }  // a double click sends once
  form.dataset.sent = "1";
  setTimeout(() => { for (const button of all("button", form)) button.setAttribute("aria-disabled", "true"); });
});
addEventListener("pageshow", () => { for (const form of all("form[data-sent]")) { delete form.dataset.sent; for (const button of all("button", form)) button.removeAttribute("aria-disabled"); } });
addEventListener("beforeunload", (event) => { if (all("[data-grid]").some((grid) => grid.dataset.unsaved)) event.preventDefault(); });

// ---- htmx ------------------------------------------------------------------------------------------------------
const busy = (root) => typing(document.activeElement) && root.contains(document.activeElement)
  || find(":popover-open", root) || find("details[open] textarea", root) || all("[data-grid]", root).some((grid) => grid.dataset.unsaved);

document.addEventListener("htmx:beforeRequest", (event) => {
  const poller = event.target.closest?.("[data-poll]");
  if (poller && event.target === poller && (document.hidden || busy(find("#main")))) event.preventDefault();  // never under a person's hands
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const landed = new URL(event.detail.xhr.responseURL || location.href, location.href);
  if (landed.pathname.startsWith("/login/")) { event.detail.shouldSwap = false; location.reload(); }  // the session has ended
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "sheet") event.detail.target.showPopover();
  prepare(event.detail.target);
});

function prepare(root) {
  for (const grid of all("[data-grid]", root)) recount(grid);
  for (const form of all("[data-split]", root)) resum(form);
  for (const part of all("[data-help], [data-copy]", root)) part.hidden = false;
  // On a phone a row of tabs scrolls: the page one is on should be seen in it.
  for (const here of all(".tabs [aria-current]", root)) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 24;
}
prepare(document);

// ---- files -------------------------------------------------------------------------------------------------------
// Before a long upload that the server would refuse, and while one is under way.
const mostBytes = (input) => Number(input.dataset.mostBytes);
document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("input[data-most-bytes]")) return;
  const file = target.files[0], large = file && file.size > mostBytes(target), zone = target.closest(".drop");
  find("#file-error").textContent = large
    ? `${file.name} has ${Math.round(file.size / 1e6)} MB; at most ${Math.round(mostBytes(target) / 1e6)} MB are taken. Pack it with gzip (.csv.gz), or load it in parts.` : "";
  zone.classList.toggle("chosen", Boolean(file) && !large);
  if (large) target.value = "";
  find("b", zone).textContent = file && !large ? file.name : "Drop a file here, or choose one";
});
document.addEventListener("submit", ({ target }) => { const bar = find("[data-uploading]", target); if (bar) bar.hidden = false; });
document.addEventListener("submit", (event) => {
  const words = event.submitter?.dataset.confirm;
  if (words && !window.confirm(words)) event.preventDefault();
});
