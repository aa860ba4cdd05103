// Play each recording of a page and seek in it. One after the other: browsers limit the players of a page.
async () => {
  const within = (what, work) => Promise.race([
    work, new Promise((_, fail) => setTimeout(() => fail(new Error(`${what}: nothing for 15 s`)), 15000))]);
  const event = (media, name) => within(name, new Promise((done, fail) => {
    media.addEventListener(name, done, {once: true});
    media.addEventListener("error", () => fail(new Error(`error ${media.error?.code} before ${name}`)), {once: true});
  }));
  const results = [];
  for (const media of document.querySelectorAll("video, audio")) {
    const found = {source: media.getAttribute("src"), fault: ""};
    try {
      media.scrollIntoView({behavior: "instant"});  // Firefox decodes no picture that nobody sees
      media.muted = true;
      const loaded = event(media, "loadedmetadata");
      media.preload = "auto";
      media.load();
      await loaded;
      found.duration_s = media.duration;
      found.sought = [];
      for (const share of [0.7, 0.1]) {
        const sought = event(media, "seeked");
        media.currentTime = media.duration * share;
        await sought;
        found.sought.push(media.currentTime / media.duration);
      }
      const from = media.currentTime;
      await within("play", media.play());
      const began = performance.now();
      while (media.currentTime <= from + 0.15) {
        if (performance.now() - began > 15000) throw new Error("it stands still");
        await new Promise((done) => setTimeout(done, 20));
      }
      media.pause();
      found.width = media.videoWidth ?? -1;
    } catch (error) { found.fault = String(error); }
    media.removeAttribute("src");
    media.load();
    results.push(found);
  }
  return results;
}
