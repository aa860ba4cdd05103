// Buttons take a press as soon as they stand there: every press says that it came later than the moment in which
// app/page/kit/click_guard.py lets none count. tests/browser/test_second_clicks.py does without this.
(() => {
  const SETTLING_MS = 1_100;
  const { get } = Object.getOwnPropertyDescriptor(Event.prototype, "timeStamp");
  Object.defineProperty(Event.prototype, "timeStamp", {
    configurable: true,
    get() { return get.call(this) + SETTLING_MS; },
  });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("[data-settling] button, [data-settling] label { pointer-events: auto !important; }");
  document.adoptedStyleSheets.push(sheet);
})();
