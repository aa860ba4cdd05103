// What the build has compiled for Python, and how it gets into Python: archives that it imports from as they are, and
// pydantic's WebAssembly. Nothing is unpacked, so that nothing is in memory twice.
import { BootError } from "./skeleton.mjs";

export const vendor = (name) => new URL(`../vendor/${name}`, import.meta.url).href;

const ARCHIVES = ["site.zip", "app.zip"];
const EXTENSION = { module: "pydantic_core._pydantic_core", file: "pydantic_core.wasm" };
const HOME = "/lib/slipstream";

async function reply(name) {
  const reply = await fetch(vendor(name)).catch(() => {
    throw new BootError("download", name);
  });
  if (!reply.ok) throw new BootError("download", `${name} (${reply.status})`);
  return reply;
}

/** Begin all downloads; `into(python)` waits for them. */
export function archives() {
  const coming = ARCHIVES.map((name) => reply(name).then((found) => found.arrayBuffer()));
  // The browser keeps what it compiles of a stream for the next visit.
  const compiled = reply(EXTENSION.file).then((found) => WebAssembly.compileStreaming(found));
  const all = Promise.all([...coming, compiled]);
  all.catch(() => {}); // for `into` to report
  return async function into(python) {
    const buffers = await all;
    const module = buffers.pop();
    python.FS.mkdirTree(HOME);
    // canOwn: the file is the buffer, not a copy of it.
    for (const name of ARCHIVES) python.FS.writeFile(`${HOME}/${name}`, new Uint8Array(buffers.shift()), { canOwn: true });
    const library = await link(python, module);
    const imports = python.pyimport("page_imports");
    imports.use(python.toPy(ARCHIVES.map((name) => `${HOME}/${name}`)), python.toPy({ [EXTENSION.module]: library }), console.error);
    imports.destroy();
  };
}

/** Give Emscripten the compiled module under the name by which Python will open it; the file itself stays empty. */
async function link(python, module) {
  const { loadWebAssemblyModule, preloadedWasm } = python._module;
  const path = `${HOME}/${EXTENSION.module}.so`;
  python.FS.writeFile(path, "");
  preloadedWasm[path] = await loadWebAssemblyModule(module, { loadAsync: true, nodelete: true }, path, {});
  return path;
}
