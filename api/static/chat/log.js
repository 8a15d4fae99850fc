// What is shown of the conversation: bubbles in the order of their ids, kept at the end while the reader is there.

import { dressed } from "./dressing.js";

const NEAR = 80; // px from an end that count as being there
const KINDS = { picture: "img", voice: "audio", audio: "audio", video: "video" };

export class Log {
  #streaming = null; // the bubble that grows while the persona speaks
  #pinned = true;
  #top = 0; // where it was scrolled to
  #byId = new Map(); // message id -> bubble
  more = true; // there may be older messages

  constructor(element, words, doors) {
    this.element = element;
    this.list = element.querySelector(".messages");
    this.words = words;
    this.doors = doors; // {older, edit, remove, newest, why}: what the log asks for
    element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#stay()).observe(this.list);
    new ResizeObserver(() => this.#stay()).observe(element);
  }

  // The newest ids, for the server to know what we have.
  ids(most = 200) { return [...this.#byId.keys()].sort().slice(-most); }
  get oldest() { return [...this.#byId.keys()].sort()[0] ?? null; }
  has(id) { return this.#byId.has(id); }

  toEnd() { this.#pinned = true; this.#stay(); }

  #stay() {
    if (this.#pinned) this.element.scrollTop = this.element.scrollHeight;
    this.doors.newest(!this.#pinned);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const up = scrollTop < this.#top; // only the reader goes up; that the end is far may be a bubble that has just grown
    this.#top = scrollTop;
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.#pinned = true;
    else if (up) this.#pinned = false;
    this.doors.newest(!this.#pinned);
    if (scrollTop < NEAR && !this.#pinned && this.more && this.#byId.size) this.doors.older();
  }

  // A bubble that has no id yet: said here, not yet taken in.
  waiting(content, previews = []) {
    const bubble = this.#make("mine waiting", content);
    bubble.append(...previews);
    this.list.append(bubble);
    this.toEnd();
    return bubble;
  }

  named(bubble, id) {
    const there = this.#byId.get(id);
    if (there && there !== bubble) { bubble.remove(); return; }
    bubble.dataset.id = id;
    this.#byId.set(id, bubble);
    bubble.classList.remove("waiting", "failed");
    this.#addOptions(bubble);
    this.#place(bubble);
  }

  failed(bubble, reason, again, drop) {
    bubble.classList.add("failed");
    bubble.querySelector(".trouble")?.remove();
    const trouble = Object.assign(document.createElement("div"), { className: "trouble", role: "alert" });
    trouble.append(reason, " ", button(this.words.try_again, again), button(this.words.discard, () => { bubble.remove(); drop(); }));
    bubble.append(trouble);
    this.#stay();
  }

  // A message of the server's, new or known; `bubble` is the one that waited for it.
  show(message, bubble = null) {
    if (message.deleted) { this.remove(message.id); return; }
    const known = this.#byId.get(message.id);
    const kind = message.author === "fan" ? "mine" : message.author === "notice" ? "notice" : "theirs";
    if (!known && kind === "notice" && this.#isSameNotice(message.content)) { this.#byId.set(message.id, this.#notice()); return; }
    if (known?.dataset.fixed) return;
    let shown = known ?? bubble;
    if (!shown && message.author === "persona" && this.#streaming) { shown = this.#streaming; this.#streaming = null; }
    if (message.author === "persona" && this.#streaming) { this.#streaming.remove(); this.#streaming = null; }
    shown ??= this.#make(kind, "");
    this.#fill(shown, message, kind);
    if (!known) this.named(shown, message.id);
    this.#stay();
  }

  #fill(bubble, message, kind) {
    bubble.className = `bubble ${kind}${message.author === "operator" ? " person" : ""}`;
    bubble.removeAttribute("aria-busy");
    bubble.querySelector(".who-said").textContent =
      kind === "mine" ? this.words.you : message.author === "operator" ? this.words.person : kind === "theirs" ? this.words.persona : "";
    bubble.querySelector(".words").replaceChildren(kind === "mine" ? message.content : dressed(message.content));
    bubble.querySelector(".edited").hidden = !message.edited;
    if (message.media) {
      bubble.querySelectorAll(".whole, .piece").forEach((piece) => piece.remove());
      message.media.forEach((item) => this.#attach(bubble, item));
    }
  }

  #attach(bubble, item) {
    const kind = KINDS[item.kind];
    const piece = document.createElement(kind ?? "a");
    piece.className = "piece";
    if (!kind) Object.assign(piece, { href: item.url, textContent: item.title || this.words.file, download: "" });
    else {
      piece.src = kind === "img" ? item.small_url ?? item.url : item.url;
      if (kind === "img") piece.alt = item.alt_text || item.title || this.words.picture;
      else {
        piece.controls = true;
        if (kind === "video" && item.small_url) Object.assign(piece, { poster: item.small_url, preload: "none" });
        piece.setAttribute("aria-label", item.title || this.words[item.kind === "video" ? "video" : "voice"]);
      }
    }
    bubble.append(kind === "img" ? whole(piece, item.url) : piece);
    if (item.kind === "voice" && item.alt_text) bubble.append(Object.assign(document.createElement("p"), { className: "piece heard", textContent: item.alt_text }));
  }

  grow(delta) {
    this.#streaming ??= this.list.appendChild(this.#make("theirs", ""));
    this.#streaming.setAttribute("aria-busy", "true"); // read out when it is whole, not word by word
    this.#streaming.querySelector(".words").textContent += delta;
    this.#stay();
  }

  takeBack() { this.#streaming?.remove(); this.#streaming = null; }
  get streams() { return this.#streaming !== null; }

  remove(id) {
    const bubble = this.#byId.get(id);
    if (!bubble) return;
    if (bubble.contains(document.activeElement)) this.element.focus();
    if (bubble !== this.#notice()) bubble.remove(); // it stands there from the start
    this.#byId.delete(id);
  }

  // Nothing of it is there any more.
  clear() { this.ids(Infinity).forEach((id) => this.remove(id)); }

  // Show where that was said.
  reveal(id) {
    const bubble = this.#byId.get(id);
    if (!bubble) return;
    this.#pinned = false;
    bubble.scrollIntoView({ block: "center" });
    bubble.tabIndex = -1;
    bubble.focus();
  }

  // Older messages above, without moving what is being read.
  prepend(messages, more) {
    const before = this.element.scrollHeight - this.element.scrollTop;
    const pinned = this.#pinned;
    this.#pinned = false;
    messages.forEach((message) => this.show(message));
    this.more = more;
    this.element.scrollTop = this.element.scrollHeight - before;
    this.#pinned = pinned;
  }

  // What the newest messages are now: what was changed or deleted while we were away.
  reconcile(messages) {
    const there = new Set(messages.map((message) => message.id));
    messages.forEach((message) => { if (this.has(message.id)) this.show(message); });
    const first = messages[0]?.id;
    if (first) this.ids(1000).filter((id) => id >= first && !there.has(id) && id <= messages.at(-1).id).forEach((id) => this.remove(id));
  }

  #place(bubble) {
    const id = bubble.dataset.id;
    const later = [...this.list.querySelectorAll(".bubble[data-id]")].find((one) => one !== bubble && one.dataset.id > id);
    const floating = [...this.list.children].find((one) => one !== bubble && !one.dataset.id && !one.dataset.fixed);
    const before = later ?? floating ?? null;
    if (bubble.nextElementSibling !== before || !bubble.parentElement) this.list.insertBefore(bubble, before);
  }

  #make(kind, content) {
    const made = document.createElement("div");
    made.className = `bubble ${kind}`;
    const who = Object.assign(document.createElement("span"), { className: "who-said visually-hidden" });
    if (kind.startsWith("mine")) who.textContent = this.words.you;
    const words = Object.assign(document.createElement("p"), { className: "words", dir: "auto", textContent: content });
    const edited = Object.assign(document.createElement("span"), { className: "edited", textContent: this.words.edited, hidden: true });
    made.append(who, words, edited);
    return made;
  }

  #addOptions(bubble) {
    if (bubble.querySelector(".options") || bubble.matches(".notice, .person")) return;
    const options = Object.assign(document.createElement("details"), { className: "options" });
    const summary = Object.assign(document.createElement("summary"), { textContent: "⋯" });
    summary.setAttribute("aria-label", this.words.options);
    options.append(summary, ...(bubble.matches(".mine") ? this.#ofMine(bubble, options) : [this.#why(bubble, options)]));
    bubble.append(options);
  }

  #why(bubble, options) {
    return button(this.words.why, () => { options.open = false; this.doors.why(bubble.dataset.id, bubble.querySelector(".words").textContent); });
  }

  #ofMine(bubble, options) {
    const remove = button(this.words.remove, () => {
      if (remove.dataset.sure) this.doors.remove(bubble.dataset.id);
      else { remove.dataset.sure = "1"; remove.textContent = this.words.remove_sure; }
    });
    const edit = button(this.words.edit, () => { options.open = false; this.doors.edit(bubble.dataset.id, bubble.querySelector(".words").textContent); });
    return [edit, remove];
  }

  // The notice stands at the top of this page already; the same words need not stand there twice.
  #notice() { return this.list.querySelector(".notice[data-fixed]"); }
  #isSameNotice(text) { return this.#notice()?.textContent.trim() === text.trim(); }
}

// A small picture that leads to the whole one.
function whole(picture, url) {
  const made = Object.assign(document.createElement("a"), { className: "whole", href: url, target: "_blank", rel: "noopener" });
  made.append(picture);
  return made;
}

export function button(text, pressed) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text, className: "small" });
  made.addEventListener("click", pressed);
  return made;
}
