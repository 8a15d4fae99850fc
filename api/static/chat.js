// The chat on a persona's page. What is said is a row on the server; this page only shows it, and keeps what is not sent yet.
// Nothing is opened before the visitor writes, unless they have written here before.
// chat/line.js talks with the server, chat/log.js shows, chat/composer.js writes, chat/outbox.js sends once. In a frame on another
// site (/p/SLUG/embed) it is the same chat, with a session of its own instead of a cookie; chat/embedding.js talks with that site.

import { Composer } from "./chat/composer.js";
import { Embedding } from "./chat/embedding.js";
import { keep, kept } from "./chat/keeping.js";
import { Line } from "./chat/line.js";
import { Linking } from "./chat/linking.js";
import { Log } from "./chat/log.js";
import { Memory } from "./chat/memory.js";
import { Outbox } from "./chat/outbox.js";

const chat = document.getElementById("chat");
const words = JSON.parse(chat.dataset.words);
const slug = chat.dataset.slug;
const visited = `gator-chat-${slug}`;
const state = document.getElementById("chat-line");
const answers = document.getElementById("chat-answers");
const typingSign = document.getElementById("chat-typing");
const newest = document.getElementById("chat-newest");
let asking = false; // for older messages
let typed = 0; // when we last said that we type
let away = false; // whether the line was lost since it was there

const embedded = "embedded" in chat.dataset;
const line = new Line(slug, () => ({ after: log.ids(1)[0] ?? "", seen: log.ids() }), embedded ? "gator-fan" : null);
const log = new Log(document.getElementById("chat-log"), words, {
  older: () => { if (!asking && line.joined) { asking = line.say("get_history", { before: log.oldest }); } },
  edit: (id, content) => composer.edit(id, content),
  remove: (id) => line.say("delete_message", { message_id: id }) || say(words.not_now),
  newest: (shown) => { newest.hidden = !shown; },
  why: (id, text) => memory.explain(id, text),
});
const outbox = new Outbox(line, log, `gator-unsent-${slug}`);
const linking = new Linking(document.getElementById("link-dialog"), line, document.documentElement.lang, (text) => say(text));
const memory = new Memory(document.getElementById("memory-dialog"), line, log, document.documentElement.lang);
const composer = new Composer(document.getElementById("chat-form"), words, {
  send: speak,
  change: (id, content) => line.say("edit_message", { message_id: id, content }) || say(words.not_now),
  typing: tellTyping,
  problem: (text) => say(text),
});

function say(text) { state.textContent = text; }

function speak(content, files, previews) {
  const command = files.length ? null : content.match(/^\/(link|unlink|human)\b\s*(.*)$/i);
  if (command) obey(command[1].toLowerCase(), command[2].trim());
  else {
    outbox.put(content, files, previews);
    if (!line.open) line.connect();
  }
}

// What is in the menu, or has a dialog of its own here; every other command the server answers in the chat, as in any app.
// Commands need a session, as everything does that is not just looking.
async function obey(name, argument) {
  if (name === "memory") { memory.open(); return; }
  if (!line.open) await line.connect();
  if (!line.open) return;
  if (name === "link") linking.open(argument.replace(/\s+(yes|ja)$/i, ""));
  else if (name === "unlink") await linking.unlink();
  else {
    const wish = { reason: argument.slice(0, 500) };
    if (!line.say("want_person", wish)) line.addEventListener("state", () => line.say("want_person", wish), { once: true });
  }
}

function tellTyping(on) {
  if (on && Date.now() - typed < 3000) return;
  typed = on ? Date.now() : 0;
  if (line.joined) line.say(on ? "typing_start" : "typing_stop");
  clearTimeout(tellTyping.timer);
  if (on) tellTyping.timer = setTimeout(() => tellTyping(false), 5000);
}

function showTyping(on) {
  typingSign.hidden = !on;
  clearTimeout(showTyping.timer);
  if (on) showTyping.timer = setTimeout(() => showTyping(false), 60000); // the reply may never come
}

const frames = {
  conversation_joined: (frame) => {
    showAnswers(frame.handoff);
    outbox.deliverAll();
    if (away) line.say("get_history", { limit: 50 }); // what was changed or deleted meanwhile
    away = false;
  },
  new_message: ({ message }) => {
    log.show(message, message.author === "fan" ? outbox.waitingFor(message) : null);
    if (message.author !== "fan") { showTyping(false); embedding?.said(); }
  },
  message_edited: ({ message }) => { if (log.has(message.id)) log.show(message); },
  message_deleted: ({ message }) => log.remove(message.id),
  conversation_forgotten: () => {
    log.takeBack();
    log.clear();
    line.say("join_conversation", line.resume()); // what is said of it, with the receipt, may have come before: once more
  },
  message_delta: (frame) => { showTyping(false); log.grow(frame.delta); },
  message_reset: () => log.takeBack(),
  message_accepted: (frame) => outbox.accepted(frame.client_id, frame.message_id),
  typing_indicator: (frame) => { if (frame.user_id !== line.session.user) showTyping(frame.is_typing && !log.streams); },
  handoff_update: (frame) => showAnswers(frame.state),
  history: (frame) => {
    if (frame.before) { asking = false; log.prepend(frame.messages, frame.more); } else log.reconcile(frame.messages);
  },
  error: (frame) => {
    asking = false;
    if (frame.client_id && frame.code !== "too_many") outbox.refused(frame.client_id, frame.message);
    else say(frame.message);
  },
};

function showAnswers(handoff) {
  answers.textContent = { taken: words.person_answers, wanted: words.person_wanted }[handoff] ?? "";
  answers.hidden = !answers.textContent;
}

line.addEventListener("frame", ({ detail }) => frames[detail.type]?.(detail));
line.addEventListener("session", () => keep(visited, "1"));
line.addEventListener("state", ({ detail }) => {
  chat.dataset.state = detail.state;
  say(detail.reason ?? { connecting: words.connecting, lost: words.lost, offline: words.offline }[detail.state] ?? "");
  if (detail.state === "lost" || detail.state === "offline") { away = true; asking = false; log.takeBack(); showTyping(false); }
});
newest.addEventListener("click", () => { log.toEnd(); composer.field.focus(); });

// The menu, and every other <details> here: closed by Escape and by going elsewhere.
const menu = document.getElementById("chat-menu");
for (const item of menu.querySelectorAll("button[data-command]")) {
  item.addEventListener("click", () => { menu.open = false; obey(item.dataset.command, ""); });
}
addEventListener("click", (event) => chat.querySelectorAll("details[open]").forEach((one) => { if (!one.contains(event.target)) one.open = false; }));
chat.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.activeElement?.closest("details[open]");
  if (open) { open.open = false; open.querySelector("summary").focus(); event.stopPropagation(); }
});

// On a phone the chat fills the screen: the rest of the page is out of reach meanwhile, and the keyboard makes it smaller.
const wide = matchMedia("(min-width: 960px)");
const rest = document.querySelectorAll(".top, .foot, .story");
function fit() {
  const full = location.hash === "#chat" && !wide.matches;
  rest.forEach((one) => { one.inert = full; });
  chat.style.height = full && visualViewport ? `${visualViewport.height}px` : "";
  chat.style.top = full && visualViewport ? `${visualViewport.offsetTop}px` : "";
}
addEventListener("hashchange", () => {
  fit();
  if (location.hash === "#chat") document.getElementById("chat-title").focus();
  else document.querySelector(".open-chat")?.focus();
  log.toEnd();
});
addEventListener("keydown", (event) => { if (event.key === "Escape" && location.hash === "#chat" && !document.querySelector("dialog[open]")) location.hash = "main"; });
visualViewport?.addEventListener("resize", fit);
visualViewport?.addEventListener("scroll", fit);
wide.addEventListener("change", fit);
fit();

const embedding = embedded ? new Embedding(composer.field) : null;
if (kept(visited) || !outbox.empty) line.connect();
