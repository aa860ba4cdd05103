// What the candidate sees until Python takes over: real steps, or a plain sentence about what to do.

import { _, mark } from "./language.mjs";

export const FAILURES = {
  insecure: mark("A browser lets a page use camera and microphone only on a secure address (https). Please open the link exactly as you were sent it."),
  wasm: mark("This browser cannot run this page: WebAssembly is missing, switched off or too old. Please open the link in a current version of Chrome, Edge, Firefox or Safari."),
  devices: mark("This browser does not let pages use a camera or a microphone. Please open the link in a current version of Chrome, Edge, Firefox or Safari."),
  recorder: mark("This browser cannot record. Please open the link in a current version of Chrome, Edge, Firefox or Safari."),
  download: mark("A part of this page did not arrive. Please check your connection and reload this page."),
  start: mark("This page could not start. Please reload it. If that does not help: open the link in a current version of Chrome, Edge, Firefox or Safari."),
};

/** A failure whose sentence is known. `detail` is for whoever helps the candidate; it never holds an address. */
export class BootError extends Error {
  constructor(kind, detail) {
    super(detail);
    this.kind = kind;
  }
}

const section = () => document.getElementById("boot");
const isOver = () => !section() || section().dataset.state === "failed";

/** Show a step and how far that is, `done` of `total`. Await it before work that blocks the page: it lets the page paint. */
export async function step(text, done, total) {
  if (isOver()) return;
  const line = document.getElementById("boot-step");
  if (line.textContent !== text) line.textContent = text; // a status that is written again is read out again
  const bar = section().querySelector("progress");
  bar.max = total;
  bar.value = Math.max(bar.value, done); // never backwards
  await new Promise((resolve) => setTimeout(resolve)); // not an animation frame: a hidden tab has none
}

const undone = [];

/** Call `undo` if the page does not start. */
export const ifFailed = (undo) => undone.push(undo);

/** Shrink to a line at the top of the window: the welcome page stands already. */
export const stepAside = () => (section().dataset.state = "beside");

/** Show that the page did not start, once. Nothing has been recorded yet. */
export function fail(error) {
  if (isOver()) return;
  section().dataset.state = "failed";
  for (const undo of undone) undo();
  section().querySelector("progress").remove();
  document.getElementById("boot-step").textContent = _(FAILURES[error?.kind ?? guess(error)]);
  document.getElementById("boot-detail").textContent = lastLine(error);
  const button = document.getElementById("boot-reload");
  button.addEventListener("click", () => location.reload());
  button.hidden = false;
}

/** Chromium, Firefox and Safari each have their own words for a file that did not arrive. */
const guess = (error) => (/fetch|import|NetworkError|Load failed/i.test(error?.message) ? "download" : "start");

/** The last line of a Python traceback names the error; addresses (and the ticket in them) stay out. */
function lastLine(error) {
  const lines = String(error?.message ?? error).trim().split("\n");
  return lines.at(-1).replace(/\S*[/?#]\S*/g, "…").slice(0, 200);
}
