// What a company's own script has to do: hand over the ticket, and listen.
import { EVENTS } from "../slipstream.js";

const interview = document.querySelector("slipstream-interview");
const log = document.getElementById("log");

// A real site asks its own server for the ticket. This demo finds it in its address.
// Mail programs change addresses: what they put around or into the ticket is let go (app/core/session/launch_url.py does more).
function ticketOf(address) {
  let text = address;
  try {
    for (let round = 0; round < 3; round++) text = decodeURIComponent(text);
  } catch {
    // a bare "%": as far as it could be read
  }
  return /(?<![\w-])ticket=["'<([]*([\w-]+(?:\.[\w-]+){2})(?!\.?[\w-])/.exec(text.replace(/[\s\p{Cf}]/gu, ""))?.[1];
}

function open() {
  const ticket = ticketOf(location.hash) ?? ticketOf(location.search);
  if (ticket) interview.ticket = ticket;
  document.getElementById("hint").hidden = Boolean(interview.ticket);
}

open();
addEventListener("hashchange", open); // a link that is opened in the same tab changes only what stands behind "#"

const SHOWN = 12;
for (const name of EVENTS) {
  if (name === "resize") continue; // the element has seen to it
  interview.addEventListener(name, (event) => {
    const line = document.createElement("li");
    const words = document.createElement("b");
    words.textContent = name;
    line.append(words, ` ${Object.keys(event.detail).length ? JSON.stringify(event.detail) : ""}`);
    line.dataset.event = name;
    if (name === "upload-progress" && log.firstChild?.dataset.event === name) log.firstChild.remove();
    log.prepend(line);
    while (log.children.length > SHOWN) log.lastChild.remove();
  });
}

for (const button of document.querySelectorAll("[data-order]")) {
  button.addEventListener("click", () => interview[button.dataset.order]());
}
