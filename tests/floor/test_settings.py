"""Settings refuse what is unsafe, say what is wrong, and are documented where people look."""

import re
from pathlib import Path

import pytest

from fundraise.errors import SetupError
from fundraise.settings import Settings, load_settings
from tests.databases import SECRET_KEY

ROOT = Path(__file__).parent.parent.parent


def load(tmp_path: Path, **values: str) -> Settings:
    lines = {"SECRET_KEY": SECRET_KEY, **values}
    path = tmp_path / ".env"
    path.write_text("".join(f"FUNDRAISE_{name}={value}\n" for name, value in lines.items()))
    return load_settings(path)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SECRET_KEY", "", "at least 32 random characters"),
        ("SECRET_KEY", "short", "at least 32 random characters"),
        ("SECRET_KEY", "a" * 64, "at least 32 random characters"),
        ("BASE_URL", "give.example.org", "address like https://"),
        ("BASE_URL", "https://give.example.org/path", "without a path"),
        ("DATABASE_URL", "mysql://x", "sqlite:///"),
        ("STRIPE_API_BASE", "http://stripe.example.org", "on this machine"),
        ("STRIPE_API_BASE", "https://api.stripe.com", "on this machine"),
        ("CLOCK_URL", "http://10.0.0.7:12111", "on this machine"),
        ("MAIL_URL", "imap://x", "smtp://"),
        ("GIFTS_PER_ADDRESS_PER_HOUR", "-1", "greater than or equal to 0"),
    ],
)
def test_what_will_not_do_is_refused_with_the_way_out(tmp_path: Path, name: str, value: str, says: str) -> None:
    with pytest.raises(SetupError) as refused:
        load(tmp_path, **{name: value})
    assert says in str(refused.value)
    assert f"FUNDRAISE_{name}" in str(refused.value)


def test_no_refusal_prints_a_secret(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as refused:
        load(tmp_path, SECRET_KEY="hunter2hunter2", MAIL_URL="imap://user:password@host")
    assert "hunter2" not in str(refused.value)
    assert "password" not in str(refused.value)


def test_the_environment_comes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDRAISE_SITE_NAME", "From the environment")
    assert load(tmp_path, SITE_NAME="From the file").site_name == "From the environment"


def names() -> set[str]:
    return {f"FUNDRAISE_{name.upper()}" for name in Settings.model_fields}


def test_the_example_file_names_every_setting_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^#? ?(FUNDRAISE_[A-Z_]+)=", text, re.MULTILINE)) == names()


def test_the_readmes_table_says_what_the_settings_say() -> None:
    text = (ROOT / "README.md").read_text()
    rows = dict(re.findall(r"^\| `(FUNDRAISE_[A-Z_]+)` \| (.*?) \|$", text, re.MULTILINE))
    assert set(rows) == names()
    for name, spot in Settings.model_fields.items():
        assert (spot.description or "").replace("|", "\\|") in rows[f"FUNDRAISE_{name.upper()}"]
