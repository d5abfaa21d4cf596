// The roll of a class: saves each tap, takes keys (up, down, P, L, A, E), and keeps what is tapped without a connection.
(() => {
  const rows = document.getElementById("roll-rows");
  const notice = document.getElementById("roll-offline");
  const KEPT = `roll:${rows.dataset.reader}:${location.pathname}`; // never sent as another person's
  const RELOADED = `reloaded:${KEPT}`;
  let sending = Promise.resolve();
  let problems = []; // of the taps since the last one; shown although a later tap is saved

  const kept = () => JSON.parse(localStorage.getItem(KEPT) || "[]");
  function keep(list) {
    if (list.length) localStorage.setItem(KEPT, JSON.stringify(list));
    else localStorage.removeItem(KEPT);
  }

  // Why the taps wait, and how many; nothing where none does.
  function say(why) {
    const { length } = kept();
    notice.hidden = !length;
    notice.textContent = length ? `${why} (${length})` : "";
  }

  const people = () => [...rows.querySelectorAll("li form")];
  const personOf = (form) => form?.querySelector("[name=user]")?.value;

  function show(html, person) {
    rows.innerHTML = html;
    addProblem(rows.querySelector(".problem"));
    // What still waits to be sent is shown as it was tapped.
    for (const item of kept()) mark(item.user, item.status);
    people().find((found) => personOf(found) === person)?.querySelector("button").focus();
  }

  function addProblem(problem) {
    if (problem && !problems.some((other) => other.textContent === problem.textContent)) problems.push(problem);
    rows.prepend(...problems);
  }

  function mark(person, status) {
    const form = people().find((found) => personOf(found) === person);
    for (const button of form?.querySelectorAll(".mark") || []) {
      const chosen = button.value === status;
      button.classList.toggle("chosen", chosen);
      button.setAttribute("aria-pressed", chosen);
    }
  }

  async function send({ id, ...fields }) {
    const body = new URLSearchParams(fields);
    body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    return fetch(rows.dataset.address, {
      method: "POST", body, headers: { "HX-Request": "true" }, credentials: "same-origin",
    });
  }

  // The session has ended, or its token has changed: the page is loaded again, once, by way of the sign-in where needed.
  function reload() {
    if (sessionStorage.getItem(RELOADED)) {
      say(notice.dataset.refused);
      return;
    }
    sessionStorage.setItem(RELOADED, "yes");
    location.reload();
  }

  // True where the tap waits no longer, and the next one can be sent.
  async function sendOne(item) {
    const answer = await send(item).catch(() => null);
    if (!answer || answer.status >= 500) {
      say(notice.dataset.offline);
      return false;
    }
    if (answer.redirected || answer.status === 401 || answer.status === 403) {
      reload();
      return false;
    }
    sessionStorage.removeItem(RELOADED);
    // Not the first one: it may have been replaced by a newer tap while it was sent.
    keep(kept().filter((other) => other.id !== item.id));
    say(notice.dataset.offline);
    const isRoll = answer.headers.get("Content-Type")?.startsWith("text/html") && answer.status !== 404;
    if (isRoll) show(await answer.text(), personOf(document.activeElement.closest("form")));
    else lose(item);
    return true;
  }

  function lose(item) {
    mark(item.user, "");
    const problem = Object.assign(document.createElement("p"), { className: "problem", textContent: notice.dataset.lost });
    problem.setAttribute("role", "alert");
    addProblem(problem);
  }

  // One after the other, so that an older tap never overtakes a newer one.
  function sendKept() {
    sending = sending.catch(() => {}).then(async () => {
      for (let list = kept(); list.length; list = kept()) {
        if (!(await sendOne(list[0]))) return;
      }
    });
  }

  function tap(fields) {
    // The last tap about a person replaces those that wait.
    const others = kept().filter((item) => item.user === undefined || item.user !== fields.user);
    keep([...others, { id: Math.random(), ...fields }]);
    problems = [];
    if (fields.user) mark(fields.user, fields.status);
    sendKept();
  }

  rows.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button.name === "rest") tap({ rest: button.value });
    else tap({ user: personOf(event.target), status: button.value });
  });

  rows.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const form = event.target.closest("li form");
    if (!form) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      people()[people().indexOf(form) + step]?.querySelector("button").focus();
      return;
    }
    const button = form.querySelector(`[data-key="${CSS.escape(event.key.toUpperCase())}"]`);
    if (button && !button.disabled) {
      event.preventDefault();
      tap({ user: personOf(form), status: button.value });
    }
  });

  addEventListener("online", sendKept);
  setInterval(() => kept().length && sendKept(), 5000);
  say(notice.dataset.offline);
  if (kept().length) sendKept();
})();
