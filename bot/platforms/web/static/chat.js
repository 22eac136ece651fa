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

function showWriting(on) {
  if (!writing) return;
  clearTimeout(writingTimer);
  writing.hidden = !on;
  if (on) writingTimer = setTimeout(() => { writing.hidden = true; }, 60000);
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
function place(line) {
  const node = nodeOf(line.html);
  const old = Array.from(log.children).find((child) => child.dataset.ref === line.ref);
  if (!old) {
    node.classList.add("fresh");
    log.append(node);
    if (line.mine) scroll.scrollTop = 0;
    return;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const spot = focused ? Array.from(old.querySelectorAll("button")).indexOf(focused) : -1;
  old.replaceWith(node);
  if (!focused) return;
  const buttons = node.querySelectorAll("button");
  const next = buttons[Math.min(spot, buttons.length - 1)];
  if (next) next.focus(); else if (!byTouch) box.focus();
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
  place(line);
  if (!line.mine) showTop(line.ref);
  showWriting(line.mine);
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
  source = new EventSource(`/events?after=${after}`);
  source.addEventListener("open", () => { pause = 0; showLost(false); });
  source.addEventListener("line", onLine);
  source.addEventListener("gone", () => location.replace("/"));
  source.addEventListener("error", () => {
    disconnect();
    // A first failure may be a mere hiccup, so the notice waits for the second.
    if (pause) showLost(true);
    pause = Math.min(Math.max(pause * 2, 500), 8000);
    timer = setTimeout(connect, pause);
  });
}

// Sends a form until the server has answered; false if it refused.
async function post(address, fields) {
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(address, { method: "POST", headers, body: new URLSearchParams(fields) });
      if (answer.ok) {
        showLost(false);
        notice.textContent = "";
        return true;
      }
      if (answer.status < 502) {
        const told = await answer.json().catch(() => ({}));
        notice.textContent = told.error || `${answer.status}`;
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
    location.assign("/");
  } else if (source === null || source.readyState === EventSource.CLOSED) {
    connect();
  }
  return true;
}

async function say(event) {
  event.preventDefault();
  const text = box.value;
  if (!text.trim() || sending) return;
  sending = true;
  showWriting(true);
  const taken = await send("/say", { text, language: form.elements.language.value });
  sending = false;
  if (taken) {
    box.value = "";
    grow();
  } else {
    showWriting(false);
  }
  if (!byTouch || document.activeElement !== body) box.focus();
}

async function press(event) {
  const target = event.target;
  const button = event.submitter;
  const action = target.getAttribute("action");
  if (!button || (action !== "/press" && action !== "/go")) return;
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  const menu = target.closest("details");
  if (menu) menu.open = false;
  showWriting(true);
  const fields = Object.fromEntries(new FormData(target, button));
  const taken = await send(action, fields);
  if (!taken) showWriting(false);
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
box.addEventListener("input", grow);
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
