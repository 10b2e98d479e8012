// Text messages as a phone shows them: bubbles, and under ours what each costs.
import { make } from "./dom.js";

/** What a post shows. There are no buttons; a text has no more than words. */
export function render(post) {
  const words = [make("p", { class: "bubble" }, post.text)];
  if (post.parts) words.push(make("p", { class: "length", data: { testid: "length" } }, cost(post)));
  return words;
}

function cost({ length, parts, alphabet }) {
  const kind = alphabet === "GSM-7" ? "characters" : "characters of UCS-2";
  return `${length} ${kind} · ${parts === 1 ? "one text" : `${parts} parts`}`;
}
