"""What the interface costs: `python -m benchmarks.api [--cases N] [--database URL]`, in process, on a fresh database."""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_migrate import upgrade

from benchmarks.board import timed
from casework import create_app
from casework.accounts import service
from casework.accounts.models import User
from casework.cases.models import Case
from casework.config import ROOT, Settings
from casework.kernel.db import db, transaction
from casework.kernel.time import utcnow
from casework.seeding import seed
from tests.factories import an_office
from tests.harness.client import InspectingClient

ROUNDS = 40
KEYS = itertools.count(1)


def main() -> None:
    """Seed, then measure the desk's program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", default="")
    parser.add_argument("--cases", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder) / 'api.db'}"
        plenty = {"TOKEN_MINUTE": 10**9}
        app = create_app(Settings(database_url=url, secret_key="x" * 40, storage=folder, testing=True, options=plenty))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            desk = an_office().people["desk"].id
            seed(given.cases, now=utcnow())
            app.test_client_class = InspectingClient
            _measure(app.test_client(), _token(desk))


def _token(user_id: int) -> str:
    with transaction():
        user = db.session.get_one(User, user_id)
        return service.issue_token(user, scopes=["read", "write"], days=90, actor=None, now=utcnow())


def _measure(client: FlaskClient, token: str) -> None:
    def send(method: str, path: str, body: Any = None, status: int = 200) -> Any:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"bench-{next(KEYS):08d}"}
        sent = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        answer = client.open(f"/api/v1{path}", method=method, headers=headers, **sent)
        assert answer.status_code == status, answer.text
        return answer.json

    first = send("GET", "/cases?limit=100")
    assert len(first["items"]) == 100
    number = first["items"][0]["number"]
    events = int(db.session.scalar(sa.text("SELECT max(id) FROM events")) or 0)
    area = db.session.scalars(sa.select(Case.area_id).where(Case.number == number)).one()
    new = {"title": "口罩", "text": "口罩没有到货", "type": "other", "area": area, "requester": "面馆"}
    timed("100 cases", lambda: send("GET", "/cases?limit=100"), "10 ms CPU", ROUNDS)
    timed("100 cases, page 2", lambda: send("GET", f"/cases?limit=100&cursor={first['next']}"), "10 ms CPU", ROUNDS)
    timed("100 cases, two fields", lambda: send("GET", "/cases?limit=100&fields=number,state"), "10 ms CPU", ROUNDS)
    timed("one case", lambda: send("GET", f"/cases/{number}"), "-", ROUNDS)
    timed("feed, 100 entries", lambda: send("GET", f"/events?after={events - 300}"), "-", ROUNDS)
    timed("create a case", lambda: send("POST", "/cases", new, 201), "-", ROUNDS)


if __name__ == "__main__":
    main()
