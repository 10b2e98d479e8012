// Block Kit as elements: what the concierge uses of it (Slack docs: Block Kit reference).
import { make } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";

/** What a post shows: its blocks, or else its text. `press(action_id)` is called for buttons. */
export function render(post, context, press) {
  const files = (post.files || []).map(file);
  if (files.length && !post.text) return files;
  if (!post.blocks.length) return [make("p", {}, ...mrkdwn(post.text, context)), ...files];
  return [...post.blocks.map((block) => renderBlock(block, context, press)), ...files];
}

function renderBlock(block, context, press) {
  switch (block.type) {
    case "section":
      return section(block, context, press);
    case "header":
      return make("p", { class: "header" }, block.text.text);
    case "context":
      return make("p", { class: "context" }, ...block.elements.flatMap((each) => [...words(each, context), " "]));
    case "actions":
      return make("div", { class: "actions" }, ...block.elements.map((each) => button(each, press)));
    case "divider":
      return make("hr");
    case "data_visualization":
      return chart(block);
    case "data_table":
      return table(block);
    default:
      return make("p", { class: "context" }, `(${block.type})`);
  }
}

function section(block, context, press) {
  const parts = [];
  if (block.text) parts.push(make("p", {}, ...words(block.text, context)));
  if (block.fields) {
    const fields = block.fields.map((field) => make("p", {}, ...words(field, context)));
    parts.push(make("div", { class: "fields" }, ...fields));
  }
  if (block.accessory) parts.push(button(block.accessory, press));
  return make("div", { class: "section" }, ...parts);
}

/** A chart as a table with bars in it: what it shows can be read out, and seen without colour. */
function chart(block) {
  const { series, axis_config: axes } = block.chart;
  const most = Math.max(1, ...series.flatMap((one) => one.data.map((point) => point.value)));
  const cells = (place) =>
    series.map(({ data }) => {
      const { value } = data[place];
      return make("td", {}, make("meter", { min: 0, max: most, value, "aria-hidden": "true" }), ` ${value}`);
    });
  const rows = axes.categories.map((label, place) => make("tr", {}, make("th", { scope: "row" }, label), ...cells(place)));
  const heads = ["", ...series.map((one) => one.name)].map((name) => make("th", { scope: "col" }, name));
  return make("table", { class: "chart", data: { testid: "chart" } }, make("caption", {}, `${block.title} (${axes.y_label || ""})`), make("tbody", {}, make("tr", {}, ...heads), ...rows));
}

function table(block) {
  const [head, ...rows] = block.rows;
  const text = (cell) => String(cell.text ?? cell.value ?? "");
  const line = (row) => make("tr", {}, ...row.map((cell, at) => make(at === (block.row_header_column_index || 0) ? "th" : "td", at ? {} : { scope: "row" }, text(cell))));
  return make("table", { class: "figures", data: { testid: "figures" } }, make("caption", {}, block.caption), make("tbody", {}, make("tr", {}, ...head.map((cell) => make("th", { scope: "col" }, text(cell)))), ...rows.map(line)));
}

/** A file that was sent: a picture is shown, the rest is a link. */
export function file(sent) {
  if (sent.kind === "image/png") {
    return make("img", { src: sent.url, alt: sent.alt || sent.title, class: "sent", data: { testid: "picture" } });
  }
  return make("p", {}, make("a", { href: sent.url, download: sent.name, data: { testid: "file" } }, sent.name));
}

function words(text, context) {
  if (text.type === "image") return [text.alt_text];
  return text.type === "mrkdwn" ? mrkdwn(text.text, context) : [text.text];
}

function button(element, press) {
  const made = make("button", { type: "button", class: element.style || "" }, element.text.text);
  Object.assign(made.dataset, { testid: "message-button", action: element.action_id });
  if (element.accessibility_label) made.setAttribute("aria-label", element.accessibility_label);
  made.addEventListener("click", async () => {
    if (element.confirm && !window.confirm(element.confirm.text.text)) return;
    made.disabled = true;
    await press(element.action_id);
    made.disabled = false;
  });
  return made;
}
