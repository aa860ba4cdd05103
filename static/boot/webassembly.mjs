// Downloads and compiles all WebAssembly from the page's first moment on, by an `async` script of its own.
// index.html does not preload it: of a file that a preload has brought, Chromium does not use the compiled code that it
// keeps, and compiles it again at every visit.
import { runtime } from "./addresses.mjs";
import { download } from "./download.mjs";
import { BootError } from "./skeleton.mjs";

async function compile(name) {
  const reply = await download(name, runtime(name));
  try {
    return await WebAssembly.compileStreaming(reply);
  } catch (error) {
    throw new BootError(error instanceof TypeError ? "download" : "wasm", `${error.name} in ${name}`);
  }
}

const started = (name) => {
  const compiled = compile(name);
  compiled.catch(() => {}); // for interpreter.mjs to report
  return compiled;
};

export const PYTHON = "pyodide/pyodide.asm.wasm";
export const EXTENSION = "pydantic_core.wasm";

/** Promises of compiled modules. */
export const python = started(PYTHON);
export const extension = started(EXTENSION);
