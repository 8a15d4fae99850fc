// Files and voice notes where an operator writes at the console (api/console/composer.py): uploaded at once, sent with the words.
// The server hears of a message that has files by the event `handed` of its form; without files it hears of it by itself.

import { MOST_FILES, preview } from "./composer.js";
import { button } from "./log.js";
import { VoiceNote } from "./recorder.js";

class Attaching {
  #files = []; // {item, name, sent: the promise of its id, null where it was refused}
  #last = Promise.resolve(); // messages go in the order in which they were written

  constructor(form) {
    this.form = form;
    this.room = form.dataset.room;
    this.words = JSON.parse(form.dataset.words);
    this.field = form.querySelector("textarea");
    this.list = form.querySelector(".previews");
    this.trouble = form.querySelector(".trouble");
    this.note = new VoiceNote(form, this.words, { onNote: (blob, name) => this.#recorded(blob, name), onProblem: (text) => this.#say(text) });
  }

  get empty() { return !this.#files.length; }

  #say(text) { this.trouble.textContent = text; }

  add(files) {
    this.#say("");
    for (const file of files) {
      if (this.#files.length >= MOST_FILES) { this.#say(this.words.too_many_files); break; }
      this.#put(file, file.name || "picture.png");
    }
    this.field.focus();
  }

  #put(file, name) {
    const one = { name, item: document.createElement("li") };
    const drop = button("×", () => { this.#drop(one); this.field.focus(); });
    drop.setAttribute("aria-label", this.words.drop_file.replace("{name}", name));
    one.item.append(preview(file, this.words), drop);
    this.list.append(one.item);
    this.#files.push(one);
    one.sent = this.#upload(file, name).catch((problem) => { this.#drop(one); this.#say(`${name}: ${problem.message}`); return null; });
    return one;
  }

  #drop(one) {
    one.item.remove();
    this.#files = this.#files.filter((other) => other !== one);
  }

  async #upload(file, name) {
    const { csrf_token: token } = await read(await fetch("/api/v1/me"));
    const form = new FormData();
    form.append("file", file, name);
    const path = `/api/v1/conversations/${this.room}/attachments`;
    return (await read(await fetch(path, { method: "POST", body: form, headers: { "x-csrf-token": token } }))).attachment;
  }

  // Hand the words over, with all files that were chosen; one that is refused is said, and the rest goes.
  hand(text, files = this.#files) {
    this.#files = this.#files.filter((one) => !files.includes(one));
    for (const one of files) one.item.classList.add("going");
    this.#last = this.#last.then(async () => {
      const ids = (await Promise.all(files.map((one) => one.sent))).filter(Boolean);
      for (const one of files) one.item.remove();
      this.form.dispatchEvent(new CustomEvent("handed", { detail: { text, files: ids } }));
    });
  }

  async record() {
    this.#say("");
    await this.note.record();
  }

  #recorded(blob, name) {
    this.hand("", [this.#put(new File([blob], name, { type: blob.type }), name)]);
  }
}

async function read(answer) {
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error([told.detail || told.title, told.remedy].filter(Boolean).join(" ") || String(answer.status));
  return told;
}

// The page may draw its forms anew, so each is found when something happens in it.
const known = new WeakMap();

function of(element) {
  const form = element.closest?.("form.say[data-room]");
  if (form && !known.has(form)) known.set(form, new Attaching(form));
  return form ? known.get(form) : null;
}

const PRESSED = {
  ".attach": (one) => one.form.querySelector("input[type=file]").click(),
  ".mic": (one) => one.record(),
  ".recording .cancel": (one) => one.note.stop(false),
  ".recording .done": (one) => one.note.stop(true),
};

document.addEventListener("click", (event) => {
  const pressed = Object.keys(PRESSED).find((where) => event.target.closest?.(`form.say ${where}`));
  if (pressed) PRESSED[pressed](of(event.target));
});
document.addEventListener("change", (event) => {
  if (!event.target.matches?.("form.say input[type=file]")) return;
  of(event.target).add([...event.target.files]);
  event.target.value = "";
});
document.addEventListener("paste", (event) => {
  const files = event.clipboardData.files;
  if (files.length && of(event.target)) { event.preventDefault(); of(event.target).add([...files]); }
}, true);
document.addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes("Files")) event.preventDefault(); });
document.addEventListener("drop", (event) => {
  const form = [...document.querySelectorAll("form.say[data-room]")].find((one) => one.checkVisibility());
  if (!form || !event.dataTransfer.files.length) return;
  event.preventDefault();
  of(form).add([...event.dataTransfer.files]);
});

// Whether the form takes care of the message: it has files.
window.gatorHands = (form, text) => {
  const one = of(form);
  if (!one || one.empty) return false;
  one.hand(text);
  return true;
};
