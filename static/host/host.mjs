// What a company's own script has to do: hand over the ticket, and listen.
import { EVENTS } from "../slipstream.js";

const interview = document.querySelector("slipstream-interview");
const log = document.getElementById("log");

// A real site asks its own server for the ticket. This demo finds it in its address.
const ticket = new URLSearchParams(location.hash.slice(1)).get("ticket");
if (ticket) interview.ticket = ticket;
document.getElementById("hint").hidden = Boolean(ticket);

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
