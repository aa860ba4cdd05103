// What every measured page notes: when things happen, in milliseconds since 1970, and how much was recorded.
(() => {
  const bench = globalThis.slipstreamBench;
  bench.marks = [];
  bench.recorded = []; // bytes, by recording
  bench.mark = (name, size = 0) => bench.marks.push([name, performance.timeOrigin + performance.now(), size]);
  performance.setResourceTimingBufferSize(10_000);

  addEventListener("click", (event) => {
    const action = event.target.closest?.("[data-action]")?.dataset.action;
    if (action) bench.mark(`click ${action}`);
  }, true);

  bench.requests = () => performance.getEntriesByType("resource").map((entry) => {
    const url = new URL(entry.name); // the query signs: of it only the part's number is told
    const part = url.searchParams.get("partNumber");
    const origin = performance.timeOrigin;
    return [url.pathname + (part ? ` part ${part}` : ""), origin + entry.startTime, origin + entry.responseEnd];
  });
})();
