// PyScript's `interpreter`: it imports {loadPyodide, version} from here. We wrap Pyodide's own loader, so that Python comes
// with three archives that the build has byte-compiled (the standard library, the packages, app/) and with nothing else.
import { loadPyodide as load, version } from "../vendor/pyodide/pyodide.mjs";
import { _ } from "./language.mjs";
import { BootError, step } from "./skeleton.mjs";

export { version };

const vendor = (name) => new URL(`../vendor/${name}`, import.meta.url).href;

async function archive(name) {
  const reply = await fetch(vendor(name)).catch(() => {
    throw new BootError("download", name);
  });
  if (!reply.ok) throw new BootError("download", `${name} (${reply.status})`);
  return reply.arrayBuffer();
}

// Both are on their way while Python itself loads; a failure is for `loadPyodide` to report.
const archives = Promise.all([archive("site.zip"), archive("app.zip")]);
archives.catch(() => {});

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
  const loaded = load({ ...options, indexURL: vendor("pyodide/"), stdLibURL: vendor("stdlib.zip") });
  const python = await Promise.race([loaded, failed]);
  const [site, app] = await archives;
  await step(_("Unpacking…"), 10, 12);
  python.unpackArchive(site, "zip", { extractDir: python.runPython("import site; site.getsitepackages()[0]") });
  python.unpackArchive(app, "zip", { extractDir: "/home/pyodide" });
  await step(_("Starting…"), 11, 12);
  return python;
}
