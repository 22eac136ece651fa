// The code of a card may stand behind the # of the address: it goes into its box and out of sight, and never to a server
// by itself. No more than three pictures can be ticked.
const code = document.getElementById("code");
const boxes = Array.from(document.querySelectorAll(".emblem input"));
const MOST = 3;

function fill() {
  const scanned = location.hash.slice(1).replace(/-/g, "");
  if (!/^[0-9a-z]{12}$/i.test(scanned)) return;
  code.value = scanned.replace(/(.{4})(?=.)/g, "$1-");
  history.replaceState(null, "", location.pathname + location.search);
}

function limit() {
  const full = boxes.filter((box) => box.checked).length >= MOST;
  for (const box of boxes) box.disabled = full && !box.checked;
}

for (const box of boxes) box.addEventListener("change", limit);
addEventListener("hashchange", fill);
fill();
limit();
