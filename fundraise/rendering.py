"""Drawing templates. A name left out or misspelt is an error, never an empty space."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape


def folder() -> Path:
    """Return where the templates are: inside the installed package, or beside it in a checkout."""
    inside = Path(__file__).parent / "templates"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


@cache
def environment() -> Environment:
    """Return the one environment; HTML is escaped, text is not."""
    return Environment(
        loader=FileSystemLoader(folder()),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=400,
    )


def render(name: str, **context: Any) -> str:
    """Draw a template; pages get `page` and `site`, letters `page` alone."""
    return environment().get_template(name).render(**context)
