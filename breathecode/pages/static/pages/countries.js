// Names of countries in the language of the page, in its order; without this script they are in English.
(() => {
  const select = document.querySelector("select[name=country]");
  const language = document.documentElement.lang;
  if (!select || language.startsWith("en") || !Intl.DisplayNames) return;
  const names = new Intl.DisplayNames([language], { type: "region" });
  const chosen = select.value;
  for (const option of select.options) option.textContent = names.of(option.value) || option.textContent;
  const compare = new Intl.Collator(language).compare;
  select.append(...[...select.options].sort((a, b) => compare(a.textContent, b.textContent)));
  select.value = chosen;
})();
