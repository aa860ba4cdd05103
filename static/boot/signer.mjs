// How the page calls the signer, before Python is up and after (app/browser/network/signer.py).

const DEVICE_HEADER = "Slipstream-Device"; // app/contract/types.py; a test compares them
const ASSIGNMENT_HEADER = "Slipstream-Assignment"; // likewise
const REPLY_TIMEOUT_MS = 60_000; // completing a large object may take the store a while

let first; // the call made before Python was up, and its reply; Python's first call gets it, and no later one

/** Where the signer answers: only the page's `<meta>` can say it, a link cannot. */
export function address(path) {
  const base = document.querySelector("meta[name=slipstream-signer]")?.content ?? "./api/";
  return new URL(path, new URL(base, document.baseURI)).href;
}

function send(method, url, ticket, device, body, assignment, keepalive = false) {
  const headers = { Authorization: `Bearer ${ticket}`, Accept: "application/json", [DEVICE_HEADER]: device };
  if (assignment) headers[ASSIGNMENT_HEADER] = assignment;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const signal = AbortSignal.timeout(REPLY_TIMEOUT_MS);
  return fetch(url, { method, headers, body, cache: "no-store", credentials: "omit", redirect: "error", signal, keepalive });
}

/** Call the signer before Python is up; return a copy of the reply. */
export function callEarly(...call) {
  const reply = send(...call);
  const copy = reply.then((one) => one.clone());
  reply.catch(() => {}); // Python will ask, and say what is wrong
  first = { call: call.join(" "), reply };
  return copy;
}

/** Call the signer for Python. `onOther` hears that it asks for the interview, and not as it was asked for early. */
export function call(onOther, ...wanted) {
  const early = first;
  first = undefined;
  if (early?.call === wanted.join(" ")) return early.reply;
  const assignment = wanted[5]; // with one, the same interview is asked for again, for the variants of an earlier visit
  if (wanted[1] === address("interview") && !assignment) onOther();
  return send(...wanted);
}
