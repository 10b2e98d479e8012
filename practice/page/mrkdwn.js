// Slack's mrkdwn as elements (Slack docs: messaging/formatting-message-text).
import { make } from "./dom.js";

const MARKUP =
  /<([^<>\n]+)>|`([^`\n]+)`|(?<!\w)\*(?!\s)([^*\n]+?)(?<!\s)\*(?!\w)|(?<!\w)_(?!\s)([^_\n]+?)(?<!\s)_(?!\w)|(?<!\w)~(?!\s)([^~\n]+?)(?<!\s)~(?!\w)/g;

/** The nodes of a text. `context` has `people` (names by id) and `time` (Date to words). */
export function mrkdwn(text, context) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(MARKUP)) {
    const [whole, brackets, code, bold, italic, strike] = found;
    nodes.push(unescape(text.slice(from, found.index)));
    from = found.index + whole.length;
    if (brackets) nodes.push(special(brackets, context));
    else if (code) nodes.push(make("code", {}, unescape(code)));
    else if (bold) nodes.push(make("strong", {}, ...mrkdwn(bold, context)));
    else if (italic) nodes.push(make("em", {}, ...mrkdwn(italic, context)));
    else nodes.push(make("s", {}, ...mrkdwn(strike, context)));
  }
  nodes.push(unescape(text.slice(from)));
  return nodes.filter((node) => node !== "");
}

function unescape(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

function special(inside, context) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = unescape(bar < 0 ? "" : inside.slice(bar + 1));
  if (target.startsWith("@")) {
    const name = context.people[target.slice(1)] || label || target.slice(1);
    return make("span", { class: "mention" }, `@${name}`);
  }
  if (target.startsWith("#")) return make("span", { class: "mention" }, `#${label || "ev-charging"}`);
  if (target.startsWith("!date^")) return date(target, label, context);
  if (target.startsWith("!")) return make("span", { class: "mention loud" }, `@${target.slice(1)}`);
  return link(unescape(target), label);
}

function date(target, label, context) {
  const seconds = Number(target.split("^")[1]);
  if (!Number.isFinite(seconds)) return label;
  const moment = new Date(seconds * 1000);
  return make("time", { dateTime: moment.toISOString(), title: label }, context.time(moment));
}

function link(address, label) {
  if (!/^(https?|mailto):/i.test(address)) return label || address;
  return make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label || address);
}
