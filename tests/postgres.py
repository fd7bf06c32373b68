"""A real PostgreSQL server for tests: made in a folder of its own, on loopback, stopped by its process id."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_ports

OWNER = "postgres"
"""The user a server runs as when the tests run as root, which PostgreSQL refuses."""
PATIENCE = 120.0
"""Wall seconds within which the server must answer, or end."""


class NoServer(Exception):
    """Why there is no server on this machine."""


def programs() -> Path:
    """Return the folder of the newest PostgreSQL programs. Raise :class:`NoServer`."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found:
        on_path = shutil.which("initdb")
        if on_path is None:
            raise NoServer("PostgreSQL is not installed (no /usr/lib/postgresql/*/bin/initdb, none on PATH)")
        return Path(on_path).resolve().parent
    return max(found, key=lambda path: float(path.parent.name))


def _as_owner(command: Sequence[str]) -> list[str]:
    if shutil.which("setpriv") is None:
        if os.geteuid() != 0:
            return list(command)
        raise NoServer("as root, setpriv (util-linux) is needed to run PostgreSQL as another user")
    owner = [f"--reuid={OWNER}", f"--regid={OWNER}", "--init-groups"] if os.geteuid() == 0 else []
    # Should the tests be killed, the server ends too.
    return ["setpriv", *owner, "--pdeathsig=INT", *command]


@contextmanager
def server() -> Iterator[str]:
    """Run a server; give ``postgresql://postgres@127.0.0.1:PORT``. Raise :class:`NoServer` where none can run."""
    where = programs()
    folder = Path(tempfile.mkdtemp(prefix="corridor-pg-"))
    try:
        if os.geteuid() == 0:
            try:
                shutil.chown(folder, OWNER, OWNER)
            except LookupError as error:
                raise NoServer(f"as root, a user {OWNER} is needed to run PostgreSQL") from error
        data, port = folder / "data", free_ports(1)
        make = [str(where / "initdb"), "-D", str(data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(_as_owner(make), check=True, capture_output=True, cwd=folder, timeout=120)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": "60",
            "shared_buffers": "32MB",
        }
        command = [str(where / "postgres"), "-D", str(data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with (folder / "log").open("wb") as log:
            running = subprocess.Popen(_as_owner(command), stdout=log, stderr=log, cwd=folder)
        try:
            _wait(running, port, folder / "log")
            yield f"postgresql://{OWNER}@127.0.0.1:{port}"
        finally:
            running.terminate()
            try:
                running.wait(2.0)
            except subprocess.TimeoutExpired:
                running.send_signal(2)  # SIGINT: end at once those that are connected still
                running.wait(PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    import psycopg

    end = time.monotonic() + PATIENCE
    while True:
        if running.poll() is not None:
            raise NoServer(f"PostgreSQL did not start: {log.read_text(errors='replace')[-500:]}")
        try:
            psycopg.connect(host="127.0.0.1", port=port, user=OWNER, dbname="postgres", connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def run_sql(url: str, *statements: str) -> None:
    """Run statements on a server or database, each by itself and at once."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[arg-type]
