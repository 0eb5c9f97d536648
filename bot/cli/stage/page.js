// Shows what the two chats hold, and tells the demo what was pressed and typed.
const own = { "Content-Type": "application/json", "X-Demo": "1" };
const shown = {};

async function look() {
  try {
    const answer = await fetch("state");
    const state = await answer.json();
    for (const [chat, html] of Object.entries(state)) draw(chat, html);
    document.body.classList.remove("ended");
  } catch {
    document.body.classList.add("ended");
  }
  setTimeout(look, 300);
}

function draw(chat, html) {
  if (shown[chat] === html) return;
  shown[chat] = html;
  const room = document.getElementById(chat);
  const open = new Set([...room.querySelectorAll("details[open]")].map((each) => each.id));
  const closed = new Set([...room.querySelectorAll("details.thread:not([open])")].map((each) => each.id));
  const low = room.scrollHeight - room.scrollTop - room.clientHeight < 40;
  const focused = document.activeElement?.dataset?.key;
  room.innerHTML = html;
  for (const each of room.querySelectorAll("details")) {
    if (open.has(each.id)) each.open = true;
    if (closed.has(each.id)) each.open = false;
  }
  if (focused) room.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  if (low) room.scrollTop = room.scrollHeight;
}

async function act(path, body) {
  const answer = await fetch(path, { method: "POST", headers: own, body: JSON.stringify(body) });
  const words = document.getElementById("words");
  words.textContent = answer.ok ? "" : await answer.text();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-control]");
  if (!button) return;
  button.closest("details.menu")?.removeAttribute("open");
  const { chat, message, control, option } = button.dataset;
  act("press", { chat, message, control, option });
});

for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = form.elements.typed;
    act("command", { chat: form.dataset.chat, text: typed.value });
    typed.value = "";
  });
}
look();
