// While a payment is being confirmed: asks for this page again, quietly, and shows it when it says something new.
const place = document.querySelector("[data-wait]");
if (place) setTimeout(ask, Number(place.dataset.wait) * 1000, place, 1);

async function ask(place, tries) {
  try {
    const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-state]");
    if (answer.ok && fresh && fresh.dataset.state !== place.dataset.state) {
      document.title = page.title;
      place.replaceChildren(...fresh.childNodes);
      place.dataset.state = fresh.dataset.state;
      return;
    }
  } catch {
    // The line may be down for a moment; the next try asks again.
  }
  const seconds = Math.min(60, Number(place.dataset.wait) * tries);
  setTimeout(ask, seconds * 1000, place, tries + 1);
}
