// Buttons that copy the text of a field; without a script the field is there to select.
(() => {
  async function copy(field) {
    field.select();
    // Browsers offer the clipboard to pages over HTTPS alone.
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
    else document.execCommand("copy");
  }

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await copy(document.getElementById(button.dataset.copy));
      button.querySelector("[role=status]").textContent = button.dataset.done;
    });
  }
})();
