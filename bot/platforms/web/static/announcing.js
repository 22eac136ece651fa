// What makes the page of an announcement live: how far it is comes by server-sent events, and words are shown as readers
// will see them while they are written. Everything here also works without it, only with page loads.
const base = document.body.dataset.base;
const now = document.getElementById("now");
document.documentElement.classList.add("scripted");

// Words that were not saved stay in this window, until they are.
const name = (form) => `${base} ${form.dataset.of}`;
const unsaved = () => Array.from(document.querySelectorAll("form.wording textarea")).some((box) => box.value !== box.defaultValue);

async function look(form) {
  const answer = await fetch(`${base}/look`, {
    method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" },
  });
  if (answer.ok) form.querySelector(".shown").innerHTML = (await answer.json()).html;
}

for (const form of document.querySelectorAll("form.wording")) {
  const box = form.querySelector("textarea");
  let timer = 0;
  const kept = sessionStorage.getItem(name(form));
  if (kept !== null && kept !== box.value) {
    box.value = kept;
    look(form);
  }
  box.addEventListener("input", () => {
    sessionStorage.setItem(name(form), box.value);
    clearTimeout(timer);
    timer = setTimeout(() => look(form), 500);
  });
  form.addEventListener("submit", () => sessionStorage.removeItem(name(form)));
}

function show(html) {
  const focused = now.contains(document.activeElement) ? document.activeElement.value : null;
  now.innerHTML = html;
  if (focused) now.querySelector(`button[value="${focused}"]`)?.focus();
}

if ("live" in document.body.dataset) {
  const source = new EventSource(`${base}/events`);
  source.addEventListener("now", (event) => show(JSON.parse(event.data).html));
  source.addEventListener("otherwise", () => { source.close(); if (!unsaved()) location.replace(base); });
  source.addEventListener("gone", () => { source.close(); sessionStorage.clear(); location.replace("/"); });
}
