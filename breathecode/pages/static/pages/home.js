// Counts on how long it is until the next class, by the server's clock, and opens the page again when it begins.
(() => {
  const wait = document.getElementById("wait");
  const start = Number(wait.dataset.start) * 1000;
  const skew = Number(wait.dataset.now) - Date.now();
  const minutesLeft = () => Math.ceil((start - Date.now() - skew) / 60000);
  const hadBegun = minutesLeft() <= 0;
  let leaving = false;

  function text(minutes) {
    if (minutes <= 0) return wait.dataset.began;
    if (minutes === 1) return wait.dataset.minute;
    if (minutes < 60) return wait.dataset.minutes.replace("{m}", minutes);
    const pattern = minutes % 60 ? wait.dataset.both : wait.dataset.hours;
    return pattern.replace("{h}", Math.floor(minutes / 60)).replace("{m}", minutes % 60);
  }

  function tick() {
    const minutes = minutesLeft();
    const shown = text(minutes);
    if (wait.textContent !== shown) wait.textContent = shown;
    if (minutes <= 0 && !hadBegun && !leaving) {
      leaving = true;
      // A moment of chance, so that a thousand students do not ask in the same instant.
      setTimeout(() => location.reload(), Math.random() * 1500);
    }
  }

  tick();
  setInterval(tick, 1000);
  // A phone that was put away runs no timers.
  addEventListener("pageshow", tick);
  document.addEventListener("visibilitychange", tick);
})();
