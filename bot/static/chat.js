/* Puts the page together: what is written goes to the outbox, what is answered goes to the log. */
import { Attention } from "./chat/attention.js";
import { api } from "./chat/api.js";
import { Banner } from "./chat/banner.js";
import { Composer } from "./chat/composer.js";
import { Conversation } from "./chat/conversation.js";
import { Log } from "./chat/log.js";
import { Outbox } from "./chat/outbox.js";
import { Scroll } from "./chat/scroll.js";
import { followKeyboard } from "./chat/screen.js";
import { Stream } from "./chat/stream.js";
import { Typing } from "./chat/typing.js";

const scroll = new Scroll(document.getElementById("scroller"), document.getElementById("newer"));
followKeyboard();

new Conversation({
  api,
  scroll,
  log: new Log(document.getElementById("log")),
  typing: new Typing(document.getElementById("typing")),
  composer: new Composer(document.getElementById("composer")),
  outbox: new Outbox(api),
  stream: new Stream("/chat/events"),
  banner: new Banner(document.getElementById("banner")),
  attention: new Attention(),
}).open();
