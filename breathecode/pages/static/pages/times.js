// Shows the times of a page in the zone of this machine, where the server knows of no other.
for (const time of document.querySelectorAll("time[data-local]")) {
  const options = { dateStyle: "full", timeStyle: "short" };
  const format = new Intl.DateTimeFormat(document.documentElement.lang, options);
  time.textContent = `${format.format(new Date(time.dateTime))} (${format.resolvedOptions().timeZone})`;
}
