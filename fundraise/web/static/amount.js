// The button and the fee line follow the chosen amount, and amounts follow the chosen currency. The server decides what is
// charged; here we only show it. Without this module the stylesheet shows the same for the given amounts.
const form = document.querySelector("form[data-amounts]");
if (form) follow(form);

function follow(form) {
  const typed = form.elements.amount;
  const radios = [...form.querySelectorAll("input[name=choice]")];
  const select = form.querySelector("select[name=currency]");

  const show = () => {
    const tariff = tariffOf(form, select);
    const value = typed.value.trim() || radios.find((radio) => radio.checked)?.value || "";
    const amount = numberOf(value);
    for (const place of form.querySelectorAll("[data-give]")) place.textContent = amount ? written(amount, tariff) : "";
    for (const place of form.querySelectorAll("[data-cover]")) place.textContent = coverOf(amount, tariff);
  };

  typed.addEventListener("input", () => {
    if (typed.value.trim()) for (const radio of radios) radio.checked = false;
    show();
  });
  for (const radio of radios) {
    radio.addEventListener("change", () => {
      typed.value = "";
      show();
    });
  }
  select?.addEventListener("change", () => {
    relabel(radios, tariffOf(form, select));
    show();
  });
  addEventListener("pageshow", show);
  if (select) relabel(radios, tariffOf(form, select));
  show();
}

// The chosen currency's symbol, digits after the point, fee and given amounts.
function tariffOf(form, select) {
  const data = select ? select.selectedOptions[0].dataset : form.dataset;
  return {
    symbol: data.symbol,
    decimals: Number(data.decimals),
    percent: data.feePercent === "" ? NaN : Number(data.feePercent),
    fixed: Number(data.feeFixed || 0),
    values: (data.values || "").split(" ").filter(Boolean),
  };
}

function relabel(radios, tariff) {
  radios.forEach((radio, index) => {
    const value = tariff.values[index];
    if (value === undefined) return;
    radio.value = value;
    radio.labels[0].textContent = written(Number(value), tariff);
  });
}

// Reads "1,000.50", "1.000,50", "12,5" and "20" as people type them. What could be read in two ways is NaN and shows nothing;
// the server says what it makes of it.
function numberOf(text) {
  const plain = text.replace(/[\s\u00a0'’]/g, "").replace(/^\D+/, "");
  const thousands = /^\d{1,3}(,\d{3})+(\.\d{1,2})?$/.test(plain) ? "," : /^\d{1,3}(\.\d{3})+,\d{1,2}$/.test(plain) ? "." : "";
  const number = (thousands ? plain.replaceAll(thousands, "") : plain).replace(",", ".");
  return /^\d+(\.\d{1,2})?$/.test(number) ? Number(number) : NaN;
}

function written(amount, tariff) {
  const digits = Number.isInteger(amount) ? 0 : tariff.decimals;
  const number = amount.toLocaleString(document.documentElement.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return tariff.symbol + number;
}

function coverOf(amount, tariff) {
  if (!amount || Number.isNaN(tariff.percent)) return "the card fee";
  const unit = 10 ** tariff.decimals;
  const gross = Math.ceil(((amount + tariff.fixed) / (1 - tariff.percent / 100)) * unit - 1e-6) / unit;
  const number = (gross - amount).toLocaleString(document.documentElement.lang, { minimumFractionDigits: tariff.decimals, maximumFractionDigits: tariff.decimals });
  return `about ${tariff.symbol}${number}`;
}
