// A voice note, recorded in the browser. Tells by `problem` why there is none.

const KINDS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const LONGEST = 10 * 60; // seconds, as the server takes them

class Recorder {
  #recorder = null;
  #parts = [];
  #timer = 0;

  constructor(words, { onTime, onEnd, onProblem }) {
    Object.assign(this, { words, onTime, onEnd, onProblem });
  }

  get records() { return this.#recorder !== null; }

  async start() {
    if (!navigator.mediaDevices || !globalThis.MediaRecorder) { this.onProblem(this.words.mic_insecure); return false; }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
      this.#begin(stream);
      return true;
    } catch (refused) {
      this.onProblem(refused.name === "NotFoundError" ? this.words.mic_none : this.words.mic_refused);
      return false;
    }
  }

  #begin(stream) {
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    this.#parts = [];
    const recorder = new MediaRecorder(stream, mimeType ? { mimeType, audioBitsPerSecond: 32000 } : {});
    recorder.ondataavailable = (event) => this.#parts.push(event.data);
    recorder.start(1000);
    this.#recorder = recorder;
    const began = Date.now();
    this.#timer = setInterval(() => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      this.onTime(seconds);
      if (seconds >= LONGEST) this.stop(true);
    }, 250);
  }

  // End; with `keep` the note is given to onEnd.
  stop(keep) {
    const recorder = this.#recorder;
    if (!recorder) return;
    this.#recorder = null;
    clearInterval(this.#timer);
    recorder.onstop = () => {
      recorder.stream.getTracks().forEach((track) => track.stop());
      this.onEnd(keep && this.#parts.length ? new Blob(this.#parts, { type: recorder.mimeType }) : null);
    };
    recorder.stop();
  }
}

// The part of a form that records: the note is given to onNote, with a name for it.
export class VoiceNote {
  constructor(form, words, { onNote, onProblem }) {
    this.form = form;
    this.shown = form.querySelector(".recording");
    this.recorder = new Recorder(words, {
      onTime: (seconds) => this.#time(seconds),
      onEnd: (blob) => { this.#ended(); if (blob) onNote(blob, nameOf(blob)); },
      onProblem,
    });
  }

  async record() {
    if (this.recorder.records || !(await this.recorder.start())) return;
    this.form.classList.add("records");
    this.shown.hidden = false;
    this.#time(0);
    this.shown.querySelector(".done").focus();
  }

  stop(keep) { this.recorder.stop(keep); }

  #time(seconds) {
    this.shown.querySelector("time").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  #ended() {
    this.form.classList.remove("records");
    this.shown.hidden = true;
    this.form.querySelector(".mic").focus();
  }
}

function nameOf(note) {
  return `voice.${note.type.includes("mp4") ? "m4a" : note.type.includes("ogg") ? "ogg" : "webm"}`;
}
