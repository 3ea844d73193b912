"""Fixtures: a database for each test, an app on it, a client that inspects, and the real server."""

from __future__ import annotations

import gc
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy import event

from casework.config import ROOT, Settings
from tests.harness import chromium, once
from tests.harness.databases import Databases, PostgresDatabases, SQLiteFiles
from tests.harness.postgres import Cluster, NoPostgres
from tests.harness.statements import Statements, counted

# How long an example takes says how busy the machine is, and nothing about the product.
settings.register_profile("product", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("product")
once.share_rules()
gc.set_threshold(100_000, 50, 100)  # what a test leaves is little; looking for it all the time is not

SECRET_KEY = "x" * 40
PURE = ("test_rules", "test_arithmetic")
cluster_key = pytest.StashKey[Cluster]()


# -- which databases: --database sqlite | postgresql | both


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql", "both", "turns"),
        default="sqlite",
        help="where tests that touch the database run; turns: on both, but tests of pages on one of them by turns; "
        "the browser tests always run on SQLite",
    )
    parser.addoption(
        "--windows",
        choices=("one", "all"),
        default="one",
        help="in how many windows (width and language) a journey is made; one: by turns a phone in Chinese, a desk in English",
    )


def pytest_configure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")
    if is_worker or config.option.collectonly or config.getoption("--database") == "sqlite":
        return
    try:
        config.stash[cluster_key] = Cluster()
    except NoPostgres as error:
        raise pytest.UsageError(str(error)) from None


def pytest_unconfigure(config: pytest.Config) -> None:
    if cluster := config.stash.get(cluster_key, None):
        cluster.stop()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the one cluster listens."""
    if cluster := node.config.stash.get(cluster_key, None):
        node.workerinput["postgres_socket"] = cluster.socket


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--database")
        kinds = ["sqlite", "postgresql"] if chosen in ("both", "turns") else [chosen]
        metafunc.parametrize("database_kind", kinds, scope="function")


def _other_windows(items: list[pytest.Item]) -> list[pytest.Item]:
    """The journeys that another window makes already: the windows of a journey take turns, so that each comes by."""
    windows: dict[tuple[Any, ...], list[pytest.Item]] = {}
    for item in items:
        given = dict(getattr(getattr(item, "callspec", None), "params", {}))
        width, language = given.pop("width", None), given.pop("language", None)
        if width and language:
            windows.setdefault((item.path, getattr(item, "originalname", ""), repr(given)), []).append(item)
    return [
        item
        for turn, made in enumerate(windows.values())
        for place, item in enumerate(made)
        if place != (0 if turn % 2 else len(made) - 1)
    ]


def _has_its_turn(item: pytest.Item) -> bool:
    """Whether a test of a page, which asks nothing of the database that services do not, runs on this one."""
    kind = getattr(getattr(item, "callspec", None), "params", {}).get("database_kind")
    if kind is None or "client" not in getattr(item, "fixturenames", ()):
        return True
    return zlib.crc32(item.nodeid.replace(kind, "").encode()) % 2 == (kind == "sqlite")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browser tests share one server: they go to one worker, and first, as they are the longest.

    One that fails runs once more, and the summary names it: what a busy machine was too slow for passes then.
    """
    for item in items:
        if "live_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))
            item.add_marker(pytest.mark.xdist_group("browser"))
    left: list[pytest.Item] = []
    if config.getoption("--windows") == "one":
        left += _other_windows([item for item in items if item.get_closest_marker("browser")])
    if config.getoption("--database") == "turns":
        left += [item for item in items if not _has_its_turn(item)]
    gone = set(left)
    items[:] = [item for item in items if item not in gone]
    config.hook.pytest_deselected(items=left)
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


# -- databases


@pytest.fixture
def database_kind() -> str:
    """``sqlite`` or ``postgresql``; every test that names it, or stands on it, runs on each one chosen."""
    raise AssertionError("pytest_generate_tests gives the value")


def _migrate(url: str) -> None:
    from flask_migrate import upgrade

    from casework import create_app
    from casework.kernel.db import db

    app = create_app(Settings(database_url=url, secret_key=SECRET_KEY, testing=True))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def _sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return SQLiteFiles(tmp_path_factory.mktemp("databases"), _migrate)


@pytest.fixture(scope="session")
def _postgres_databases(pytestconfig: pytest.Config) -> Databases:
    if workerinput := getattr(pytestconfig, "workerinput", None):
        socket = workerinput["postgres_socket"]
    else:
        socket = pytestconfig.stash[cluster_key].socket
    return PostgresDatabases(socket, _migrate)


@pytest.fixture
def databases(database_kind: str, request: pytest.FixtureRequest) -> Databases:
    """Makes and drops databases, for tests that need several or an odd one."""
    name = "_sqlite_files" if database_kind == "sqlite" else "_postgres_databases"
    made: Databases = request.getfixturevalue(name)
    return made


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The address of a migrated database that only this test has; its commits are real."""
    url = databases.migrated()
    yield url
    databases.drop(url)


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """The address of a database without a table, for tests of migrations."""
    url = databases.empty()
    yield url
    databases.drop(url)


# -- the app


@pytest.fixture
def settings(database_url: str, tmp_path: Any) -> Settings:
    """Settings of an app under test: own database, own storage."""
    return Settings(database_url=database_url, secret_key=SECRET_KEY, storage=str(tmp_path / "files"), testing=True)


@pytest.fixture
def make_app() -> Iterator[Callable[[Settings], Flask]]:
    """``create_app``; the connections of every app made are closed before the database is dropped."""
    from casework import create_app
    from casework.kernel.db import db

    made: list[Flask] = []

    def make(settings: Settings) -> Flask:
        app = create_app(settings)
        once.share_templates(app)
        once.share_statements(app)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(settings: Settings, make_app: Callable[[Settings], Flask]) -> Iterator[Flask]:
    """The app, with its context pushed: ``db.session`` and services can be used at once."""
    from casework.kernel.db import db

    app = make_app(settings)
    with app.app_context():
        yield app
        db.session.rollback()


@pytest.fixture(scope="session")
def _flushes_watched() -> None:
    from tests.harness.client import watch_flushes

    watch_flushes()


@pytest.fixture
def client(app: Flask, _flushes_watched: None) -> Any:
    """An ``InspectingClient``: signs its posts, looks over every page, lets no request leave work behind."""
    from tests.harness.client import InspectingClient

    app.test_client_class = InspectingClient
    return app.test_client()


@pytest.fixture
def office(app: Flask) -> Any:
    """One person a role, two teams, two authorities, two districts; some packages build another one."""
    from tests.factories import an_office

    return an_office()


@pytest.fixture
def as_(office: Any, client: Any) -> Callable[..., Any]:
    """``as_("officer")``: a client of its own with that person's session."""
    from tests.factories import signed_in

    def sign_in(name: str, *, locale: str | None = None) -> Any:
        return signed_in(client.application.test_client(), office.people[name], locale=locale)

    return sign_in


@pytest.fixture
def officer(office: Any, client: Any) -> Any:
    """``client`` with the officer's session."""
    from tests.factories import signed_in

    return signed_in(client, office.people["officer"])


@pytest.fixture
def query_count() -> Callable[[], AbstractContextManager[Statements]]:
    """``with query_count() as sent: ...`` then ``len(sent)``, or ``sent.total``."""
    return counted


@pytest.fixture(autouse=True)
def _rules_reach_no_database(request: pytest.FixtureRequest) -> Iterator[None]:
    if not request.node.path.name.startswith(PURE):
        yield
        return
    if "database_kind" in request.fixturenames:
        pytest.fail("Tests of rules are tables of facts: they may not ask for a database.")

    def refuse(*_: Any) -> None:
        raise AssertionError("A test of rules reached the database.")

    event.listen(sa.Engine, "do_connect", refuse)
    yield
    event.remove(sa.Engine, "do_connect", refuse)


# -- the browser


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The running product, a ``LiveServer``: ``url``, ``run("command")``, ``log``."""
    from tests.harness.server import LiveServer

    server = LiveServer(tmp_path_factory.mktemp("product"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def live_server(product: Any) -> str:
    """The address of the running product with its demo office; a test that asks for it is a browser test."""
    url: str = product.url
    return url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium of this machine instead of a downloaded one."""
    found = chromium.find()
    if not found:
        pytest.fail(chromium.NONE_FOUND, pytrace=False)
    return {**browser_type_launch_args, "executable_path": found, "args": chromium.FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], live_server: str) -> dict[str, Any]:
    """Pages start at the product: ``page.goto("/cases")``; a Chinese browser on the office's clock."""
    place = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
    return {**browser_context_args, "base_url": live_server, **place}
