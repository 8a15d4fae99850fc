// The chat on a persona's page: one websocket, streaming, taken up again after every interruption.
// What is said is a row on the server; this page only shows it. Nothing is opened before the visitor writes,
// unless they have written here before.

const chat = document.getElementById("chat");
const log = document.getElementById("chat-log");
const line = document.getElementById("chat-line");
const typing = document.getElementById("chat-typing");
const form = document.getElementById("chat-form");
const field = document.getElementById("chat-text");
const slug = chat.dataset.slug;
const visited = `gator-chat-${slug}`;

let session = null; // {access_token, expires_at, user, conversation}
let socket = null;
let joined = false;
let pause = 500; // ms before the next try
let lastId = ""; // of the newest message that we show
let renewing = 0;
let streaming = null; // the bubble that grows while the persona speaks
const shown = new Set(); // ids of messages
const outbox = new Map(); // client_id -> {content, bubble}: said here, not yet taken in

const say = (text) => { line.textContent = text; };

function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function atEnd() {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
}

function bubble(kind, text) {
  const stay = atEnd();
  const made = document.createElement("p");
  made.className = `bubble ${kind}`;
  made.dir = "auto";
  made.textContent = text;
  log.append(made);
  if (stay || kind.startsWith("mine")) log.scrollTop = log.scrollHeight;
  return made;
}

function showTyping(on) {
  typing.hidden = !on;
  clearTimeout(showTyping.timer);
  if (on) showTyping.timer = setTimeout(() => showTyping(false), 60000); // the reply may never come
}

function attach(parent, item) {
  const kinds = { picture: "img", voice: "audio", video: "video" };
  if (!kinds[item.kind]) return;
  const media = document.createElement(kinds[item.kind]);
  media.className = "piece";
  media.src = item.url;
  if (item.kind === "picture") media.alt = item.alt_text || item.title;
  else media.controls = true;
  parent.append(media);
}

function grow(delta) {
  showTyping(false);
  const stay = atEnd();
  streaming ??= bubble("theirs", "");
  streaming.setAttribute("aria-busy", "true"); // read out when it is whole, not word by word
  streaming.textContent += delta;
  if (stay) log.scrollTop = log.scrollHeight;
}

function keep(id) {
  shown.add(id);
  if (id > lastId) lastId = id; // ids sort by time
}

function showMessage(message) {
  if (shown.has(message.id)) return;
  keep(message.id);
  const mine = message.author === "fan";
  let target = null;
  if (mine) target = [...outbox.values()].find((one) => one.content === message.content)?.bubble;
  else if (message.author === "persona") { target = streaming; streaming = null; }
  const kind = mine ? "mine" : message.author === "notice" ? "notice" : "theirs";
  if (message.author === "notice" && isSameNotice(message.content)) return;
  if (target) {
    target.className = `bubble ${kind}`;
    target.textContent = message.content;
    target.removeAttribute("aria-busy");
  } else target = bubble(kind, message.content);
  if (!mine) showTyping(false);
  (message.media || []).forEach((item) => attach(target, item));
}

// The notice stands at the top of this page already; the same words need not stand there twice.
function isSameNotice(text) {
  return log.querySelector(".notice")?.textContent.trim() === text.trim();
}

async function openSession() {
  const answer = await fetch(`/api/v1/public/personas/${encodeURIComponent(slug)}/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  const said = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(said.detail), { final: answer.status < 500 && answer.status !== 429 });
  localStorage.setItem(visited, "1");
  return said;
}

function planRenewal() {
  clearTimeout(renewing);
  const left = new Date(session.expires_at) - Date.now() - 60000;
  renewing = setTimeout(async () => {
    try {
      session = await openSession();
      send({ type: "authenticate", token: session.access_token });
      planRenewal();
    } catch { /* the server closes the socket, and connecting starts over */ }
  }, Math.max(left, 5000));
}

function send(item) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(item));
}

async function connect() {
  say("Connecting…");
  try {
    session = await openSession();
  } catch (problem) {
    say(problem.final ? problem.message : "");
    if (!problem.final) retry();
    return;
  }
  const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/${session.user}`;
  socket = new WebSocket(address, ["gator", `gator.bearer.${session.access_token}`]);
  socket.onmessage = (event) => answer(JSON.parse(event.data));
  socket.onclose = () => { joined = false; streaming?.remove(); streaming = null; showTyping(false); retry(); };
  planRenewal();
}

function retry() {
  clearTimeout(renewing);
  say("Not connected. Trying again…");
  setTimeout(connect, pause + Math.random() * 300);
  pause = Math.min(pause * 2, 20000);
}

const doors = {
  authenticated: () => { if (!joined) send({ type: "join_conversation", conversation_id: session.conversation, after: lastId }); },
  conversation_joined: () => {
    joined = true;
    pause = 500;
    say("");
    outbox.forEach((one, id) => deliver(id, one.content));
  },
  new_message: (frame) => showMessage(frame.message),
  message_delta: (frame) => grow(frame.delta),
  message_reset: () => { streaming?.remove(); streaming = null; },
  message_accepted: (frame) => {
    outbox.get(frame.client_id)?.bubble.classList.remove("waiting");
    outbox.delete(frame.client_id);
    if (frame.message_id) keep(frame.message_id); // its own frame may come before or after this one
  },
  typing_indicator: (frame) => { if (frame.user_id !== session.user) showTyping(frame.is_typing && !streaming); },
  error: (frame) => {
    say(frame.message);
    if (frame.client_id && frame.code !== "too_many") { outbox.get(frame.client_id)?.bubble.remove(); outbox.delete(frame.client_id); }
  },
};

function answer(frame) {
  if (frame.conversation_id && frame.conversation_id !== session.conversation) return;
  doors[frame.type]?.(frame);
}

function deliver(id, content) {
  send({ type: "send_message", conversation_id: session.conversation, content, client_id: id });
}

function grown() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight + 2, 144)}px`;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const content = field.value.trim();
  if (!content) return;
  const id = randomId();
  outbox.set(id, { content, bubble: bubble("mine waiting", content) });
  field.value = "";
  grown();
  field.focus();
  if (joined) deliver(id, content);
  else if (!session) connect();
});

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
field.addEventListener("input", grown);

if (localStorage.getItem(visited)) connect();
