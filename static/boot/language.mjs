// The skeleton's language: which one, and its words. app/core/locale.py decides again once the ticket is known.

const KEPT_AS = "slipstream-language"; // as app/browser/window/languages.py writes it
const MAX_TAG = 35; // characters, as in app/core/locale.py: a link may say anything
const MAGIC = 0x950412de; // what a compiled catalogue begins with
const menu = () => document.getElementById("language"); // lists every language; the first is that of the sources
const catalogues = new Map(); // each is fetched once, or again when it did not come whole
let words = new Map();

/** The skeleton's word for an English sentence of ours. */
export const _ = (sentence) => words.get(sentence) ?? sentence;

/** Name a sentence of a table as one to be translated; `_` translates it when it is shown. */
export const mark = (sentence) => sentence;

function kept() {
  try {
    return localStorage.getItem(KEPT_AS);
  } catch {
    return null; // a window without storage
  }
}

function lookup(tag, offered) {
  if (tag.length > MAX_TAG) return "";
  for (let rest = tag.toLowerCase(); rest; rest = rest.replace(/(^|-)[^-]*$/, "")) if (offered.includes(rest)) return rest;
  return "";
}

function choose() {
  const offered = [...menu().options].map((option) => option.value);
  const wanted = [kept(), new URLSearchParams(location.search).get("lang"), ...navigator.languages];
  return wanted.map((tag) => lookup(tag ?? "", offered)).find(Boolean) ?? offered[0];
}

async function load(language) {
  if (language === menu().options[0].value) return null; // its words stand in the sources
  try {
    const reply = await fetch(new URL(`../vendor/locales/${language}.mo`, import.meta.url));
    const bytes = new Uint8Array(await reply.arrayBuffer());
    read(bytes); // a body may be cut off, and a sign-in page in its place comes with a 200
    return bytes;
  } catch {
    catalogues.delete(language); // the next one who asks may be luckier
    return null; // the page goes on in the language it speaks
  }
}

/** A language's compiled catalogue, null for none. Python asks here too: most often it has come by then. */
export function catalogue(language) {
  if (!catalogues.has(language)) catalogues.set(language, load(language));
  return catalogues.get(language);
}

/** Read a compiled catalogue: two tables of (length, place), little-endian (GNU gettext manual, "MO Files").
    Throws RangeError for anything else, and for one that was cut off. */
function read(bytes) {
  const view = new DataView(bytes.buffer);
  if (view.getUint32(0, true) !== MAGIC) throw new RangeError("no catalogue");
  const decoder = new TextDecoder();
  const text = (table, i) => {
    const [length, place] = [view.getUint32(table + 8 * i, true), view.getUint32(table + 8 * i + 4, true)];
    if (place + length >= bytes.length) throw new RangeError("cut off"); // each text ends with a zero
    return decoder.decode(bytes.subarray(place, place + length));
  };
  const [count, ids, texts] = [8, 12, 16].map((place) => view.getUint32(place, true));
  return new Map(Array.from({ length: count }, (_, i) => [text(ids, i), text(texts, i)]));
}

/** Put what stands in the page into its language: every text, and every name that only screen readers say. */
function translate() {
  const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const sentence = texts.currentNode.nodeValue.trim();
    if (sentence && words.has(sentence)) texts.currentNode.nodeValue = _(sentence);
  }
  for (const named of document.querySelectorAll("[aria-label]")) {
    named.setAttribute("aria-label", _(named.getAttribute("aria-label")));
  }
}

/** Let the skeleton speak the candidate's language as soon as its words are there. */
export async function speak() {
  const language = choose();
  menu().value = language;
  const bytes = await catalogue(language);
  if (!bytes || !document.getElementById("boot")) return; // Python is up already
  words = read(bytes);
  document.documentElement.lang = language;
  document.documentElement.dir = menu().selectedOptions[0].dir || "ltr";
  translate();
}
