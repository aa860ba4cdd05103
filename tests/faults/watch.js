// When each track showed which state, by the machine's clock: the proxies' logs keep the same time.
(() => {
  globalThis.slipstreamStates = [];
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const question = target.closest("[data-question]")?.dataset.question;
      const { track, state } = target.dataset;
      if (question && track) slipstreamStates.push({ question, track, state, at: (performance.timeOrigin + performance.now()) / 1000 });
    }
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-state"] });
})();
