// The language until Python is up: which one, and its words. app/core/locale.py decides again once the ticket is known.

const KEPT_AS = "slipstream-language"; // as app/browser/window/languages.py writes it
const MAX_TAG = 35; // characters, as in app/core/locale.py: a link may say anything
const PLAIN = /^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$/; // as there
const LISTED = 200; // numbers in a catalogue's table of plurals (app/contract/catalogue.py)
const NO_BREAK = "\u00a0";
const ENGLISH_UNITS = { second: "s", minute: "min", hour: "h" };

const menu = () => document.getElementById("language"); // lists every language; the first is that of the sources
const offered = () => [...menu().options].map((option) => option.value);
const catalogues = new Map(); // each is fetched once, or again when it did not come whole
const sources = new WeakMap(); // text node or element → its English sentence
let spoken = { words: new Map(), plurals: [] };
let ofTicket = ""; // the language that the ticket asks for

/** The word for an English sentence of ours, with values for its placeholders. */
export const _ = (sentence, values = {}) => written(spoken.words.get(sentence) ?? sentence, values);

/** The same where the form depends on a number. */
export function ngettext(singular, plural, number) {
  const forms = spoken.words.get(singular);
  const form = forms ? forms[spoken.plurals[number < LISTED ? number : (number % 100) + 100]] : [plural, singular][+(number === 1)];
  return written(form, { number });
}

/** Name a sentence of a table as one to be translated; `_` translates it when it is shown. */
export const mark = (sentence) => sentence;

const written = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

/** Isolate text that others have written: its writing direction does not change the sentence around it. */
export const isolated = (text) => `\u2068${text}\u2069`;

/** "45 s", "2 min", "1 min 30 s" or "1 h 5 min", as `duration` of app/page/kit/words.py writes whole seconds. */
export function duration(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  let parts = [[seconds, "second"]];
  if (hours) parts = [[hours, "hour"], [minutes, "minute"]];
  else if (minutes) parts = [[minutes, "minute"], [seconds % 60, "second"]];
  return parts.filter(([number]) => number || parts.length === 1).map((one) => measure(...one)).join(" ");
}

function measure(number, unit) {
  if (!spoken.tag) return `${number}${NO_BREAK}${ENGLISH_UNITS[unit]}`;
  const locale = new Intl.Locale(spoken.tag, { numberingSystem: "latn" });
  const text = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 0 })
    .format(number)
    .replaceAll(" ", NO_BREAK);
  return document.documentElement.dir === "rtl" ? isolated(text) : text;
}

function kept() {
  try {
    return localStorage.getItem(KEPT_AS);
  } catch {
    return null; // a window without storage
  }
}

function lookup(tag) {
  if (tag.length > MAX_TAG) return "";
  for (let rest = tag.toLowerCase(); rest; rest = rest.replace(/(^|-)[^-]*$/, "")) if (offered().includes(rest)) return rest;
  return "";
}

/** What the candidate prefers, best first: chosen by hand, the ticket's, the link's, the browser's. */
const wanted = () => [kept(), ofTicket, new URLSearchParams(location.search).get("lang"), ...navigator.languages].filter(Boolean);

const choose = () => wanted().map(lookup).find(Boolean) ?? offered()[0];

/** The first tag for `language` that says more: countries differ in how they write numbers. */
const regional = (language) => wanted().find((tag) => PLAIN.test(tag) && lookup(tag) === language) ?? language;

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

/** Read a catalogue (app/contract/catalogue.py). Throws for anything else, and for one that was cut off. */
function read(text) {
  const { messages, plurals } = JSON.parse(text);
  return { words: new Map(Object.entries(messages)), plurals };
}

/** Put what index.html says into the language: every text, and every name that only screen readers say. */
function translate() {
  const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.closest("#app")) continue; // welcome.mjs writes there, and the operator's words are not ours
    const sentence = sources.get(text) ?? text.nodeValue.trim();
    if (!sentence || _(sentence) === text.nodeValue.trim()) continue;
    sources.set(text, sentence);
    text.nodeValue = _(sentence);
  }
  for (const named of document.querySelectorAll("[aria-label]")) {
    if (!sources.has(named)) sources.set(named, named.getAttribute("aria-label"));
    named.setAttribute("aria-label", _(sources.get(named)));
  }
}

/** Speak the candidate's language as soon as its words are there; `locale` is what the ticket asks for. */
export async function speak(locale = ofTicket) {
  ofTicket = locale;
  const language = choose();
  menu().value = language;
  const text = await catalogue(language);
  if (language !== choose() || !document.getElementById("boot")) return; // another one is on its way, or Python is up
  if (!text && language !== offered()[0]) {
    menu().value = document.documentElement.lang; // its words did not come
    return;
  }
  spoken = text ? { ...read(text), tag: regional(language) } : { words: new Map(), plurals: [] };
  document.documentElement.lang = language;
  document.documentElement.dir = menu().selectedOptions[0].dir || "ltr";
  translate();
}

/** Follow what is chosen in the menu until Python is up, which follows it then. `redraw` is for who has written more. */
export function followMenu(redraw) {
  menu().addEventListener("change", async () => {
    if (!document.getElementById("boot")) return;
    try {
      localStorage.setItem(KEPT_AS, menu().value);
    } catch {
      return; // Python will not know of it either
    }
    await speak();
    redraw();
  });
}
