"""Schemathesis against an office with a case in every state: ``python -m tests.api.fuzz --examples 10000`` for long.

The addresses and versions that it makes up name nothing; half of them are replaced by those of cases that are there,
so that it gets as far as the services.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode

from casework import create_app
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.config import Settings
from casework.kernel.db import db
from casework.kernel.permissions import can
from casework.kernel.time import local_day, utcnow
from tests.api.conftest import a_token
from tests.factories import Office, a_case, a_firm, an_office

# Lawful by its shape and refused all the same: another state, an older version, the right of another role.
REFUSED = ["2xx", "401", "403", "404", "409", "410", "412", "422", "428"]
CHECKS = {
    "positive_data_acceptance": {"expected-statuses": REFUSED},
    "negative_data_rejection": {
        "expected-statuses": ["400", "401", "404", "405", "406", "409", "412", "415", "422", "428", "403"]
    },
    "missing_required_header": {"expected-statuses": ["400", "401", "403", "406", "415", "422", "428", "404"]},
}
SPEAKERS = ("desk", "officer", "lead", "regulator", "district_admin")
PLENTY = {"TOKEN_MINUTE": 10**9}


def an_office_at_work() -> tuple[Office, list[str]]:
    """An office, and the numbers of its cases: one in each state."""
    office = an_office()
    firm = a_firm(office)
    cases = [a_case(office, state, enterprise_id=firm.id, now=utcnow()) for state in State]
    return office, [case.number for case in cases]


def described(app: Flask) -> Any:
    """The description as schemathesis reads it from the running application."""
    config = schemathesis.Config.from_dict({"checks": CHECKS, "generation": {"with-security-parameters": False}})
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config)


def fuzzed(app: Flask, examples: int, *, seed: int = 0) -> Iterator[tuple[str, int]]:
    """Send so many requests over all operations; yields operation and status of each.

    Raises:
        Exception: schemathesis found a fault; it says which request shows it.
    """
    office, numbers = an_office_at_work()
    tokens = {name: a_token(office, name) for name in SPEAKERS}
    actors = {name: office.actor(name, local_day(utcnow())) for name in SPEAKERS}
    operations = [found.ok() for found in described(app).get_all_operations()]
    share, rest = divmod(examples, len(operations))
    dice = random.Random(seed)
    for place, operation in enumerate(operations):
        said: list[int] = []
        permission = operation.definition.raw["x-permission"]
        fit = [tokens[name] for name in SPEAKERS if can(actors[name], permission)] or list(tokens.values())
        count = share + (place < rest)
        for mode, times in ((GenerationMode.POSITIVE, count - count // 2), (GenerationMode.NEGATIVE, count // 2)):
            strategy = operation.as_strategy(generation_mode=mode)
            if times:
                _send(strategy, times, said, numbers, fit, dice, seed)
        yield from ((operation.label, status) for status in said)


def _send(
    strategy: Any, count: int, said: list[int], numbers: list[str], tokens: list[str], dice: random.Random, seed: int
) -> None:
    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=strategy)
    def send(case: Any) -> None:
        _make_real(case, numbers, dice)
        headers = {"Authorization": f"Bearer {dice.choice(tokens)}"}
        said.append(case.call_and_validate(headers=headers).status_code)
        db.session.rollback()

    send()


def _make_real(case: Any, numbers: list[str], dice: random.Random) -> None:
    """Name a case that is there, in the version that it has, where what was made up is lawful."""
    if case.meta is None or case.meta.generation.mode.is_negative or dice.random() < 0.3:
        return
    if "id" in (case.path_parameters or {}):
        case.path_parameters["id"] = dice.randrange(1, 12)
    if "number" in (case.path_parameters or {}):
        case.path_parameters["number"] = dice.choice(numbers)
        version = db.session.query(Case.version).filter(Case.number == case.path_parameters["number"]).scalar()
        if "If-Match" in (case.headers or {}):
            case.headers["If-Match"] = f'"{version}"'


def main() -> None:
    """The long run, on a database of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = _app(Path(folder))
        with app.app_context():
            seed = given.seed if given.seed is not None else random.randrange(10**6)
            print(f"seed {seed}")
            counted = Counter(status for _, status in fuzzed(app, given.examples, seed=seed))
    print(f"{sum(counted.values())} requests, no fault: {dict(sorted(counted.items()))}")


def _app(folder: Path) -> Flask:
    from flask_migrate import upgrade

    settings = Settings(
        database_url=f"sqlite:///{folder}/fuzz.db",
        secret_key="x" * 40,
        storage=str(folder),
        testing=True,
        options=PLENTY,
    )
    app = create_app(settings)
    with app.app_context():
        upgrade(directory="migrations")
    return app


if __name__ == "__main__":
    main()
