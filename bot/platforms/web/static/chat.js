// What makes the page live: forms are sent without leaving it, new lines come by server-sent events.
// Everything here also works without it, only with page loads.
const body = document.body;
const log = document.getElementById("log");
const scroll = document.getElementById("scroll");
const writing = document.getElementById("writing");
const lost = document.getElementById("lost");
const notice = document.getElementById("notice");
const form = document.getElementById("write");
const box = document.getElementById("text");
// On a touch screen, focus would bring up the keyboard over the answer.
const byTouch = matchMedia("(pointer: coarse)").matches;
const live = "live" in body.dataset;
// A room has its forms and updates at its own address; the chat with the bot has them at the top.
const base = body.dataset.base || "";
const home = base || "/";
const picker = document.getElementById("file");
const chosen = document.getElementById("chosen");
const aside = document.getElementById("aside");
document.documentElement.classList.add("scripted");

let after = Number(body.dataset.live || 0);
let source = null;
let pause = 0;
let timer = 0;
let writingTimer = 0;
let sending = false;

// A form's own id: the same while it is sent again, so that it counts once. Plain http has no randomUUID.
function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function showWriting(on, lasts = 60000) {
  if (!writing) return;
  clearTimeout(writingTimer);
  writing.hidden = !on;
  if (on) writingTimer = setTimeout(() => { writing.hidden = true; }, lasts);
}

function showLost(on) {
  const words = on ? lost.dataset.lost : "";
  if (lost.textContent !== words) lost.textContent = words;
  if (on) showWriting(false);
}

function nodeOf(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  return holder.content.firstElementChild;
}

// Puts a line in, or in the place of its earlier version, and keeps the reader's focus where it makes sense.
// Says whether it is a new one. What became of a message above the first one that is shown is not.
function place(line) {
  const node = nodeOf(line.html);
  let old = Array.from(log.children).find((child) => child.dataset.ref === line.ref);
  if (old && base && Number(old.dataset.id) < line.id) {
    // What waited has come out, and is the newest of the room now.
    old.remove();
    old = null;
  }
  if (!old) {
    const first = log.firstElementChild;
    if (line.id && first && Number(first.dataset.id) > line.id) return false;
    const quiet = document.getElementById("quiet");
    if (quiet) quiet.remove();
    node.classList.add("fresh");
    log.append(node);
    if (line.mine) scroll.scrollTop = 0;
    return true;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const spot = focused ? Array.from(old.querySelectorAll("button")).indexOf(focused) : -1;
  old.replaceWith(node);
  if (!focused) return false;
  const buttons = node.querySelectorAll("button");
  const next = buttons[Math.min(spot, buttons.length - 1)];
  if (next) next.focus(); else if (!byTouch) box.focus();
  return false;
}

// A message taller than the window is read from its top, not from its end.
function showTop(ref) {
  const node = Array.from(log.children).find((child) => child.dataset.ref === ref);
  if (node && node.offsetHeight > scroll.clientHeight && node.querySelector(".choice")) {
    node.scrollIntoView({ block: "start" });
  }
}

function onLine(event) {
  const line = JSON.parse(event.data);
  after = Number(event.lastEventId);
  const isNew = place(line);
  if (!line.mine) showTop(line.ref);
  if (base) return;
  showWriting(line.mine && isNew);
  const foreign = line.language && line.language !== document.documentElement.dataset.language;
  if (foreign && !box.value) location.replace("/");
}

function disconnect() {
  clearTimeout(timer);
  if (source) source.close();
  source = null;
}

function connect() {
  disconnect();
  if (!live || document.hidden) return;
  source = new EventSource(`${base}/events?after=${after}`);
  source.addEventListener("open", () => { pause = 0; showLost(false); });
  source.addEventListener("line", onLine);
  source.addEventListener("typing", (event) => showWriting(JSON.parse(event.data), 8000));
  source.addEventListener("gone", () => location.replace(home));
  source.addEventListener("otherwise", () => { if (!box.value) location.replace(home); });
  source.addEventListener("error", () => {
    disconnect();
    // A first failure may be a mere hiccup, so the notice waits for the second.
    if (pause) showLost(true);
    pause = Math.min(Math.max(pause * 2, 500), 8000);
    timer = setTimeout(connect, pause);
  });
}

// A form with a file goes in parts, as the browser would send it.
function coded(fields) {
  if (!Object.values(fields).some((value) => value instanceof File)) return new URLSearchParams(fields);
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

// Says what became of something: in another colour where it went well.
function tell(words, well = false) {
  notice.classList.toggle("well", well);
  notice.textContent = words;
}

// Sends a form until the server has answered; false if it refused.
async function post(address, fields) {
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(address, { method: "POST", headers, body: coded(fields) });
      if (answer.ok) {
        showLost(false);
        tell("");
        return true;
      }
      if (answer.status < 502) {
        const told = await answer.json().catch(() => ({}));
        tell(told.error || `${answer.status}`);
        return false;
      }
    } catch {
      // The network failed; the notice says so, and the same form is sent again.
    }
    showLost(true);
    await new Promise((resolve) => { setTimeout(resolve, wait); });
  }
}

async function send(address, fields) {
  if (live && !source) connect();
  const taken = await post(address, { ...fields, event: freshId() });
  if (!taken) return false;
  if (!live) {
    location.assign(home);
  } else if (source === null || source.readyState === EventSource.CLOSED) {
    connect();
  }
  return true;
}

async function say(event) {
  event.preventDefault();
  const text = box.value;
  const file = picker && picker.files[0];
  if ((!text.trim() && !file) || sending) return;
  sending = true;
  showWriting(true);
  const { language, about, edits } = form.elements;
  const fields = { text, language: language.value, about: about.value, edits: edits.value };
  if (file) {
    fields.file = file;
    document.getElementById("chosen-name").textContent = picker.dataset.sending;
  }
  const taken = await send(`${base}/say`, fields);
  sending = false;
  if (taken) {
    box.value = "";
    unchoose();
    turnTo("", "", "");
    grow();
  } else {
    showWriting(false);
    showChosen();
  }
  if (!byTouch || document.activeElement !== body) box.focus();
}

// What the next text is about: a line that it answers or changes.
function turnTo(name, ref, says) {
  form.elements.about.value = name === "about" ? ref : "";
  form.elements.edits.value = name === "edits" ? ref : "";
  document.getElementById("aside-says").textContent = says;
  aside.hidden = !ref;
}

function showChosen() {
  const file = picker && picker.files[0];
  if (!chosen) return;
  document.getElementById("chosen-name").textContent = file ? file.name : "";
  chosen.hidden = !file;
}

function unchoose() {
  if (!picker) return;
  picker.value = "";
  showChosen();
}

function choose() {
  const file = picker.files[0];
  tell("");
  if (file && file.size > Number(picker.dataset.most)) {
    tell(picker.dataset.big);
    unchoose();
  }
  showChosen();
  box.focus();
}

// A picture from the clipboard is a file like any other.
function paste(event) {
  if (!picker || !event.clipboardData || event.clipboardData.files.length !== 1) return;
  event.preventDefault();
  picker.files = event.clipboardData.files;
  choose();
}

function deed(event) {
  const link = event.target.closest("a.deed");
  if (!link) return;
  event.preventDefault();
  link.closest("details").open = false;
  turnTo(link.dataset.name, link.dataset.ref, link.dataset.says);
  if (link.dataset.name === "edits") {
    box.value = link.dataset.text;
    grow();
  }
  box.focus();
}

// Others hear of it only where somebody else is at the other end.
let told = 0;
function typing() {
  const now = Date.now();
  if (base || now - told < 4000 || !box.value.trim() || !log || !log.querySelector(".deeds")) return;
  told = now;
  fetch("/typing", { method: "POST", body: new URLSearchParams({ on: "1" }) }).catch(() => {});
}

async function press(event) {
  const target = event.target;
  const button = event.submitter;
  const action = target.getAttribute("action");
  if (!button || !["/press", "/go", `${base}/order`, `${base}/remove`, `${base}/sign`, `${base}/press`].includes(action)) return;
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  const menu = target.closest("details");
  if (menu) menu.open = false;
  showWriting(action === "/press" || action === "/go");
  const fields = Object.fromEntries(new FormData(target, button));
  const taken = await send(action, fields);
  if (!taken) showWriting(false);
  else if (button.dataset.done) tell(button.dataset.done, true);
  // The answer replaces a pressed button; where none comes, it may be pressed again.
  setTimeout(() => button.removeAttribute("aria-disabled"), taken && action === "/press" ? 4000 : 0);
  if (menu && !byTouch) box.focus();
}

function grow() {
  if (CSS.supports("field-sizing", "content")) return;
  box.rows = Math.min(6, box.value.split("\n").length);
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

form.addEventListener("submit", say);
document.addEventListener("submit", (event) => { if (event.target !== form) press(event); });
box.addEventListener("input", () => { grow(); typing(); });
box.addEventListener("paste", paste);
document.addEventListener("click", deed);
document.getElementById("aside-off").addEventListener("click", (event) => {
  event.preventDefault();
  if (form.elements.edits.value) box.value = "";
  turnTo("", "", "");
  box.focus();
});
if (picker) {
  picker.addEventListener("change", choose);
  document.getElementById("chosen-off").addEventListener("click", () => { unchoose(); box.focus(); });
  showChosen();
}
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
// A hidden page lets its connection go: browsers allow only six to one server, however many tabs there are.
document.addEventListener("visibilitychange", connect);
addEventListener("online", connect);
addEventListener("pagehide", disconnect);
addEventListener("pageshow", (event) => { if (event.persisted) connect(); });

if (!byTouch) box.focus();
connect();
