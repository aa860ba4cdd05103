// PyScript's `interpreter`: it imports {loadPyodide, version} from here. We wrap Pyodide's own loader, so that Python comes
// with three archives that the build has byte-compiled (the standard library, the packages, app/) and with nothing else.
import { runtime } from "./addresses.mjs";
import { archives } from "./archives.mjs";
import { _ } from "./language.mjs";
import { BootError, step } from "./skeleton.mjs";

const { loadPyodide: load, version } = await import(runtime("pyodide/pyodide.mjs"));
export { version };

const into = archives(); // on their way while Python itself loads

// Pyodide only warns when its WebAssembly does not arrive or does not compile, and then waits for ever.
function wasmFailed() {
  const instantiate = WebAssembly.instantiateStreaming;
  return new Promise((_, reject) => {
    WebAssembly.instantiateStreaming = async (...given) => {
      WebAssembly.instantiateStreaming = instantiate;
      try {
        return await instantiate.apply(WebAssembly, given);
      } catch (error) {
        reject(new BootError(error instanceof TypeError ? "download" : "wasm", `${error.name} in pyodide.asm.wasm`));
        throw error;
      }
    };
  });
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
  const failed = wasmFailed();
  const env = { PYDANTIC_DISABLE_PLUGINS: "__all__" }; // it would look for some in every archive
  const loaded = load({ ...options, env, indexURL: new URL("./", runtime("pyodide/pyodide.mjs")).href, stdLibURL: runtime("stdlib.zip") });
  const python = await Promise.race([loaded, failed]);
  await into(python);
  await step(_("Starting…"), 11, 12);
  return python;
}
