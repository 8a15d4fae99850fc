// What was said here and not yet taken in. Words are kept over a reload; files live as long as the page.

export class Outbox {
  #entries = new Map(); // client id -> {content, files, bubble, busy}

  constructor(line, log, name) {
    Object.assign(this, { line, log, name });
    for (const [id, content] of this.#kept()) this.#entries.set(id, { content, files: [], bubble: log.waiting(content) });
  }

  get empty() { return this.#entries.size === 0; }

  put(content, files = [], previews = []) {
    const id = randomId();
    this.#entries.set(id, { content, files, bubble: this.log.waiting(content, previews) });
    this.#keep();
    this.deliver(id);
  }

  deliverAll() { for (const id of this.#entries.keys()) this.deliver(id); }

  // Upload what comes with it, then send it. The same ids again are the same files and the same message.
  async deliver(id) {
    const entry = this.#entries.get(id);
    if (!entry || entry.busy || !this.line.joined) return;
    entry.busy = true;
    try {
      const attachments = [];
      for (const [number, file] of entry.files.entries()) attachments.push((file.id ??= await this.#upload(file, `${id}-${number}`)));
      this.line.say("send_message", { content: entry.content, attachments, client_id: id });
    } catch (problem) {
      if (problem.final) this.refused(id, problem.message);
    } finally { entry.busy = false; }
  }

  async #upload(file, key) {
    const form = new FormData();
    form.append("file", file.blob, file.name);
    const path = `/conversations/${this.line.session.conversation}/attachments`;
    return (await this.line.call(path, { method: "POST", body: form, headers: { "idempotency-key": key } })).attachment;
  }

  accepted(id, messageId) {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#keep();
    if (messageId && !entry.bubble.dataset.id) this.log.named(entry.bubble, messageId);
    else if (!messageId && !entry.bubble.dataset.id) entry.bubble.remove(); // it was there already, and was shown as a row
  }

  refused(id, reason) {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.log.failed(entry.bubble, reason, () => { entry.bubble.querySelector(".trouble")?.remove(); this.deliver(id); }, () => { this.#entries.delete(id); this.#keep(); });
  }

  // The bubble that waits for a message of ours with these words.
  waitingFor(message) {
    return [...this.#entries.values()].find((one) => !one.bubble.dataset.id && one.content === message.content)?.bubble ?? null;
  }

  #kept() {
    try { return JSON.parse(localStorage.getItem(this.name)) ?? []; } catch { return []; }
  }

  #keep() {
    const words = [...this.#entries].filter(([, one]) => one.content && !one.files.length).map(([id, one]) => [id, one.content]);
    try { localStorage.setItem(this.name, JSON.stringify(words)); } catch { /* no room, or not allowed: kept in the page only */ }
  }
}

export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
