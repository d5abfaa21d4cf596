// Buttons that copy the text of a field; without a script the field is there to select.
(() => {
  // Whether the text is copied. Browsers offer the clipboard to pages over HTTPS alone, and may refuse it to these.
  async function copy(field) {
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      return true;
    } catch {
      return document.execCommand("copy");
    }
  }

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const { done, failed } = button.dataset;
      const isCopied = await copy(document.getElementById(button.dataset.copy));
      button.querySelector("[role=status]").textContent = isCopied ? done : failed;
    });
  }
})();
