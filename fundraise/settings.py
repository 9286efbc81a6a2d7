"""Settings: read from the environment first, then from `.env` in the working folder; each is named `FUNDRAISE_…`."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from fundraise.errors import SetupError

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
SECRET_KEY_LEAST_CHARACTERS = 32


class Settings(BaseSettings):
    """What an operator decides. The descriptions are the README's configuration table; a test compares them."""

    model_config = SettingsConfigDict(
        env_prefix="FUNDRAISE_", env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    database_url: str = Field(
        "sqlite:///var/fundraise.db",
        description="`sqlite:///PATH` or `postgresql://USER@HOST/NAME`. On PostgreSQL a role that owns no tables.",
    )
    migration_database_url: str = Field(
        "",
        description="The owner's address of the same database, used by `fundraise db upgrade` alone. "
        "Empty: the same as above (SQLite only).",
    )
    base_url: str = Field(
        "http://127.0.0.1:8000", description="The address people open, without a path. Every link is made from it."
    )
    secret_key: str = Field(
        "",
        description="At least 32 random characters; signs links and seals Stripe keys. "
        "Make one with `fundraise secret`.",
    )
    stripe_api_base: str = Field(
        "", description="A Stripe-compatible server on this machine, for trying things out. Empty: the real Stripe."
    )
    mail_url: str = Field(
        "",
        description="`smtp://USER:PASSWORD@HOST:PORT` (STARTTLS when offered), `smtps://…`, or `file:///FOLDER` "
        "to keep letters as files. Empty: letters wait until it is set.",
    )
    mail_from: str = Field("receipts@localhost", description="The sender's address of every letter.")
    site_name: str = Field("Fundraise", description="What the site calls itself in titles and letters.")
    contact_email: str = Field("", description="Where donors can ask; shown in the footer of every page.")
    jobs_in_web: bool = Field(
        True,
        description="Whether `fundraise serve` also runs the timetable. "
        "Set to `false` where `fundraise jobs serve` runs beside it.",
    )
    gifts_per_address_per_hour: int = Field(
        120,
        description="How many gifts one network address may begin in an hour, against card testing. 0: no limit.",
        ge=0,
    )
    clock_url: str = Field(
        "",
        description="For the demo: a local Stripe whose movable clock the product follows. Loopback only.",
    )
    demo: bool = Field(
        False,
        description="Mark every page as demonstration data.",
    )

    @field_validator("base_url")
    @classmethod
    def _base_url_is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("write an address like https://give.example.org, without a path")
        return value.rstrip("/")

    @field_validator("stripe_api_base", "clock_url")
    @classmethod
    def _only_this_machine(cls, value: str) -> str:
        if value and (urlsplit(value).scheme != "http" or urlsplit(value).hostname not in LOOPBACK_HOSTS):
            raise ValueError("only a server on this machine is taken here, like http://127.0.0.1:12111")
        return value.rstrip("/")

    @field_validator("database_url", "migration_database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("write sqlite:///PATH or postgresql://USER@HOST/NAME")
        return value

    @field_validator("mail_url")
    @classmethod
    def _known_mail(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"smtp", "smtps", "file"}:
            raise ValueError("write smtp://HOST:PORT, smtps://HOST or file:///FOLDER")
        return value

    @model_validator(mode="after")
    def _secret_enough(self) -> Self:
        if len(self.secret_key) < SECRET_KEY_LEAST_CHARACTERS or len(set(self.secret_key)) < 10:  # noqa: PLR2004
            raise ValueError(
                f"secret_key: at least {SECRET_KEY_LEAST_CHARACTERS} random characters are needed. "
                "Make one with: fundraise secret"
            )
        return self

    @property
    def secure(self) -> bool:
        """Whether people reach the site over https, so that cookies can insist on it."""
        return self.base_url.startswith("https://")


def load_settings(env_file: Path | str = ".env") -> Settings:
    """Read the settings; raises `SetupError` with one line per setting that will not do, and never prints a secret."""
    try:
        return Settings(_env_file=env_file)
    except ValidationError as problem:
        lines = []
        for error in problem.errors(include_input=False, include_url=False):
            name = "_".join(str(part) for part in error["loc"]).upper()
            says = error["msg"].removeprefix("Value error, ")
            lines.append(f"  FUNDRAISE_{name or 'SECRET_KEY'}: {says}")
        raise SetupError("The settings will not do:\n" + "\n".join(lines)) from None
