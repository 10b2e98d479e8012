// What each platform calls things, and how it shows a message.
import * as hipchat from "./hipchat.js";
import * as mattermost from "./mattermost.js";
import * as phone from "./phone.js";
import * as slack from "./blocks.js";

export const PLATFORMS = {
  slack: { name: "Slack", sign: "#", channel: "ev-charging", app: "APP", system: "Slackbot", only: "only visible to you", render: slack.render },
  hipchat: { name: "HipChat", sign: "", channel: "EV charging", app: "", system: "HipChat", only: "", render: hipchat.render },
  mattermost: { name: "Mattermost", sign: "~", channel: "EV charging", app: "BOT", system: "System", only: "(Only visible to you)", render: mattermost.render },
  sms: { name: "Text messages", sign: "", channel: "+1 650 555 0100", app: "", system: "Carrier", only: "", direct: "", render: phone.render },
};

/** The platform that a post was made on. */
export const platformOf = (post) => post.platform || "slack";
