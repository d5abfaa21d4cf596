// Remembers the zone of this browser, so that the server can write times in it, and shows them in it meanwhile.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `timezone=${zone}; path=/; max-age=31536000; samesite=lax`;

  for (const time of document.querySelectorAll("time[data-local]")) {
    const options = { dateStyle: "full", timeStyle: "short" };
    const format = new Intl.DateTimeFormat(document.documentElement.lang, options);
    time.textContent = `${format.format(new Date(time.dateTime))} (${format.resolvedOptions().timeZone})`;
  }
})();
