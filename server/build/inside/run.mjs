// node run.mjs <folder of the npm package pyodide> <script.py> <argument> [<standard library>.zip]
// Runs a Python script inside the page's own Python, so that what it compiles or resolves is right for that very Python.
// The script finds the host's file system under /host and its one argument (JSON) in `argument`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodide, script, argument, stdLibURL] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(pyodide, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: pyodide, stdLibURL });
python.mountNodeFS("/host", "/");
python.globals.set("argument", argument);
try {
  await python.runPythonAsync(readFileSync(script, "utf8"), { filename: script });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
