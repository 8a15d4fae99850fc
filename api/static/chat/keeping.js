// What the browser keeps for this chat over visits. In a frame on another site it may refuse to: then as long as the page lives.

const here = new Map();

export function kept(name) {
  try { return localStorage.getItem(name) ?? here.get(name) ?? null; } catch { return here.get(name) ?? null; }
}

export function keep(name, value) {
  here.set(name, value);
  try { localStorage.setItem(name, value); } catch { /* refused, or full */ }
}
