"""What a browser makes of a page: which elements there are, where they lead, and which words are to be seen."""

from collections import Counter
from html.parser import HTMLParser

ADDRESSES = frozenset({"href", "src", "action", "formaction", "data", "poster", "srcset", "xlink:href"})
# How often a bare one stands on a page depends on the words themselves.
OF_WORDS = frozenset({"p", "br"})


class Seen(HTMLParser):
    """The elements with the names of their attributes, the addresses they name, and the words between them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[tuple[str, ...]] = Counter()
        self.addresses: set[str] = set()
        self.values: list[str] = []
        self._words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if attrs or tag not in OF_WORDS:
            self.elements[tag, *sorted(name for name, _ in attrs)] += 1
        self.addresses |= {(value or "") for name, value in attrs if name in ADDRESSES}
        self.values += [value or "" for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def handle_comment(self, data: str) -> None:
        self.elements["a remark", data] += 1

    def handle_decl(self, decl: str) -> None:
        self.elements["a declaration", decl] += 1

    def handle_pi(self, data: str) -> None:
        self.elements["an instruction", data] += 1

    def unknown_decl(self, data: str) -> None:
        self.elements["a declaration", data] += 1

    @property
    def words(self) -> str:
        return tidy(" ".join((*self._words, *self.values)))

    @property
    def runs(self) -> set[str]:
        """Return addresses that run or load something of somebody else's."""
        bare = {"".join(sign for sign in each if sign > " ").lower() for each in self.addresses}
        return {
            each for each in bare if each.startswith(("javascript:", "data:", "vbscript:", "//", "http://127.0.0.1:9"))
        }


def tidy(text: str) -> str:
    return " ".join(text.split())
