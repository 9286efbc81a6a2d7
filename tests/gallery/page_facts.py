"""What a page's source says about itself: enough of HTML to hold every page to the same few rules."""

import re
from collections import Counter
from html.parser import HTMLParser

LOADING = {"script": "src", "link": "href", "img": "src", "source": "src", "iframe": "src", "form": "action"}
NAMED_BY_LABEL = {"input", "select", "textarea"}
FORBIDDEN_WORDS = re.compile(r"anonym|exactly[\s-]once|bank-grade", re.IGNORECASE)
# Hundreds of currencies to choose from take longer to read than all the rest, and no rule here is about a choice.
_CHOICES = re.compile(r"<option(?: value=\"[^\"]*\"| selected)*>[^<]*</option>")


class PageFacts(HTMLParser):
    """Read one page; `faults()` lists what breaks a rule, in plain words."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.found: list[str] = []
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.wanted_ids: list[tuple[str, str]] = []
        self.labelled: set[str] = set()
        self.fields: list[tuple[str, dict[str, str]]] = []
        self.title = ""
        self.inside: list[str] = []
        self.feed(_CHOICES.sub("", html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        self.inside.append(tag)
        self.look_at_policy(tag, values)
        self.look_at_references(tag, values)
        if tag in NAMED_BY_LABEL and values.get("type") != "hidden" and "label" not in self.inside:
            self.fields.append((tag, values))
        if tag == "img" and "alt" not in values:
            self.found.append("a picture without alt text")

    def look_at_policy(self, tag: str, values: dict[str, str]) -> None:
        """Note what a content security policy without exceptions would refuse."""
        if tag == "style" or "style" in values:
            self.found.append(f"inline style in <{tag}>")
        if tag == "script" and "src" not in values:
            self.found.append("inline script")
        self.found += [f"inline handler {name}" for name in values if name.startswith("on")]
        address = values.get(LOADING.get(tag, ""), "")
        if re.match(r"(?:[a-z][a-z0-9+.-]*:)?//|data:", address, re.IGNORECASE):
            self.found.append(f"<{tag}> loads from elsewhere: {address}")

    def look_at_references(self, tag: str, values: dict[str, str]) -> None:
        """Note ids, and everything that points at one."""
        if "id" in values:
            self.ids[values["id"]] += 1
        for name in ("aria-labelledby", "aria-describedby", "aria-controls"):
            self.wanted_ids += [(name, wanted) for wanted in values.get(name, "").split()]
        if tag == "label" and "for" in values:
            self.wanted_ids.append(("for", values["for"]))
            self.labelled.add(values["for"])
        if tag == "a" and values.get("href", "").startswith("#"):
            self.wanted_ids.append(("href", values["href"][1:]))

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.inside and self.inside[-1] == "title" and "svg" not in self.inside:
            self.title += data

    def faults(self) -> list[str]:
        found = list(self.found)
        if self.tags["h1"] != 1:
            found.append(f"{self.tags['h1']} first-level headings")
        if self.tags["main"] != 1:
            found.append(f"{self.tags['main']} main parts")
        if not self.title.strip():
            found.append("no title")
        found += [f"id {name} stands {count} times" for name, count in self.ids.items() if count > 1]
        found += [
            f"{name} points at {wanted}, which is not there"
            for name, wanted in self.wanted_ids
            if wanted not in self.ids
        ]
        found += [
            f"<{tag} name={values.get('name')}> has no label"
            for tag, values in self.fields
            if values.get("id") not in self.labelled and "aria-label" not in values
        ]
        found += [f"the word {word!r}" for word in FORBIDDEN_WORDS.findall(self.html)]
        return found
