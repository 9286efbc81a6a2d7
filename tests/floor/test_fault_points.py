"""Every commit, every call to another service and every letter sent passes a fault point with a name of its own."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.soak.errand_rounds import ERRANDS
from tests.soak.points import BY_SEQUENCES, PRODUCT, places, sources

# Who may say `commit`: transactions, and migrations, which are done before anybody is served.
COMMITTERS = {"fundraise/db.py", "fundraise/migrations.py"}
# By file: words that reach out of the process. Wherever else one stands, it belongs into a gateway and this table.
REACHING_OUT = {
    "retrieve", "create", "create_async", "list", "list_async", "expire", "update", "cancel", "delete", "modify",
}  # fmt: skip
SENDING = {"send_message", "sendmail", "urlopen", "rename"}
# Calls that carry nothing and lose nothing when they fail, with the reason.
HARMLESS = {
    ("fundraise/assembly.py", "urlopen"): "the demo asks its local Stripe for the time, and goes on with its own",
}


def test_every_transaction_has_a_name_of_its_own() -> None:
    found = defaultdict(list)
    for place in places():
        assert place.name, f"{place.file}:{place.line} opens a transaction, or calls others, without a readable name"
        if place.kind == "write":
            found[place.name].append(f"{place.file}:{place.line}")
    assert len(found) > 30
    shared = {name: where for name, where in found.items() if len({here.split(":")[0] for here in where}) > 1}
    assert shared == {}, "one name, two files: the soak could not tell which of them it passed"


def test_every_point_is_passed_by_sequences_or_by_an_errand() -> None:
    """A new commit or call to others gets an errand in `tests/soak/staff_errands.py`; `make soak` counts the rest."""
    by_errands = {name for errand in ERRANDS.values() for name in errand.points}
    found = {place.name for place in places()}
    assert found - by_errands - BY_SEQUENCES == set()
    assert (by_errands | BY_SEQUENCES) - found == set()


def test_nothing_commits_beside_the_one_place_that_does() -> None:
    committing = {
        file for path, file in named_sources() for node in calls(path) if method(node) in {"commit", "begin_nested"}
    }
    assert committing <= COMMITTERS


def test_the_one_place_that_commits_passes_a_point_before_and_after() -> None:
    """`write` and `write_statement` by their names, `write_together` by that of each work; all say it was committed."""
    lines = (PRODUCT / "db.py").read_text()
    for before, commit, after in (
        ('point(f"{name}: before commit")', "session.commit()", "self._committed(name, topics)"),
        (
            'raw_connection()) as connection:\n            faults.point(f"{name}: before commit")',
            "on_sqlite(",
            "topic} if written",
        ),
        ('point(f"{self._name}: before commit")', '"RELEASE work"', "self._results.append(result)"),
    ):
        begun = lines.index(before)
        assert begun < lines.index(commit, begun) < lines.index(after, begun)
    assert lines.count("session.commit()") == lines.count("self._writers.begin()") == 1
    # One more ends what only read, on connections that cannot write.
    assert lines.count(".commit()") == 2
    assert lines.index('self._readers, "rollback", _end_by_commit') < lines.index("driver.commit()")
    assert lines.count("_end_by_commit") == 2
    assert lines.count(".raw_connection()") == lines.count("on_sqlite(") == 1
    assert lines.count(": before commit") == 3
    assert lines.count(": after commit") == 1
    assert lines.count("self._committed(name, ") == 3


def unnamed_calls(path: Path, words: set[str]) -> list[str]:
    """Return the calls of these names that stand in no `with faults.around(...)` of their function."""
    tree = ast.parse(path.read_text())
    inside = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.With | ast.AsyncWith)
        and any("faults.around(" in ast.unparse(item.context_expr) for item in node.items)
        for inner in ast.walk(node)
    }
    return [
        f"{method(node)} in line {node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and method(node) in words and id(node) not in inside
    ]


def test_every_call_to_stripe_is_named() -> None:
    path = PRODUCT / "gateways" / "stripe" / "client.py"
    assert unnamed_calls(path, REACHING_OUT) == []


def test_every_letter_and_every_renamed_file_is_named() -> None:
    unnamed = {
        (file, call.split(" ")[0]): call for path, file in named_sources() for call in unnamed_calls(path, SENDING)
    }
    assert {where: call for where, call in unnamed.items() if where not in HARMLESS} == {}


NETWORK = {"socket", "httpx", "requests", "aiohttp", "smtplib", "stripe", "urllib.request", "http.client", "subprocess"}
MAY_REACH_OUT = {
    "fundraise/assembly.py": {"urllib.request"},  # The demo's clock.
    "fundraise/flows/read_statement.py": {"subprocess"},
    "fundraise/jobs/runner.py": {"socket"},  # Asks for this machine's name alone.
}


def test_only_gateways_and_these_modules_can_reach_out_at_all() -> None:
    found = defaultdict(set)
    for path, file in named_sources():
        for node in ast.walk(ast.parse(path.read_text())):
            for name in imported(node):
                if {name, name.split(".")[0]} & NETWORK and not file.startswith("fundraise/gateways/"):
                    found[file].add(name)
    assert dict(found) == MAY_REACH_OUT


@pytest.mark.parametrize(
    ("source", "words", "found"),
    [
        ("with faults.around('x'):\n    server.send_message(1)", SENDING, 0),
        ("server.send_message(1)", SENDING, 1),
        ("with faults.around('x'):\n    pass\npartial.rename(1)", SENDING, 1),
        ("with suppress(OSError):\n    urlopen(1)", SENDING, 1),
    ],
)
def test_control_what_is_not_named_is_seen(tmp_path: Path, source: str, words: set[str], found: int) -> None:
    (tmp_path / "module.py").write_text(source)
    assert len(unnamed_calls(tmp_path / "module.py", words)) == found


def named_sources() -> Iterator[tuple[Path, str]]:
    for path in sources():
        yield path, str(path.relative_to(PRODUCT.parent))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def method(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
