"""What every page and letter knows about this installation."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from fundraise.settings import Settings
from fundraise.views.site import LegalBody, Site

STATIC = Path(__file__).parent.parent / "web" / "static"


@cache
def site(settings: Settings, year: int) -> Site:
    """Return what every page knows about this installation."""
    return Site(
        name=settings.site_name,
        base_url=settings.base_url,
        operator=LegalBody(name=settings.site_name, email=settings.contact_email),
        static_version=static_version(),
        year=str(year),
        is_demo=settings.demo,
    )


@cache
def static_version() -> str:
    """Return a short text that changes with any stylesheet or module, so that browsers may keep them for good."""
    digest = sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:10]
