// What the build has compiled for Python, and how it gets into Python: archives that it imports from as they are, and
// pydantic's WebAssembly. Nothing is unpacked, so that nothing is in memory twice.
import { ours, runtime } from "./addresses.mjs";
import { download } from "./download.mjs";
import { without } from "./shrink.mjs";
import { extension } from "./webassembly.mjs";

const ARCHIVES = { "site.zip": runtime("site.zip"), "app.zip": ours("app.zip") };
const EXTENSION = "pydantic_core._pydantic_core"; // a module of Python's
const HOME = "/lib/slipstream";
const REST_MS = 2000; // after Python is up: then the page waits for a candidate who reads

/** Begin all downloads; `into(python)` waits for them. */
export function archives() {
  const coming = Object.entries(ARCHIVES).map(async (one) => (await download(...one)).arrayBuffer());
  const all = Promise.all([...coming, extension]);
  all.catch(() => {}); // for `into` to report
  return async function into(python) {
    const buffers = await all;
    const module = buffers.pop();
    python.FS.mkdirTree(HOME);
    // canOwn: the file is the buffer, not a copy of it.
    const paths = Object.keys(ARCHIVES).map((name) => `${HOME}/${name}`);
    for (const path of paths) python.FS.writeFile(path, new Uint8Array(buffers.shift()), { canOwn: true });
    const library = await link(python, module);
    const imports = python.pyimport("page_imports");
    imports.use(python.toPy(paths), python.toPy({ [EXTENSION]: library }), console.error);
    globalThis.slipstreamBoot.rest = () => setTimeout(dropImported, REST_MS, python, imports);
  };
}

/** Keep of each archive only what is not imported yet: about 6 MB are read no more. */
function dropImported(python, imports) {
  const found = imports.imported();
  for (const [path, names] of found.toJs()) {
    python.FS.writeFile(path, without(names, python.FS.readFile(path)), { canOwn: true });
  }
  found.destroy();
  imports.destroy();
  const importlib = python.pyimport("importlib");
  importlib.invalidate_caches(); // Python has kept where each file lies
  importlib.destroy();
}

/** Give Emscripten the compiled module under the name by which Python will open it; the file itself stays empty. */
async function link(python, module) {
  const { loadWebAssemblyModule, preloadedWasm } = python._module;
  const path = `${HOME}/${EXTENSION}.so`;
  python.FS.writeFile(path, "");
  preloadedWasm[path] = await loadWebAssemblyModule(module, { loadAsync: true, nodelete: true }, path, {});
  return path;
}
