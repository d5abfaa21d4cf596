// Remembers the zone of this browser, so that the server can write times in it, and shows them in it meanwhile, in the
// words that the server uses then: "Today 14:00", "Thu 3 Dec 14:00".
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `timezone=${zone}; path=/; max-age=31536000; samesite=lax`;

  const language = document.documentElement.lang;
  const near = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const capital = (text) => text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
  const midnight = (moment) => Date.UTC(moment.getFullYear(), moment.getMonth(), moment.getDate());

  function day(moment, today) {
    const distance = Math.round((midnight(moment) - midnight(today)) / 86400000);
    if (Math.abs(distance) < 2) return capital(near.format(distance, "day"));
    const options = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
    const parts = new Intl.DateTimeFormat(language, options).formatToParts(moment);
    const names = ["weekday", "day", "month", ...(moment.getFullYear() === today.getFullYear() ? [] : ["year"])];
    const text = names.map((name) => parts.find((part) => part.type === name).value.replace(/\.$/, "")).join(" ");
    return capital(text);
  }

  const hour = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  for (const time of document.querySelectorAll("time[data-local]")) {
    const moment = new Date(time.dateTime);
    const date = time.dataset.local === "hour" ? "" : `${day(moment, new Date())} `;
    time.textContent = date + hour.format(moment);
  }
})();
