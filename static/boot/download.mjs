// How boot asks for files.
import { BootError } from "./skeleton.mjs";

/** Ask for a file of static/vendor/; `name` is for whoever reads the failure. Throws BootError where there is none. */
export async function download(name, address) {
  const reply = await fetch(address).catch(() => {
    throw new BootError("download", name);
  });
  if (!reply.ok) throw new BootError("download", `${name} (${reply.status})`);
  return reply;
}
