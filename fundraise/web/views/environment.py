"""The one way templates are read, so that a page drawn from a sample is drawn as in earnest."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape


def make_environment(folder: Path) -> Environment:
    """Return the Jinja environment over the templates in `folder`.

    A name that a context lacks is an error when the page is drawn. HTML is escaped; the text templates of mail
    (`.txt`) are not, since nobody reads them as HTML.
    """
    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
