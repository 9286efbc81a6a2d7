// A form marked data-once is sent once, however often its button is pressed. The button is not disabled, so that it still
// sends its own name and screen readers keep their place; a page that comes back from the browser's memory works again,
// and so does a page whose answer never came.
const patienceMs = 15000;
const sent = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.hasAttribute("data-once")) return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  mark(form, true);
  setTimeout(release, patienceMs, form);
});

addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-once]").forEach(release);
});

function release(form) {
  sent.delete(form);
  mark(form, false);
}

function mark(form, isSent) {
  for (const button of form.querySelectorAll("button[type=submit]")) {
    if (isSent) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}
