// Where one writes: words, pictures and files with a preview, a voice note, or a change of what was said.

import { button } from "./log.js";
import { VoiceNote } from "./recorder.js";

export const MOST_FILES = 10;
const PREVIEW = 96; // px

export class Composer {
  #files = []; // {blob, name, preview, item}
  #edits = null; // id of the message that is being changed

  constructor(form, words, { send, change, typing, problem }) {
    Object.assign(this, { form, words, send, change, typing, problem });
    this.field = form.querySelector("textarea");
    this.previews = form.querySelector(".previews");
    this.picker = form.querySelector("input[type=file]");
    this.editing = form.querySelector(".editing");
    this.note = new VoiceNote(form, words, {
      onNote: (blob, name) => this.send("", [{ blob, name }], [label(`🎤 ${this.words.voice}`)]),
      onProblem: problem,
    });
    this.#wire();
  }

  #wire() {
    const on = (target, event, door) => target.addEventListener(event, door);
    on(this.form, "submit", (event) => { event.preventDefault(); this.#submit(); });
    on(this.field, "keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.form.requestSubmit(); }
      if (event.key === "Escape" && this.#edits) { event.stopPropagation(); this.stopEditing(); }
    });
    on(this.field, "input", () => { this.#grown(); this.typing(Boolean(this.field.value)); });
    on(this.field, "paste", (event) => { if (event.clipboardData.files.length) { event.preventDefault(); this.#add(event.clipboardData.files); } });
    on(this.form.querySelector(".attach"), "click", () => this.picker.click());
    on(this.picker, "change", () => { this.#add(this.picker.files); this.picker.value = ""; });
    on(this.form.closest(".chat"), "dragover", (event) => event.preventDefault());
    on(this.form.closest(".chat"), "drop", (event) => { event.preventDefault(); this.#add(event.dataTransfer.files); });
    on(this.form.querySelector(".mic"), "click", () => this.note.record());
    on(this.form.querySelector(".recording .cancel"), "click", () => this.note.stop(false));
    on(this.form.querySelector(".recording .done"), "click", () => this.note.stop(true));
    on(this.editing.querySelector("button"), "click", () => this.stopEditing());
  }

  #submit() {
    const content = this.field.value.trim();
    if (this.#edits) {
      if (content) this.change(this.#edits, content);
      this.stopEditing();
      return;
    }
    if (!content && !this.#files.length) return;
    const files = this.#files;
    this.#files = [];
    this.previews.replaceChildren();
    this.field.value = "";
    this.#grown();
    this.typing(false);
    this.send(content, files, files.map((file) => file.preview));
    this.field.focus();
  }

  edit(id, content) {
    this.#edits = id;
    this.editing.hidden = false;
    this.field.value = content;
    this.#grown();
    this.field.focus();
  }

  stopEditing() {
    this.#edits = null;
    this.editing.hidden = true;
    this.field.value = "";
    this.#grown();
    this.field.focus();
  }

  #grown() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 144)}px`;
  }

  #add(files) {
    for (const file of files) {
      if (this.#files.length >= MOST_FILES) { this.problem(this.words.too_many_files); return; }
      const one = { blob: file, name: file.name || "picture.png", preview: preview(file, this.words) };
      one.item = document.createElement("li");
      const drop = button("×", () => { one.item.remove(); this.#files = this.#files.filter((other) => other !== one); this.field.focus(); });
      drop.setAttribute("aria-label", this.words.drop_file.replace("{name}", one.name));
      one.item.append(one.preview, drop);
      this.#files.push(one);
      this.previews.append(one.item);
    }
    this.field.focus();
  }

}

function label(text) { return Object.assign(document.createElement("span"), { className: "piece chip", textContent: text }); }

// Drawn, not linked: the page's policy admits pictures of our own server only.
export function preview(file, words) {
  if (!file.type.startsWith("image/")) return label(file.name);
  const canvas = Object.assign(document.createElement("canvas"), { width: PREVIEW, height: PREVIEW, className: "piece" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${words.picture}: ${file.name}`);
  createImageBitmap(file).then((picture) => {
    const scale = Math.min(1, 480 / Math.max(picture.width, picture.height));
    canvas.width = picture.width * scale;
    canvas.height = picture.height * scale;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  }).catch(() => {});
  return canvas;
}
