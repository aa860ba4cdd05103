// Where the files of static/vendor/ are. The server writes versions into the page's addresses, so that browsers need not ask again.

const RUNTIME = document.querySelector('link[href$="/static/vendor/stdlib.zip"]').href; // one version for all of it

/** A file of the runtime, by the address under which index.html preloads it. */
export const runtime = (name) => new URL(name, RUNTIME).href;

/** A file that changes with our own sources: under the version of this module. */
export const ours = (name) => new URL(`../vendor/${name}`, import.meta.url).href;
