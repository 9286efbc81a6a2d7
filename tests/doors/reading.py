"""Reading an answer as the person in front of it does: what stands in the fields, and what is said beside them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"input", "link", "meta", "br", "hr", "img"})


@dataclass
class Shown:
    """A page's first form: `values` by field name (a box or radio only while it is on), and what is said of fields."""

    values: dict[str, str] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)
    summary: dict[str, str] = field(default_factory=dict)  # By the field it leads to; "form" where it leads nowhere.
    described: dict[str, str] = field(default_factory=dict)  # aria-describedby by field name.


def shown(html: str) -> Shown:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Shown()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append((tag, has))
            self.text = ""
        name = has.get("name", "")
        if "aria-describedby" in has and name:
            self.found.described[name] = has["aria-describedby"]
        is_switch = has.get("type") in {"checkbox", "radio"}
        if tag == "input" and name and (not is_switch or "checked" in has):
            self.found.values[name] = has.get("value", "on" if is_switch else "")
        if tag == "select":
            self.select = name
        if tag == "option" and "selected" in has:
            self.found.values[self.select] = has.get("value", "")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            opened, has = self.open.pop()
            if opened == tag:
                self._closed(tag, has, self.text)
                return

    def _closed(self, tag: str, has: dict[str, str], text: str) -> None:
        if tag == "textarea":
            self.found.values[has["name"]] = text
        identity = has.get("id", "")
        if tag == "p" and identity.endswith("-error"):
            self.found.beside[identity.removeprefix("f-").removesuffix("-error")] = text
        is_in_summary = any("error-summary" in outer.get("class", "") for _, outer in self.open)
        if is_in_summary and tag == "a":
            self.found.summary[has["href"].removeprefix("#f-")] = text
            self.text = ""
        elif is_in_summary and tag == "li" and text.strip():
            self.found.summary["form"] = text
