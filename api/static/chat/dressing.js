// Words as their author meant them to look: **bold**, *italic* and `code`, as in chats on platforms (bots/telegram/entities.py).
// Everything is text in elements of ours; nothing that was written is ever read as HTML.

const SPAN = new RegExp([
  /\\([\\`*_[\]()#+.!>~-])/, // a sign that is meant as it stands
  /`([^`\n]+)`/,
  /\*\*([^\s*](?:[^\n]*?[^\s*])?)\*\*/,
  /(^|[^\w*])\*([^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])/,
  /(^|[^\w])_([^\s_](?:[^_\n]*[^\s_])?)_(?!\w)/,
].map((one) => one.source).join("|"), "g");

export function dressed(text) {
  const made = document.createDocumentFragment();
  let at = 0;
  for (const found of text.matchAll(SPAN)) {
    const [whole, sign, code, bold, beforeStar, starred, beforeLine, lined] = found;
    made.append(text.slice(at, found.index) + (sign ?? beforeStar ?? beforeLine ?? ""));
    if (code) made.append(element("code", code));
    else if (bold) made.append(element("strong", dressed(bold)));
    else if (starred ?? lined) made.append(element("em", dressed(starred ?? lined)));
    at = found.index + whole.length;
  }
  made.append(text.slice(at));
  return made;
}

function element(tag, content) {
  const made = document.createElement(tag);
  made.append(content);
  return made;
}
