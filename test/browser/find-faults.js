// Lists what is wrong with the looks of the dialog on top. Runs in the page.
(() => {
  const tray = [...document.querySelectorAll(".red-ui-tray-body")].at(-1);
  const right = tray.getBoundingClientRect().right + 1;

  /** By the fault they find: true for an element that has it. */
  const rules = {
    "sticks out": (element) => element.getBoundingClientRect().right > right,
    "is not translated": (element) => ownTexts(element).some((text) => /^[a-z]+(\.[A-Za-z-]+)+$/.test(text)),
    "has too little contrast": (element) =>
      element.className.startsWith("gatehouse") && ownTexts(element).length > 0 && contrast(element) < 4.5,
    "is cut off": (element) =>
      element.matches("label, th, button, summary") && element.scrollWidth > element.clientWidth + 1,
    "has no name for a screen reader": (element) =>
      element.matches("input:not([type=hidden]), select, textarea, button") && !isOfEditor(element) && !nameOf(element),
  };

  const faults = [];
  for (const element of tray.querySelectorAll("form *")) {
    if (!isShown(element)) continue;
    for (const [fault, has] of Object.entries(rules)) {
      if (has(element))
        faults.push(`${fault}: ${element.tagName}#${element.id}.${element.className} ${nameOf(element)}`);
    }
  }
  return faults;

  function isShown(element) {
    const isTrap = element.closest("span[style*='-2000px']") !== null;
    return (
      element instanceof HTMLElement && !isTrap && element.checkVisibility() && element.getClientRects().length > 0
    );
  }

  function ownTexts(element) {
    const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    return texts.map((node) => node.textContent.trim()).filter((text) => text !== "");
  }

  function nameOf(element) {
    const label = element.labels?.[0]?.textContent.trim();
    return label || element.getAttribute("aria-label") || element.title || element.textContent.trim();
  }

  /** The parts of typedInput and editableList are the editor's own. */
  function isOfEditor(element) {
    return element.closest(".red-ui-typedInput-container, .red-ui-editableList-header") !== null;
  }

  function contrast(element) {
    const front = luminance(getComputedStyle(element).color);
    const back = luminance(background(element));
    return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
  }

  function background(element) {
    if (element === null) return "rgb(255, 255, 255)";
    const color = getComputedStyle(element).backgroundColor;
    return /, 0\)$/.test(color) ? background(element.parentElement) : color;
  }

  /** WCAG 2.2, relative luminance. */
  function luminance(color) {
    const [red, green, blue] = color.match(/[\d.]+/g).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
})();
