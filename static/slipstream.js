// @ts-check
// <slipstream-interview ticket src locale theme>: an interview inside a page of yours. No dependencies; types in slipstream.d.ts.
// The messages underneath, for those who would rather speak them themselves: docs/EMBEDDING.md.

const PROTOCOL = 1;
/** The name of every event. */
export const EVENTS = new Set([
  "ready",
  "recording-started",
  "recording-stopped",
  "part-uploaded",
  "upload-progress",
  "upload-retry",
  "upload-success",
  "upload-error",
  "is-offline",
  "back-online",
  "answer-completed",
  "safe-to-close",
  "submitted",
  "efficiency",
  "resize",
]);
const COLOURS = ["accent", "accent-text", "background", "surface", "text"];
const MAX_RADIUS_PX = 32;
const PATIENCE_MS = 60_000; // a page that is not ready by then was refused, or its way is very slow
const TICKET_PATIENCE_MS = 10_000; // a page may fetch the ticket first, and set it then

const TICKET = /^[\w-]+(\.[\w-]+){2}$/;
const LOCALE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;
const FONT = /^[\p{L}\p{M}\p{N}_ "',-]{1,200}$/u;

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  :host { display: block; }
  :host([hidden]) { display: none; }
  iframe { display: block; inline-size: 100%; block-size: 30rem; border: 0; color-scheme: normal; }
  span { display: none; }
`);

export class SlipstreamInterview extends HTMLElement {
  static observedAttributes = ["ticket", "src", "locale", "theme", "class", "style"];

  /** The window of the interview, where its messages come from, and the name that both sides give to their talk.
   * @type {{ frame: HTMLIFrameElement, origin: string, channel: string, session: string | null, isReady: boolean, told: string } | null} */
  #talk = null;
  /** A stand-in for the page's elements: CSS says what the colours are once it is all resolved. */
  #probe = document.createElement("span");
  #isStale = false;
  #said = new Set();
  #watchdog = 0;
  #dark = matchMedia("(prefers-color-scheme: dark)");

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.#probe);
  }

  get ticket() { return this.getAttribute("ticket") ?? ""; }
  set ticket(value) { this.setAttribute("ticket", value); }
  get src() { return this.getAttribute("src") ?? ""; }
  set src(value) { this.setAttribute("src", value); }
  get locale() { return this.getAttribute("locale") ?? ""; }
  set locale(value) { this.setAttribute("locale", value); }
  get theme() { return this.getAttribute("theme") ?? "auto"; }
  set theme(value) { this.setAttribute("theme", value); }

  /** Hold the uploads back; recording goes on. */
  pause() { this.#order("pause"); }
  resume() { this.#order("resume"); }
  /** Try again at once whatever waits or has failed. */
  retry() { this.#order("retry"); }
  /** Submit once everything is stored, as the candidate's own button does. */
  submit() { this.#order("submit"); }

  connectedCallback() {
    addEventListener("message", this.#hear);
    this.#dark.addEventListener("change", this.#configure);
    this.#reopen();
  }

  disconnectedCallback() {
    removeEventListener("message", this.#hear);
    this.#dark.removeEventListener("change", this.#configure);
    this.#close();
  }

  /** `moveBefore` keeps the frame alive, and with it a recording; every other way of moving it loads it anew. */
  connectedMoveCallback() {}

  /** @param {string} name
   * @param {string | null} before
   * @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (!this.isConnected || before === after) return;
    if (name === "src" || (name === "ticket" && !this.#isRenewal())) this.#reopen();
    else this.#configure();
  }

  /** Whether the ticket is of the session that is open: then it goes on with it, and a recording too. */
  #isRenewal() {
    return this.#talk !== null && this.#talk.session !== null && this.#talk.session === sessionOf(this.ticket);
  }

  /** Load the interview, once for all attributes that are set in one go. */
  #reopen() {
    if (this.#isStale) return;
    this.#isStale = true;
    queueMicrotask(() => {
      this.#isStale = false;
      if (!this.isConnected) return;
      this.#close();
      this.#open();
    });
  }

  #open() {
    const url = this.#address();
    if (!url) return;
    const channel = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    url.search = "?embed=1";
    url.hash = new URLSearchParams({ channel, host: location.origin }).toString();
    const frame = document.createElement("iframe");
    frame.title = this.getAttribute("aria-label") ?? "Interview";
    frame.allow = "camera; microphone; autoplay; fullscreen; screen-wake-lock";
    frame.src = url.href;
    this.#talk = { frame, origin: url.origin, channel, session: sessionOf(this.ticket), isReady: false, told: "" };
    this.shadowRoot?.append(frame);
    this.#watchdog = setTimeout(() => {
      this.#complain(`no answer from ${url.origin} yet. Is ${location.origin} among the origins that its operator lets embed it (--frame-ancestors), and is it reached without a redirect?`);
    }, PATIENCE_MS);
  }

  /** Where the interview is; null, with a word to the console, if it cannot be shown.
   * @returns {URL | null} */
  #address() {
    let url;
    try {
      url = this.src ? new URL(this.src, document.baseURI) : new URL("..", import.meta.url);
    } catch {
      this.#complain(`"${this.src}" in \`src\` is no address.`);
      return null;
    }
    if (url.protocol !== "https:" && url.protocol !== "http:") {
      this.#complain(`\`src\` must begin with https:, not with ${url.protocol}`);
      return null;
    }
    if (url.protocol === "http:" && !/^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)) {
      this.#complain("`src` must begin with https: browsers give no camera and no microphone to http pages of other machines.");
    }
    if (!this.ticket) {
      const words = "the attribute `ticket` is missing. Your own server gets one with `python serve.py ticket`.";
      if (this.hasAttribute("ticket")) this.#complain(words);
      else this.#watchdog = setTimeout(() => this.#complain(words), TICKET_PATIENCE_MS);
      return null;
    }
    if (!TICKET.test(this.ticket) || this.ticket.length > 8192) {
      this.#complain("`ticket` is no ticket: three parts of base64url with points between. Is it a whole link perhaps?");
      return null;
    }
    if (location.origin === "null") {
      this.#complain("a page without an origin (a file, a sandboxed frame) cannot embed an interview.");
      return null;
    }
    return url;
  }

  #close() {
    clearTimeout(this.#watchdog);
    this.#talk?.frame.remove();
    this.#talk = null;
  }

  /** @param {MessageEvent} event */
  #hear = ({ source, origin, data }) => {
    const talk = this.#talk;
    if (!talk || source !== talk.frame.contentWindow || origin !== talk.origin) return;
    if (data?.slipstream !== PROTOCOL || data.channel !== talk.channel || !EVENTS.has(data.type)) return;
    const { slipstream, channel, type, ...detail } = data;
    if (type === "ready") {
      clearTimeout(this.#watchdog);
      talk.isReady = true;
      talk.told = "";
      this.#configure();
    } else if (type === "resize" && Number.isFinite(detail.height_px)) {
      talk.frame.style.blockSize = `${detail.height_px}px`;
    }
    this.dispatchEvent(new CustomEvent(type, { detail })); // not bubbling: a window listens for "resize" of its own
  };

  /** Tell ticket, language and colours, if they are others than the page has been told. */
  #configure = () => {
    const talk = this.#talk;
    if (!talk?.isReady || this.#isStale) return;
    const locale = this.locale;
    if (locale && !LOCALE.test(locale)) this.#complain(`"${locale}" in \`locale\` is no language tag such as "de" or "pt-BR".`);
    const message = {
      type: "configure",
      ticket: this.ticket,
      locale: LOCALE.test(locale) ? locale : null,
      theme: { scheme: this.#scheme(), ...this.#tokens() },
    };
    const told = JSON.stringify(message);
    if (told === talk.told) return; // a host may animate the element's style; that is no news inside
    talk.told = told;
    this.#send(message);
  };

  #scheme() {
    if (["auto", "light", "dark"].includes(this.theme)) return this.theme;
    this.#complain(`\`theme\` is "light", "dark" or "auto", not "${this.theme}".`);
    return "auto";
  }

  /** What this element's CSS says of --slipstream-accent and its like, in the form that the page takes. */
  #tokens() {
    const style = getComputedStyle(this);
    const probed = getComputedStyle(this.#probe);
    /** @type {Record<string, string>} */
    const tokens = {};
    for (const name of [...COLOURS, "radius", "font"]) {
      const property = `--slipstream-${name}`;
      const value = style.getPropertyValue(property).trim();
      if (!value) continue;
      let token = null;
      if (name === "font") {
        const families = value.replace(/\s+/g, " ");
        if (FONT.test(families)) token = families;
      } else if (name === "radius" && CSS.supports("border-radius", value)) {
        this.#probe.style.borderTopLeftRadius = `var(${property})`;
        const px = /^([\d.]+)px$/.exec(probed.borderTopLeftRadius);
        if (px) token = `${Math.min(MAX_RADIUS_PX, Math.round(Number(px[1])))}px`;
      } else if (name !== "radius" && CSS.supports("color", value)) {
        this.#probe.style.color = `var(${property})`;
        token = opaque(probed.color);
      }
      if (token === null) this.#complain(`${property}: "${value}" is left out; see docs/EMBEDDING.md for what is taken.`);
      else tokens[name] = token;
    }
    return tokens;
  }

  /** Tell whoever builds the page what is wrong with it, once.
   * @param {string} sentence */
  #complain(sentence) {
    if (this.#said.has(sentence)) return;
    this.#said.add(sentence);
    console.error(`<slipstream-interview>: ${sentence}`);
  }

  /** @param {"pause" | "resume" | "retry" | "submit"} type */
  #order(type) {
    if (this.#talk?.isReady) this.#send({ type });
    else this.#complain(`${type}() came before the event "ready", and does nothing.`);
  }

  /** @param {Record<string, unknown>} message */
  #send(message) {
    if (!this.#talk) return;
    const { frame, channel, origin } = this.#talk;
    frame.contentWindow?.postMessage({ slipstream: PROTOCOL, channel, ...message }, origin);
  }
}

/** The interview and session that a ticket says it opens; null if that cannot be read.
 * @param {string} ticket
 * @returns {string | null} */
function sessionOf(ticket) {
  if (!TICKET.test(ticket)) return null;
  try {
    const bytes = Uint8Array.from(atob(ticket.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
    const { interview, sub } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof interview === "string" && typeof sub === "string" ? `${interview}/${sub}` : null;
  } catch {
    return null;
  }
}

/** Turn a computed colour into #rrggbb; null if one can see through it.
 * @param {string} colour
 * @returns {string | null} */
function opaque(colour) {
  let bytes = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour)?.slice(1).map(Number);
  if (!bytes) { // oklch(), color(): let the browser paint it
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    if (!context) return null;
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
    if (alpha < 255) return null;
    bytes = [red, green, blue];
  }
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

if (!customElements.get("slipstream-interview")) customElements.define("slipstream-interview", SlipstreamInterview);
