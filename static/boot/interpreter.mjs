// PyScript's `interpreter`: it imports {loadPyodide, version} from here. We wrap Pyodide's own loader, so that Python comes
// with three archives that the build has byte-compiled (the standard library, the packages, app/) and with nothing else.
import { runtime } from "./addresses.mjs";
import { archives } from "./archives.mjs";
import { _ } from "./language.mjs";
import { step } from "./skeleton.mjs";
import { PYTHON, python as compiled } from "./webassembly.mjs";

const { loadPyodide: load, version } = await import(runtime("pyodide/pyodide.mjs"));
export { version };

const into = archives(); // on their way while Python itself loads

// Pyodide would download its WebAssembly itself, and where that fails it only warns, and waits for ever. It gets the
// module that has been on its way since the page opened; the promise returned rejects where there is none.
function handOver() {
  const { fetch } = globalThis;
  const { instantiateStreaming } = WebAssembly;
  globalThis.fetch = (what, ...options) => {
    if (!String(what).endsWith(PYTHON)) return fetch(what, ...options);
    globalThis.fetch = fetch;
    return compiled;
  };
  WebAssembly.instantiateStreaming = async (source, imports) => {
    WebAssembly.instantiateStreaming = instantiateStreaming;
    const module = await source;
    return { module, instance: await WebAssembly.instantiate(module, imports) };
  };
  return compiled.then(() => new Promise(() => {}));
}

// Pyodide takes for an exception what has a stack, or is a plain DOMException. The browser's newer kinds (a full disk, a
// camera that does not fit) are neither, and Python would wait for ever for a promise that has failed with one.
function giveStacks() {
  for (const { prototype } of [globalThis.DOMException, globalThis.OverconstrainedError].filter(Boolean)) {
    if (!("stack" in prototype)) Object.defineProperty(prototype, "stack", { value: "", writable: true, configurable: true });
  }
}

// Chromium samples the memory of a few of its users' pages, and walks up the stack at each sample. On the stacks that
// WebAssembly switches to for promises it walks past the end, and the page crashes. Pyodide switches stacks wherever the
// browser can (it looks when `loadPyodide` imports pyodide.asm.mjs), and nothing of ours needs it: `run_sync` does.
function hideStackSwitching() {
  delete WebAssembly.Suspending;
  delete WebAssembly.promising;
}

export async function loadPyodide(options) {
  hideStackSwitching();
  giveStacks();
  const failed = handOver();
  const env = { PYDANTIC_DISABLE_PLUGINS: "__all__" }; // it would look for some in every archive
  const loaded = load({ ...options, env, indexURL: new URL("./", runtime("pyodide/pyodide.mjs")).href, stdLibURL: runtime("stdlib.zip") });
  const python = await Promise.race([loaded, failed]);
  await into(python);
  await step(_("Starting…"), 11, 12);
  return python;
}
