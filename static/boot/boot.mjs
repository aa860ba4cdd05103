// Starts PyScript once the browser is known to be able to run the page; shows what happens meanwhile.
import { runtime } from "./addresses.mjs";
import { open } from "./devices.mjs";
import { call, early } from "./early.mjs";
import { _, catalogue, speak } from "./language.mjs";
import { BootError, fail, step } from "./skeleton.mjs";
import { deviceName, keepTicket, keptTicket, probe, standIn } from "./storage.mjs";
import { EXTENSION, PYTHON } from "./webassembly.mjs";

/** What the page cannot do without. Which camera there is, is asked later, by the device check. */
function check() {
  if (!globalThis.isSecureContext) throw new BootError("insecure", location.protocol.replace(":", ""));
  if (typeof WebAssembly !== "object") throw new BootError("wasm", "no WebAssembly");
  if (!navigator.mediaDevices?.getUserMedia) throw new BootError("devices", "no getUserMedia");
  if (typeof MediaRecorder !== "function") throw new BootError("recorder", "no MediaRecorder");
}

// The frame takes its height from what it shows; static/styles/embedded.css says how.
if (new URLSearchParams(location.search).get("embed") === "1") document.documentElement.dataset.embedded = "";

/** Count the files of the boot as they arrive: the longest part of a first visit. */
function watchDownloads() {
  const links = [...document.querySelectorAll("link[rel=preload], link[rel=modulepreload]")];
  const awaited = new Set([...links.map((link) => link.href), runtime(PYTHON), runtime(EXTENSION)]);
  const total = awaited.size;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) awaited.delete(entry.name);
    step(_("Loading…"), ((total - awaited.size) / total) * 9, 12);
    if (!awaited.size) observer.disconnect();
  });
  observer.observe({ type: "resource", buffered: true });
}

/** Hand PyScript what the build made of pyscript.toml. For MicroPython too, which we do not use: it would load all plugins. */
async function configure() {
  const reply = await fetch(new URL("../vendor/pyscript.json", import.meta.url)).catch(() => ({ ok: false }));
  if (!reply.ok) throw new BootError("download", "pyscript.json");
  const config = await reply.json();
  // The addresses that index.html preloads.
  config.interpreter = new URL("./interpreter.mjs", import.meta.url).href;
  for (const [file, name] of Object.entries(config.js_modules.main)) {
    delete config.js_modules.main[file];
    config.js_modules.main[runtime(file.split("/vendor/")[1])] = name;
  }
  const text = JSON.stringify(config);
  document.querySelector("script[type=py]").setAttribute("config", text);
  const unused = document.createElement("mpy-config");
  unused.setAttribute("type", "json");
  unused.hidden = true;
  unused.textContent = text;
  document.body.append(unused);
}

async function boot() {
  speak().catch(console.warn); // then the skeleton stays English: no reason to keep anybody from the interview
  check();
  watchDownloads();
  const [idbWorks] = await Promise.all([probe(), configure()]);
  if (!idbWorks) standIn();
  // For Python: whether a journal can be kept, where names, catalogues, replies and devices come from, what stands on the
  // page already, and where to report that it did not start.
  const reencoder = () => import("../media/reencode.mjs"); // few candidates need it
  const failed = (detail) => fail(new BootError("start", detail));
  const kept = { deviceName, keepTicket, keptTicket };
  globalThis.slipstreamBoot = { idbWorks, ...kept, catalogue, call, open, early, reencoder, fail: failed };
  const { hooks } = await import(runtime("pyscript/core.js")).catch(() => {
    throw new BootError("download", "PyScript");
  });
  // We use no PyScript workers. This hook is the one thing for which PyScript calls Function(): without it the page's
  // Content-Security-Policy needs no 'unsafe-eval'.
  hooks.worker.onBeforeRunAsync.clear();
}

// Safari on a phone shows a button as pressed (:active) only where somebody listens to touches;
// app/browser/window/frames.py asks for it.
document.addEventListener("touchstart", () => {}, { passive: true });
// Python's errors and PyScript's end here too, as long as the skeleton stands.
addEventListener("error", (event) => fail(event.error ?? event.message));
addEventListener("unhandledrejection", (event) => fail(event.reason));
boot().catch(fail);
