"""Several at once, with real commits: each in a thread with a connection of its own, all let go at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import Flask

from casework.kernel.db import db, transaction
from casework.kernel.errors import CaseworkError

Job = Callable[[], Any]


def let_go(jobs: Sequence[Job]) -> list[Any]:
    """What each of them gave, in their order. A fault of one is raised here, once all have ended."""
    start, given, faults = threading.Barrier(len(jobs)), list[Any](jobs), list[BaseException]()

    def run(place: int, job: Job) -> None:
        start.wait()
        try:
            given[place] = job()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=one) for one in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return given


def at_once(app: Flask, jobs: Sequence[Job]) -> list[Any]:
    """The same for what asks the database: what was made before is committed, what they did is read anew."""
    db.session.commit()
    given = let_go([partial(_in_context, app, job) for job in jobs])
    db.session.expire_all()
    return given


def _in_context(app: Flask, job: Job) -> Any:
    with app.app_context():
        try:
            return job()
        finally:
            db.session.remove()


def together(app: Flask, commands: Sequence[Job]) -> list[Any]:
    """The same for commands, each in a transaction: what it gave, or the name of the refusal that it met."""
    return at_once(app, [partial(_settled, command) for command in commands])


def _settled(command: Job) -> Any:
    try:
        with transaction():
            return command()
    except CaseworkError as refusal:
        return type(refusal).__name__
