"""Commands about nodes that stand alone: ``corridor node`` and ``corridor up``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class NodeArm(StrEnum):
    """The arms that nodes of a scenario may serve."""

    baseline = "baseline"
    advance = "advance"
    recognition = "recognition"


Seed = Annotated[int | None, typer.Option(min=0, help="Luck's seed. The scenario's own by default.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one key of the scenario; may be given again."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command(epilog="Exit codes: 0 stopped · 2 it could not start, or lost its database.")(node)
    app.command(epilog="Exit codes: 0 stopped · 1 a node died · 2 they could not be started.")(up)


class LogFormat(StrEnum):
    """How a node writes its log."""

    text = "text"
    json = "json"


def node(
    country: Annotated[str, typer.Argument(metavar="COUNTRY", help="The service, as in RU.")],
    members: Annotated[Path, typer.Option(help="Who takes part: members.yaml.")],
    keys: Annotated[
        Path | None, typer.Option(help="Folder of keys: COUNTRY/signing.pem. By default the members file's.")
    ] = None,
    store: Annotated[
        str | None, typer.Option(help="sqlite:///FILE or postgresql://USER@HOST/DATABASE. sqlite:///COUNTRY.sqlite.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port; 0 takes a free one. By default the members file's.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on; beyond loopback only with TLS.")] = "127.0.0.1",
    stepped: Annotated[bool, typer.Option("--stepped", help="Let POST /time tell the time, not the clock.")] = False,
    scenario: Annotated[str | None, typer.Option(help="Work by this scenario's assumptions.")] = None,
    arm: Annotated[NodeArm, typer.Option(help="The arm of the scenario.")] = NodeArm.recognition,
    seed: Seed = None,
    replication: Annotated[int, typer.Option(min=0, help="The replication of the scenario.")] = 0,
    sets: Sets = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Listen beyond loopback without TLS.")] = False,
    patience: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Stepped: seconds for which the time waits for a partner.")
    ] = 30.0,
    until_eof: Annotated[bool, typer.Option("--until-eof", hidden=True)] = False,
    clock_offset: Annotated[
        float, typer.Option(hidden=True, min=-86_400, max=86_400, help="Seconds by which a live clock is wrong.")
    ] = 0.0,
    doomed: Annotated[bool, typer.Option("--doomed", hidden=True, help="Die at a commit when told to.")] = False,
    latency: Annotated[
        int | None, typer.Option(hidden=True, min=1, max=3600, help="Seconds until any message to a partner leaves.")
    ] = None,
    longest_backoff: Annotated[
        float | None, typer.Option(hidden=True, min=1, max=3600, help="Seconds between two attempts at most.")
    ] = None,
    log_format: Annotated[LogFormat, typer.Option(help="How the log on standard error is written.")] = LogFormat.text,
    json_output: Annotated[bool, typer.Option("--json", help="Say where it listens as one line of JSON.")] = False,
) -> None:
    """Run one customs service as a process of its own, until Ctrl-C or SIGTERM.

    A second process on the same PostgreSQL database stands by (GET /health says 503 standby) and takes over when the
    first one ends or dies.

    [bold]Examples:[/bold]

    \b
      corridor node RU --members keys/members.yaml
      corridor node KZ --members keys/members.yaml --store postgresql://corridor@db/kz
      corridor node FI --members keys/members.yaml --stepped --scenario china_europe_transit_fi
      curl -s http://127.0.0.1:8471/health
    """
    from scenarios.commands.node import node_command
    from scenarios.live.process import NodeOptions
    from scenarios.live.setting import Setting

    setting = None
    if scenario is not None:
        setting = Setting(scenario=scenario, arm=arm.value, seed=seed, replication=replication, sets=tuple(sets or ()))
    options = NodeOptions(
        country=country,
        members=members,
        keys=keys or members.parent,
        store=store or f"sqlite:///{country}.sqlite",
        host=host,
        port=port,
        stepped=stepped,
        insecure=insecure,
        setting=setting,
        patience=patience,
        until_eof=until_eof,
        clock_offset=clock_offset,
        doomed=doomed,
        latency=latency,
        longest_backoff=longest_backoff,
    )
    raise typer.Exit(node_command(options, json_output=json_output, log_format=log_format.value))


def up(
    scenario: Annotated[str, typer.Argument(help="A scenario's name (see 'corridor scenarios') or a YAML file.")],
    arm: Annotated[NodeArm, typer.Option(help="The arm that the nodes serve.")] = NodeArm.recognition,
    seed: Seed = None,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Folder of keys, stores and logs. out/up/SCENARIO by default.")
    ] = None,
    port_base: Annotated[
        int | None, typer.Option(min=1, max=65_000, help="Port of posts and traders; the nodes take the next. 8640.")
    ] = None,
    stepped: Annotated[
        bool, typer.Option("--stepped/--live", help="Whether a run tells the time, or the wall clock.")
    ] = True,
    tls: Annotated[bool, typer.Option("--tls/--no-tls", help="Whether connections are mutually authenticated.")] = True,
    fresh: Annotated[bool, typer.Option("--fresh", help="Remove the stores of earlier runs first.")] = False,
    sets: Sets = None,
    log_format: Annotated[LogFormat, typer.Option(help="How the nodes' logs are written.")] = LogFormat.text,
    json_output: Annotated[bool, typer.Option("--json", help="Say what stands as one line of JSON.")] = False,
) -> None:
    """Start the services of a scenario as processes of their own, and say how to run it with them.

    Keys, certificates, the members file, stores and logs go into one folder, which is used again the next time. The
    nodes serve one arm; the other arms of a run are worked on nodes of its own. Ctrl-C stops them all.

    [bold]Examples:[/bold]

    \b
      corridor up china_europe_transit_fi
      corridor run china_europe_transit_fi --members out/up/china_europe_transit_fi/members.yaml
      corridor up green_corridor_ru_cn --no-tls --port-base 9000 --fresh
    """
    from scenarios.commands.up import UpOptions, up_command

    options = UpOptions(
        scenario=scenario,
        arm=arm.value,
        seed=seed,
        sets=tuple(sets or ()),
        folder=folder,
        port_base=port_base,
        stepped=stepped,
        tls=tls,
        fresh=fresh,
        log_format=log_format.value,
    )
    raise typer.Exit(up_command(options, json_output=json_output))
