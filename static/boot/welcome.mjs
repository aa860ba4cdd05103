// The welcome page before Python is up: the same templates and words as app/page/devices/device_check.py, which takes
// these nodes over as they stand. What it still has to find in them keeps its `data-part`.
import { closeEarly, openEarly } from "./devices.mjs";
import { _, duration, isolated, ngettext } from "./language.mjs";

const cameraWords = () => _("Your browser will ask whether this page may use your camera and microphone. Nothing is recorded yet.");
const microphoneWords = () => _("Your browser will ask whether this page may use your microphone. Nothing is recorded yet.");

export class Welcome {
  #grant;
  #hasCamera;
  #takesFiles;
  #node = clone("interview"); // in #app until Python has another page, or takes it over
  #parts = {};
  #presses = []; // what the candidate has pressed, for Python
  #pressedAt = 0; // on the clock of performance.now()
  #state = "idle"; // idle, asking, refused, open
  #listening = new AbortController();

  constructor(grant) {
    this.#grant = grant;
    const { questions } = grant.interview;
    this.#hasCamera = questions.some((question) => question.tracks.includes("video"));
    this.#takesFiles = questions.some((question) => question.file);
    const check = place(this.#node, "device-check", clone("device-check"));
    const preview = place(check, "preview", clone("preview"));
    for (const part of check.querySelectorAll("[data-part]")) this.#parts[part.dataset.part] = part;
    this.#arrange(check, preview);
    this.write();
    const { allow, without } = this.#parts;
    const { signal } = this.#listening;
    allow.addEventListener("click", () => this.#allow(), { signal });
    without.addEventListener("click", () => this.#goWithout(), { signal });
  }

  #arrange(check, preview) {
    const { allow, without, introduction, stage, video } = this.#parts;
    stage.dataset.kind = this.#hasCamera ? "video" : "audio";
    this.#parts["allow-icon"].dataset.icon = this.#hasCamera ? "camera" : "microphone";
    without.hidden = !this.#takesFiles;
    allow.hidden = check.hidden = false;
    video.muted = true; // the attribute works only in parsed markup
    introduction.hidden = !this.#grant.interview.introduction;
    preview.hidden = true;
  }

  /** Write every sentence, in the language that is spoken now. */
  write() {
    const { interview, name } = this.#grant;
    const parts = this.#parts;
    const limit = interview.questions.reduce((sum, one) => sum + (one.tracks.length ? one.limit_s : 0), 0);
    const count = ngettext("{number} question", "{number} questions", interview.questions.length);
    const texts = {
      extent: _("{questions} · up to {time} of recording", { questions: count, time: duration(limit) }),
      heading: name ? _("Welcome, {name}", { name: isolated(name) }) : _("Welcome"),
      introduction: interview.introduction,
      "point-record": this.#hasCamera
        ? _("You see yourself, and record only when you press the button.")
        : _("You record only when you press the button."),
      "point-upload": _("What you record is sent off while you speak. You always see how much of it is stored."),
      "point-offline": _("If your connection breaks, go on answering. The page catches up by itself."),
      words: _("Your camera is off"),
      asking: this.#askingWords(),
    };
    for (const [part, text] of Object.entries(texts)) if (parts[part]) parts[part].textContent = text;
    parts.video?.setAttribute("aria-label", _("Your camera"));
    label(parts.allow, this.#allowWords());
    label(parts.without, _("Go on without, and choose files"));
    label(parts.begin, _("Start the interview"));
  }

  #askingWords() {
    if (this.#state === "open" || this.#state === "refused") return "";
    if (this.#state === "idle") return this.#hasCamera ? cameraWords() : microphoneWords();
    return _("Your browser asks you now: please choose “Allow”. The question often stands at the top of the window.");
  }

  #allowWords() {
    if (this.#state === "open" || this.#state === "refused") return _("Getting ready…");
    return this.#hasCamera ? _("Allow camera and microphone") : _("Allow microphone");
  }

  async #allow() {
    if (this.#state !== "idle" || this.#presses.length) return;
    this.#note("allow");
    this.#state = "asking";
    this.#parts.asking.textContent = this.#askingWords();
    const stream = await openEarly(this.#hasCamera).catch(() => null);
    if (this.#listening.signal.aborted || this.#presses.at(-1) !== "allow") return;
    if (stream) this.#show(stream);
    else this.#wait();
  }

  /** Python gets the error, and says what to do: the browser asks no more. */
  #wait() {
    this.#state = "refused";
    this.#parts.allow.setAttribute("aria-disabled", "true");
    this.write();
  }

  /** Show the picture; the place of the button is kept for "Start the interview", which needs Python. */
  #show(stream) {
    const { video, empty, allow, points, without } = this.#parts;
    this.#state = "open";
    if (this.#hasCamera) {
      video.srcObject = stream;
      video.hidden = false;
      empty.hidden = true;
      video.parentElement.hidden = false;
    }
    points.hidden = without.hidden = true;
    allow.setAttribute("aria-disabled", "true");
    this.write();
  }

  #goWithout() {
    if (this.#presses.includes("without")) return;
    closeEarly();
    this.#note("without");
    this.#parts.without.setAttribute("aria-disabled", "true");
    label(this.#parts.without, _("Getting ready…"));
  }

  #note(press) {
    this.#presses.push(press);
    this.#pressedAt = performance.now();
  }

  show(place) {
    document.title = document.getElementById("title").textContent = this.#grant.interview.title;
    place.append(this.#node);
    this.#parts.heading.focus();
  }

  get node() {
    return this.#node;
  }

  /** Leave the page to Python, and say what was pressed. */
  takeOver() {
    this.#listening.abort();
    return { press: this.#presses.at(-1) ?? "", pressedAt: this.#pressedAt, isOpen: this.#state === "open" };
  }

  /** Remove the page: it is not the one that this session begins with. */
  end() {
    this.#listening.abort();
    closeEarly();
    this.#node.remove();
  }
}

/** Clone a template as app/page/kit/dom.py does: without comments, and without the space that formats the markup. */
function clone(name) {
  const { content } = document.getElementById(`template-${name}`);
  const inside = document.createNodeIterator(content, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_COMMENT);
  for (let node = inside.nextNode(); node; node = inside.nextNode()) {
    if (node.nodeType === Node.COMMENT_NODE || (node.data.includes("\n") && !node.data.trim())) node.remove();
  }
  return document.importNode(content.firstElementChild, true);
}

/** Put an element in the place of a part, under its name. */
function place(within, name, element) {
  within.querySelector(`[data-part=${name}]`).replaceWith(element);
  element.dataset.part = name;
  return element;
}

const label = (button, words) => (button.querySelector("span:not(.icon)").textContent = words);
