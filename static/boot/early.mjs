// What need not wait for Python, by an `async` script of its own: the signer is asked for the interview, and a session
// that is to begin gets its welcome page. Whatever is not plain is left to Python, which gets the signer's reply.
import { closeEarly } from "./devices.mjs";
import { followMenu, speak } from "./language.mjs";
import { ifFailed, stepAside } from "./skeleton.mjs";
import { address, call as callSigner, callEarly } from "./signer.mjs";
import { deviceName, hasRows, keepTicket, keptTicket } from "./storage.mjs";
import { Welcome } from "./welcome.mjs";

// Of the links that app/core/session/launch_url.py reads, those that nothing has changed on their way.
const LINK = /^#ticket=(eyJ[\w-]{1,4000}\.[\w-]{1,4000}\.[\w-]{1,100})$/;

let welcome = null; // null: none, or not any more
let isOver = false;
let isTaken = false;

function end() {
  isOver = true;
  closeEarly();
  if (isTaken) return;
  welcome?.end();
  welcome = null;
}

async function begin() {
  if (new URLSearchParams(location.search).has("embed")) return;
  const ticket = openedTicket();
  if (!ticket) return;
  const reply = await callEarly("GET", address("interview"), ticket, await deviceName);
  if (!reply.ok) return;
  const grant = await reply.json();
  await parsed();
  early.locale = grant.locale ?? "";
  const [isNew] = await Promise.all([isToBegin(grant), speak(grant.locale)]);
  const place = document.getElementById("app");
  // Python may have been quicker.
  if (!isNew || isOver || place.childElementCount || !document.getElementById("boot")) return;
  welcome = new Welcome(grant);
  welcome.show(place);
  stepAside();
}

/** The ticket of a plain link, which then leaves the address bar; after a reload, the one that was kept. */
function openedTicket() {
  const ticket = LINK.exec(location.hash)?.[1];
  if (location.search.includes("ticket")) return ticket; // Python mends the address, and takes the right one of the two
  if (ticket) keepTicket(ticket, location.pathname + location.search);
  return ticket ?? (location.hash ? "" : keptTicket());
}

/** Whether a session is to begin, by the device check: nobody has it, nothing of it is recorded. */
async function isToBegin({ interview, session, answers, is_open_elsewhere: isElsewhere }) {
  if (isElsewhere || answers.length || !interview.questions.some((question) => question.tracks.length)) return false;
  const name = `slipstream-${interview.id}/${session}`; // of its lock and of its journal, see app/browser/storage/
  const [locks, isKept] = await Promise.all([navigator.locks?.query(), hasRows(name)]);
  return !isKept && !locks?.held.some((lock) => lock.name === name);
}

const parsed = () =>
  new Promise((resolve) => {
    if (document.readyState !== "loading") resolve();
    else document.addEventListener("readystatechange", resolve, { once: true });
  });

/** Call the signer for Python; if it asks for something else than was asked early, the page is not the one it begins with. */
export const call = (...wanted) => callSigner(end, ...wanted);

/** For Python: the page that stands, and what becomes of it. */
export const early = {
  end,
  locale: "", // what the ticket asks for
  get node() {
    return isTaken ? null : (welcome?.node ?? null);
  },
  takeOver() {
    isTaken = true;
    return welcome.takeOver();
  },
};

ifFailed(end);
begin().catch(() => {}); // Python asks, too, and says what is wrong
parsed().then(() => followMenu(() => welcome && !isTaken && welcome.write()));
