// The skeleton's language: which one, and its words. app/core/locale.py decides again once the ticket is known.

const KEPT_AS = "slipstream-language"; // as app/browser/window/languages.py writes it
const MAX_TAG = 35; // characters, as in app/core/locale.py: a link may say anything
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
    const reply = await fetch(new URL(`../vendor/locales/${language}.json`, import.meta.url));
    const text = await reply.text();
    read(text); // a body may be cut off, and a sign-in page in its place comes with a 200
    return text;
  } catch {
    catalogues.delete(language); // the next one who asks may be luckier
    return null; // the page goes on in the language it speaks
  }
}

/** A language's catalogue as JSON, null for none. Python asks here too: most often it has come by then. */
export function catalogue(language) {
  if (!catalogues.has(language)) catalogues.set(language, load(language));
  return catalogues.get(language);
}

/** Read the sentences of a catalogue (app/contract/catalogue.py). Throws for anything else, and for one that was cut off. */
const read = (text) => new Map(Object.entries(JSON.parse(text).messages));

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
  const text = await catalogue(language);
  if (!text || !document.getElementById("boot")) return; // Python is up already
  words = read(text);
  document.documentElement.lang = language;
  document.documentElement.dir = menu().selectedOptions[0].dir || "ltr";
  translate();
}
