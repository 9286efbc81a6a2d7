// Letters that press what is done often: an element names its own with data-key, and shows it beside its words. They rest
// while one types, and a switch at the foot of the page turns them off for good.
const stored = "fundraise.keys";
const marked = [...document.querySelectorAll("[data-key]")];
if (marked.length) begin();

function begin() {
  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.className = "link-button keys-toggle";
  document.querySelector("main").append(toggle);
  const show = () => {
    const isOn = localStorage.getItem(stored) !== "off";
    toggle.textContent = isOn ? "Turn the letter keys off" : "Turn the letter keys on";
    for (const hint of document.querySelectorAll("kbd")) hint.hidden = !isOn;
  };
  toggle.addEventListener("click", () => {
    localStorage.setItem(stored, localStorage.getItem(stored) === "off" ? "on" : "off");
    show();
  });
  document.addEventListener("keydown", press);
  show();
}

function press(event) {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem(stored) === "off") return;
  const target = marked.find((element) => element.dataset.key === event.key && element.checkVisibility());
  if (!target) return;
  event.preventDefault();
  if (target.matches("input, select, textarea")) target.focus();
  else target.click();
}
