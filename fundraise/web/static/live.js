// Keeps a total up to date. The element names an event stream (data-live) and the fragment alone (data-fragment); each event
// carries the fragment's HTML, or nothing, and then the fragment is fetched. A hidden page closes its stream.
const still = matchMedia("(prefers-reduced-motion: reduce)");
const politeEveryMs = 20000;
const countingMs = 900;

for (const place of document.querySelectorAll("[data-live]")) watch(place);

function watch(place) {
  const news = document.createElement("p");
  news.className = "sr";
  news.setAttribute("aria-live", "polite");
  place.after(news);
  let stream = null;
  let saidAt = 0;

  const hear = async (event) => {
    const html = event.data?.trim().startsWith("<") ? event.data : await fragmentOf(place);
    if (!html || !replace(place, html)) return;
    if (Date.now() - saidAt < politeEveryMs) return;
    saidAt = Date.now();
    news.textContent = `The total is now ${place.querySelector("[data-total]").textContent}`;
  };
  const open = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(place.dataset.live);
    stream.addEventListener("message", hear);
    stream.addEventListener("total", hear);
  };
  const close = () => {
    stream?.close();
    stream = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

async function fragmentOf(place) {
  const answer = await fetch(place.dataset.fragment, { credentials: "same-origin" });
  return answer.ok ? answer.text() : "";
}

// Puts the new fragment in place, keeps what is open open, and says whether the figure changed.
function replace(place, html) {
  const old = place.querySelector("[data-total]").textContent;
  const isOpen = place.querySelector("details")?.open ?? false;
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const figure = fresh.content.querySelector("[data-total]");
  if (!figure) return false;
  const details = fresh.content.querySelector("details");
  if (details) details.open = isOpen;
  place.replaceChildren(fresh.content);
  if (figure.textContent === old) return false;
  if (!still.matches) count(figure, old, figure.textContent);
  return true;
}

// Counts from the old figure to the new one in the new one's own spelling; only western digits are counted.
function count(figure, from, to) {
  const start = Number(from.replace(/\D/g, ""));
  const end = Number(to.replace(/\D/g, ""));
  if (!/\d/.test(to) || !/\d/.test(from) || !Number.isSafeInteger(end)) return;
  figure.textContent = from;
  const begun = performance.now();
  const step = (now) => {
    const part = Math.min(1, Math.max(0, (now - begun) / countingMs));
    const eased = 1 - (1 - part) ** 3;
    figure.textContent = part === 1 ? to : spelled(Math.round(start + (end - start) * eased), to);
    if (part < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

// Fills the digits of `pattern` with those of `value` from the right, and pads with noughts what is left of it.
function spelled(value, pattern) {
  const digits = [...String(value)];
  const filled = [...pattern].reverse().map((sign) => (/\d/.test(sign) ? (digits.pop() ?? "0") : sign));
  return filled.reverse().join("").replace(/^(\D*)[0,.\s]*(?=\d)/, "$1").replace(/^(\D*)(?=[.,]\d)/, "$10");
}
