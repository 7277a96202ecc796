"use strict";
// Search, level filter, folding. Without it the page shows the same, folded.
(() => {
  const byId = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const search = byId("search"), level = byId("level"), found = byId("found"), findings = byId("findings");
  const holders = all(".bundle, .group, .plain", findings).map((element) => {
    const head = element.matches(".bundle") ? element.querySelector("header") : element.querySelector(":scope > summary");
    return {
      element,
      counted: !element.matches(".plain"),
      head: head ? head.textContent.toLowerCase() : "",
      items: all(".item", element).map((item) => {
        const said = [item.querySelector(":scope > summary") || item, ...all(".diff", item)];
        return { element: item, level: item.dataset.level, text: said.map((part) => part.textContent).join(" ").toLowerCase() };
      }),
    };
  });
  const total = holders.reduce((sum, holder) => sum + (holder.counted ? holder.items.length : 0), 0);
  const foldedAtFirst = new Map(all(".more, .rest, .group", findings).map((element) => [element, element.open]));

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = level.value;
    const active = words.length > 0 || wanted !== "";
    let left = 0, others = 0;
    for (const holder of holders) {
      let here = 0;
      for (const item of holder.items) {
        const hit = (!wanted || item.level === wanted) && words.every((word) => item.text.includes(word) || holder.head.includes(word));
        item.element.hidden = !hit;
        here += hit ? 1 : 0;
      }
      holder.element.hidden = active && here === 0;
      if (holder.counted) left += here; else others += here;
    }
    for (const more of all(".more", findings)) more.hidden = active && !more.querySelector(".item:not([hidden])");
    for (const kind of all(".kind", findings)) kind.hidden = active && !kind.querySelector(".item:not([hidden])");
    // A hit that stays folded away would look like none; passes stay folded unless words ask for them.
    for (const [element, open] of foldedAtFirst) element.open = words.length > 0 ? !element.hidden : open;
    found.textContent = active ? `${left.toLocaleString("en")} of ${total.toLocaleString("en")} findings` : "";
    byId("nothing").hidden = !active || left + others > 0;
  };

  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  level.addEventListener("change", filter);
  byId("unfold").addEventListener("click", () => {
    for (const element of all(".bundle details", findings)) if (!element.closest("[hidden]")) element.open = true;
  });
  byId("fold").addEventListener("click", () => { for (const element of all("details", findings)) element.open = false; });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.matches("input, select, textarea")) {
      event.preventDefault();
      search.focus();
    }
    if (event.key === "Escape" && event.target === search) { search.value = ""; filter(); }
  });
  // The evidence of a case stands in the page once; where it is referred to, a click brings a copy.
  findings.addEventListener("click", (event) => {
    const link = event.target.closest('.again a[href^="#case-"]');
    const original = link && byId(link.hash.slice(1));
    if (!original || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const copy = original.cloneNode(true);
    copy.removeAttribute("id");
    copy.tabIndex = -1;
    link.closest(".again").replaceWith(copy);
    copy.focus({ preventScroll: true });
  });
  // A link to something folded away unfolds what stands around it.
  const reveal = () => {
    const target = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let element = target; element; element = element.parentElement) if (element.matches("details")) element.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  byId("tools").hidden = total === 0;
  reveal();
})();
