// The countdown of a join link. Counts by the server's clock, so a wrong clock on the visitor's machine does no harm.
(() => {
  const clock = document.getElementById("countdown");
  const spoken = document.getElementById("spoken");
  const shown = document.getElementById("start");
  const shownEnd = document.getElementById("end");
  const start = Number(clock.dataset.start);
  const skew = Number(clock.dataset.now) - Date.now();
  const two = (number) => String(number).padStart(2, "0");
  let announced = null;
  let leaving = false;

  function showTimes() {
    const language = document.documentElement.lang;
    // The zone that the visitor chose, else the one of this machine.
    const zone = clock.dataset.zone ? { timeZone: clock.dataset.zone } : {};
    const format = (options) => new Intl.DateTimeFormat(language, { ...options, ...zone });
    const [from, until] = [new Date(start), new Date(shownEnd.dateTime)];
    const full = format({ dateStyle: "full", timeStyle: "short" });
    shown.textContent = `${full.format(from)} (${full.resolvedOptions().timeZone})`;
    const day = format({ dateStyle: "short" });
    const isSameDay = day.format(from) === day.format(until);
    shownEnd.textContent = (isSameDay ? format({ timeStyle: "short" }) : full).format(until);
  }

  function announce(minutes) {
    // A screen reader hears the last five minutes, not every second.
    if (minutes === announced || minutes > 5) return;
    announced = minutes;
    spoken.textContent = minutes === 0 ? spoken.dataset.now
      : minutes === 1 ? spoken.dataset.minute
      : spoken.dataset.minutes.replace("{n}", minutes);
  }

  function goOn() {
    if (leaving) return;
    leaving = true;
    // A moment of chance, so that a thousand students do not knock in the same instant.
    setTimeout(() => window.location.reload(), Math.random() * 1500);
  }

  function tick() {
    const left = Math.max(0, Math.ceil((start - Date.now() - skew) / 1000));
    const days = Math.floor(left / 86400);
    const time = `${two(Math.floor(left / 3600) % 24)}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`;
    clock.textContent = days ? `${days} ${clock.dataset.days} ${time}` : time;
    announce(Math.ceil(left / 60));
    if (left === 0) goOn();
  }

  showTimes();
  tick();
  setInterval(tick, 250);
})();
