// When each track showed which state, by the machine's clock: the proxies' logs keep the same time. The page keeps its own
// list; the test has one over all pages.
(() => {
  globalThis.slipstreamStates = [];
  const now = () => (performance.timeOrigin + performance.now()) / 1000;
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const question = target.closest("[data-question]")?.dataset.question;
      const { track, state } = target.dataset;
      if (!question || !track) continue;
      const shown = { question, track, state, at: now() };
      slipstreamStates.push(shown);
      slipstreamTap({ kind: "state", ...shown });
    }
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-state"] });
})();
