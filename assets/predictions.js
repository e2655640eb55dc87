// Renders the suggestions; all text goes in through textContent, never through a template.
const line = element.querySelector(".line");
const list = element.querySelector(".emoji");
const notice = element.querySelector(".notice");
const done = element.querySelector(".done");
const spoken = element.querySelector("[role=status]");
const SETTLED_MS = 900;
const SHOWN_MS = 2500;
let settle = 0;
let fade = 0;

const textarea = () => document.querySelector("#sentence textarea");

function item() {
  const li = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  for (const name of ["glyph", "name", "share", "bar"]) {
    const span = document.createElement("span");
    span.className = name;
    button.append(span);
  }
  button.querySelector(".glyph").setAttribute("aria-hidden", "true");
  button.querySelector(".bar").setAttribute("aria-hidden", "true");
  button.querySelector(".bar").append(document.createElement("i"));
  li.append(button);
  return li;
}

function percent(confidence) {
  return confidence < 0.01 ? "<1%" : Math.round(confidence * 100) + "%";
}

function render() {
  const value = props.value || { state: "empty", line: "", notice: "", emoji: [] };
  element.dataset.state = value.state;
  line.textContent = value.line;
  notice.textContent = value.notice;
  while (list.children.length > value.emoji.length) list.lastChild.remove();
  while (list.children.length < value.emoji.length) list.append(item());
  value.emoji.forEach((guess, index) => {
    const button = list.children[index].firstChild;
    button.dataset.emoji = guess.emoji;
    button.querySelector(".glyph").textContent = guess.emoji;
    button.querySelector(".name").textContent = guess.name;
    button.querySelector(".share").textContent = percent(guess.confidence);
    button.querySelector(".bar i").style.width = Math.max(1, guess.confidence * 100) + "%";
  });
  clearTimeout(settle);
  settle = setTimeout(() => announce(value), SETTLED_MS);
}

function announce(value) {
  const best = value.emoji[0];
  if (value.state === "empty") return;
  spoken.textContent = best ? `Best fit: ${best.name}, ${percent(best.confidence)}` : value.line;
}

function confirm(text) {
  clearTimeout(settle);
  clearTimeout(fade);
  done.textContent = text;
  spoken.textContent = text;
  fade = setTimeout(() => { done.textContent = ""; }, SHOWN_MS);
}

function append(emoji, name) {
  const box = textarea();
  const text = box.value;
  const longer = text + (text === "" || /\s$/.test(text) ? "" : " ") + emoji;
  if (box.maxLength > 0 && longer.length > box.maxLength) return confirm("The box is full");
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, longer);
  box.dispatchEvent(new Event("input", { bubbles: true }));
  confirm(`Added ${name}`);
}

async function copy() {
  const box = textarea();
  if (!box.value) return confirm("Nothing to copy yet");
  try {
    await navigator.clipboard.writeText(box.value);
    return confirm("Copied");
  } catch {
    const focused = document.activeElement;  // no clipboard on plain http: the old way
    box.select();
    const copied = document.execCommand("copy");
    if (focused) focused.focus();
    confirm(copied ? "Copied" : "Press Ctrl+C to copy");
  }
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.classList.contains("copy")) copy();
  else append(button.dataset.emoji, button.querySelector(".name").textContent);
});
watch("value", render);
render();
