// The roll of a class: saves each tap, takes keys (up, down, P, L, A, E), and keeps what is tapped without a connection.
(() => {
  const rows = document.getElementById("roll-rows");
  const offline = document.getElementById("roll-offline");
  const KEPT = `roll:${rows.dataset.reader}:${location.pathname}`; // never sent as another person's
  let sending = Promise.resolve();

  const kept = () => JSON.parse(localStorage.getItem(KEPT) || "[]");
  function keep(list) {
    if (list.length) localStorage.setItem(KEPT, JSON.stringify(list));
    else localStorage.removeItem(KEPT);
    offline.hidden = !list.length;
    offline.textContent = list.length ? `${offline.dataset.text} (${list.length})` : "";
  }

  const people = () => [...rows.querySelectorAll("li form")];
  const personOf = (form) => form?.querySelector("[name=user]")?.value;

  function show(html, person) {
    rows.innerHTML = html;
    // What still waits to be sent is shown as it was tapped.
    for (const item of kept()) mark(item.user, item.status);
    people().find((found) => personOf(found) === person)?.querySelector("button").focus();
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
    return fetch(rows.querySelector("form").action, {
      method: "POST", body, headers: { "HX-Request": "true" }, credentials: "same-origin",
    });
  }

  // One after the other, so that an older tap never overtakes a newer one.
  function sendKept() {
    sending = sending.catch(() => {}).then(async () => {
      for (let list = kept(); list.length; list = kept()) {
        let answer;
        try {
          answer = await send(list[0]);
        } catch {
          keep(kept());
          return;
        }
        if (answer.status >= 500) return;
        // Not the first one: it may have been replaced by a newer tap while it was sent.
        keep(kept().filter((item) => item.id !== list[0].id));
        if (answer.redirected || answer.status === 403 || answer.status === 404) {
          location.reload();
          return;
        }
        show(await answer.text(), personOf(document.activeElement.closest("form")));
      }
    });
  }

  function tap(fields) {
    // The last tap about a person replaces those that wait.
    const others = kept().filter((item) => item.user === undefined || item.user !== fields.user);
    localStorage.setItem(KEPT, JSON.stringify([...others, { id: Math.random(), ...fields }]));
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
  keep(kept());
  if (kept().length) sendKept();
})();
