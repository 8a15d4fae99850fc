// What the persona knows of whoever chats here: the panel behind the menu and behind "Why did you say that?" on a reply.
// Everything in it is the visitor's own; the server asks nobody's name. Texts are set as text, never as HTML.

import { button } from "./log.js";

export class Memory {
  constructor(dialog, line, log, language) {
    Object.assign(this, { dialog, line, log, language });
    this.words = JSON.parse(dialog.dataset.words);
    this.day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
    this.status = dialog.querySelector(".text");
    this.on = dialog.querySelector(".switch input");
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => { // what opened it may lie in a menu that is closed
      if (!document.activeElement?.checkVisibility() || document.activeElement === document.body) document.querySelector("#chat-menu summary").focus();
    });
    this.on.addEventListener("change", () => this.#try(() => this.#choose(this.on.checked)));
    for (const one of dialog.querySelectorAll("[data-export]")) {
      one.addEventListener("click", () => this.#try(() => this.#take(one.dataset.export)));
    }
    dialog.querySelector(".why .all").addEventListener("click", () => this.open());
    this.#guard(dialog.querySelector(".forget-all"), dialog.querySelector(".forget-sure"), dialog.querySelector(".forget-not"));
  }

  // All that is known.
  async open() {
    this.#begin(false);
    if (this.line.open) await this.#try(() => this.#load());
    else this.#show(EMPTY, []);
  }

  // What that reply was made with.
  async explain(id, text) {
    this.#begin(true);
    const quoted = this.dialog.querySelector(".why blockquote");
    quoted.textContent = text;
    quoted.hidden = !text;
    await this.#try(async () => {
      const used = await this.line.call(`/me/memory/why?message=${encodeURIComponent(id)}&language=${this.language}`);
      this.#list(".used", used, (one) => this.#use(one));
      if (!used.length) this.#say(this.words.why_nothing);
    });
  }

  #begin(why) {
    this.#say("");
    this.dialog.querySelector(".why").hidden = !why;
    this.dialog.querySelector(".known").hidden = why;
    this.#list(".used", [], () => null);
    this.#unsure();
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.scrollTop = 0;
    this.dialog.querySelector("h2").focus();
  }

  async #load() {
    const path = `/me/memory?language=${this.language}`;
    const [known, receipts] = await Promise.all([this.line.call(path), this.line.call("/me/memory/receipts")]);
    this.#show(known, receipts);
  }

  #show(known, receipts) {
    this.on.checked = known.on;
    this.on.disabled = !this.line.open;
    this.dialog.querySelector(".off").hidden = known.on;
    this.#list(".held", known.facts, (one) => this.#fact(one));
    this.#list(".ended", known.ended, (one) => this.#fact(one, true));
    this.#list(".episodes", known.episodes, (one) => this.#episode(one));
    this.#list(".receipts ul", receipts, (one) => this.#receipt(one));
    this.dialog.querySelector(".none").hidden = known.facts.length > 0;
    this.dialog.querySelector(".earlier").hidden = !known.ended.length;
    this.dialog.querySelector(".talks").hidden = !known.episodes.length;
    this.dialog.querySelector(".receipts").hidden = !receipts.length;
    const count = this.words.counts.replace("{count}", known.messages);
    this.dialog.querySelector(".counts").textContent = known.messages ? `${count} ${this.words.since.replace("{day}", this.#on(known.since))}` : "";
  }

  // One line each

  #fact(one, ended = false) {
    const fixed = one.source === "fan" ? ` · ${this.words.by_you}` : "";
    const from = this.words.told.replace("{day}", this.#on(one.since)) + (one.until ? ` – ${this.words.until.replace("{day}", this.#on(one.until))}` : "") + fixed;
    const line = item(one.says, from, this.#words(one));
    const acts = element("div", "acts");
    if (!ended) acts.append(button(this.words.correct, () => this.#correct(line, one)));
    if (this.log.has(one.message)) acts.append(button(this.words.show, () => this.#reveal(one.message)));
    acts.append(this.#forgetting(one.says, () => this.#forget(`/facts/${one.id}`)));
    line.append(acts);
    return line;
  }

  #episode(one) {
    const line = item(one.lines.map((each) => each.text).join("\n"), this.#on(one.began_at));
    const acts = element("div", "acts");
    const there = one.lines.flatMap((each) => each.messages).find((id) => this.log.has(id));
    if (there) acts.append(button(this.words.show, () => this.#reveal(there)));
    acts.append(this.#forgetting(this.#on(one.began_at), () => this.#forget(`/episodes/${one.id}`)));
    line.append(acts);
    return line;
  }

  #use(one) {
    const who = one.author === "fan" ? this.words.you_said : this.words.said;
    const when = (one.kind === "episode" ? "{day}" : who).replace("{day}", this.#on(one.at));
    if (!one.fact) return item("", when, one.quote);
    return item(one.fact.says, one.fact.source === "fan" ? this.words.by_you : when, this.#words(one.fact));
  }

  // What was said, word for word; what was corrected was never said.
  #words(fact) { return fact.source === "fan" || fact.source === "operator" ? "" : fact.quote; }

  #receipt(one) {
    const line = item(this.words[`scope_${one.scope}`] ?? one.scope, this.#on(one.at));
    line.append(element("code", "receipt", one.receipt));
    return line;
  }

  // What is done

  #correct(line, one) {
    if (line.querySelector("form")) return;
    const form = element("form", "correct");
    const field = Object.assign(element("input"), { value: one.value, maxLength: 200, required: true });
    field.setAttribute("aria-label", this.words.correct_to.replace("{what}", one.says));
    const save = Object.assign(element("button", "small", this.words.save), { type: "submit" });
    const back = () => { form.remove(); line.querySelector(".acts button").focus(); };
    form.append(field, save, button(this.words.cancel, back));
    form.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); back(); } });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#try(async () => {
        const body = JSON.stringify({ value: field.value });
        await this.#send(`/facts/${one.id}`, "PATCH", body);
        await this.#load();
        this.#say(this.words.corrected);
        this.dialog.querySelector("h2").focus();
      });
    });
    line.append(form);
    field.select();
  }

  // Asked twice: what is forgotten does not come back.
  #forgetting(what, act) {
    const made = button(this.words.forget, () => {
      if (made.dataset.sure) this.#try(act);
      else { made.dataset.sure = "1"; made.textContent = this.words.forget_sure; made.setAttribute("aria-label", `${this.words.forget_sure} ${what}`); }
    });
    made.setAttribute("aria-label", `${this.words.forget} ${what}`);
    made.addEventListener("blur", () => { delete made.dataset.sure; made.textContent = this.words.forget; made.setAttribute("aria-label", `${this.words.forget} ${what}`); });
    return made;
  }

  async #forget(path) {
    await this.#send(path, "DELETE");
    await this.#load();
    this.#say(this.words.forgotten);
    this.dialog.querySelector("h2").focus();
  }

  #guard(ask, sure, not) {
    ask.addEventListener("click", () => { ask.hidden = true; sure.hidden = not.hidden = false; not.focus(); });
    not.addEventListener("click", () => { this.#unsure(); ask.focus(); });
    sure.addEventListener("click", () => this.#try(async () => {
      if (!this.line.open) { this.#unsure(); return; }
      await this.#send("?confirm=true", "DELETE");
      this.log.clear();
      this.#unsure();
      await this.#load();
      this.dialog.querySelector(".receipts").open = true;
      this.#say(this.words.all_forgotten);
      this.dialog.scrollTop = 0;
      this.dialog.querySelector("h2").focus();
    }));
  }

  #unsure() {
    this.dialog.querySelector(".forget-all").hidden = false;
    for (const one of this.dialog.querySelectorAll(".forget-sure, .forget-not")) one.hidden = true;
  }

  async #choose(on) {
    await this.#send("/choice", "PUT", JSON.stringify({ on }));
    await this.#load();
    this.#say(on ? this.words.is_on : this.words.is_off);
  }

  async #take(format) {
    const file = await this.line.file(`/me/memory/export?format=${format}&language=${this.language}`);
    const link = Object.assign(element("a"), { href: URL.createObjectURL(file), download: `memory-${this.line.slug}.${format}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    this.#say(this.words.exported);
  }

  #reveal(id) {
    this.dialog.close();
    this.log.reveal(id);
  }

  #send(path, method, body) {
    return this.line.call(`/me/memory${path}`, { method, body, headers: body ? { "content-type": "application/json" } : {} });
  }

  async #try(act) {
    this.#say("");
    this.dialog.setAttribute("aria-busy", "true");
    try { await act(); } catch (problem) { this.#say(problem.message); } finally { this.dialog.removeAttribute("aria-busy"); }
  }

  #say(text) { this.status.textContent = text; }
  #on(at) { return this.day.format(new Date(at)); }
  #list(where, items, made) { this.dialog.querySelector(where).replaceChildren(...items.map(made)); }
}

const EMPTY = { on: true, facts: [], ended: [], episodes: [], messages: 0 };

// A line with what is known, since when, and the words that told it.
function item(text, when, quote = "") {
  const line = element("li");
  if (text) line.append(element("p", "says", text));
  line.append(element("p", "soft", quote ? `${when}: “${quote}”` : when));
  line.querySelectorAll("p").forEach((one) => { one.dir = "auto"; });
  return line;
}

function element(tag, className = "", textContent = "") {
  return Object.assign(document.createElement(tag), { className, textContent });
}
