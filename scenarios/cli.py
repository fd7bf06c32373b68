"""The command ``corridor``. What a command needs is imported when it runs, so that help comes at once."""

from __future__ import annotations

import gc
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scenarios import (
    cli_agreements,
    cli_calibrate,
    cli_compare,
    cli_conform,
    cli_delivery,
    cli_demo,
    cli_images,
    cli_new,
    cli_nodes,
    cli_ocel,
    cli_proof,
    cli_report,
    cli_schemas,
    cli_stub,
    cli_traffic,
    cli_trust,
    cli_why,
)

gc.set_threshold(100_000, 20, 20)  # modules, messages and measures are many objects, hardly any of them in cycles

app = typer.Typer(
    name="corridor",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Arm(StrEnum):
    """The arms of a run."""

    baseline = "baseline"
    advance = "advance"
    recognition = "recognition"


class TransportName(StrEnum):
    """How the first replication's messages travel."""

    http = "http"
    memory = "memory"


class FormatName(StrEnum):
    """How ``corridor validate`` tells its findings."""

    text = "text"
    json = "json"
    junit = "junit"
    sarif = "sarif"
    html = "html"


class EngineName(StrEnum):
    """Which engine decides on the schema."""

    lxml = "lxml"
    xmlschema = "xmlschema"
    both = "both"


class BenchName(StrEnum):
    """What 'corridor bench' measures."""

    validate = "validate"
    exchange = "exchange"
    chaos = "chaos"
    simulate = "simulate"
    demo = "demo"


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as version_of

        try:
            typer.echo(f"corridor {version_of('customs-corridor')}")
        except PackageNotFoundError:
            typer.echo("corridor, unpackaged")
        raise typer.Exit()


@app.callback(
    epilog="Exit codes: 0 good · 1 the checked thing is bad (a failed check, an invalid message) · "
    "2 wrong use or broken input · 130 stopped with Ctrl-C"
)
def corridor(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Simulate the exchange of preliminary information between customs services, and measure what it saves.

    [bold]Try:[/bold]

    \b
      corridor scenarios                             what there is to run
      corridor run china_europe_transit_fi           all arms; table and report
      corridor run green_corridor_ru_cn --transport memory
      corridor validate out/china_europe_transit_fi  check the messages it left
    """


@app.command(
    epilog="Leaves summary.json, events.jsonl, consignments.csv, trs.csv, messages/, report.html in OUT/SCENARIO/RUN."
)
def run(
    scenario: Annotated[str, typer.Argument(help="A scenario's name (see 'corridor scenarios') or a YAML file.")],
    transport: Annotated[
        TransportName,
        typer.Option(help="How replication 0 travels; the others go in memory. Both give the same numbers."),
    ] = TransportName.http,
    replications: Annotated[
        int | None, typer.Option("--replications", "-r", min=1, max=10_000, help="Paired replications.")
    ] = None,
    replication: Annotated[
        int | None, typer.Option(min=0, max=9_999, metavar="N", help="Only replication N, with its full trace.")
    ] = None,
    arm: Annotated[list[Arm] | None, typer.Option(help="Only this arm; may be given again. All by default.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Luck's seed. The scenario's own by default.")] = None,
    run_id: Annotated[str | None, typer.Option(help="Name of the run. From scenario and seed by default.")] = None,
    out: Annotated[Path, typer.Option(help="Folder that gets the output.")] = Path("out"),
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one key of the scenario; may be given again."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes at work. As many as processors by default.")
    ] = None,
    members: Annotated[
        Path | None, typer.Option(help="Drive nodes that run elsewhere (members.yaml; see 'corridor up').")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(help="With --members: folder of keys. By default the members file's.")
    ] = None,
    members_arm: Annotated[Arm, typer.Option(help="With --members: the arm that those nodes serve.")] = Arm.recognition,
    port_base: Annotated[
        int | None,
        typer.Option(min=1, max=65_000, help="With a service elsewhere: port of posts and traders; 8640 by default."),
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the summary as JSON, nothing else.")] = False,
) -> None:
    """Run a scenario in all its arms and say how many hours the exchange saved, where, and where not.

    [bold]Examples:[/bold]

    \b
      corridor run china_europe_transit_fi
      corridor run china_europe_transit_fi --transport memory -r 30 --seed 7
      corridor run green_corridor_ru_cn --arm baseline --arm recognition --json
      corridor run china_europe_transit_fi \\
        --set "assumptions.wagons_wait_for_customs.is=yes"
      corridor run china_europe_transit_fi --members out/up/china_europe_transit_fi/members.yaml
    """
    from scenarios.commands.run import run_command

    raise typer.Exit(
        run_command(
            scenario,
            transport=transport.value,
            replications=replications,
            arms=[item.value for item in Arm if arm is None or item in arm],
            seed=seed,
            run_id=run_id,
            out=out,
            sets=sets or [],
            workers=workers,
            members=members,
            keys=keys,
            members_arm=members_arm.value,
            port_base=port_base,
            only=replication,
            json_output=json_output,
        )
    )


@app.command()
def scenarios(
    json_output: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the scenarios there are."""
    from scenarios.commands.scenarios import scenarios_command

    raise typer.Exit(scenarios_command(json_output=json_output))


@app.command(epilog="Exit codes: 0 all valid · 1 a message is invalid · 2 wrong use, or a path named does not exist.")
def validate(
    paths: Annotated[
        list[Path], typer.Argument(help="Messages (XML), folders of them, patterns, or - for standard input.")
    ],
    form: Annotated[FormatName, typer.Option("--format", "-f", help="How to tell the findings.")] = FormatName.text,
    json_output: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    rules: Annotated[bool, typer.Option("--rules/--no-rules", help="Whether to apply the business rules.")] = True,
    pack: Annotated[Path | None, typer.Option(help="Another message set: a folder or zip of XSDs.")] = None,
    schema: Annotated[Path | None, typer.Option(help="Another schema: one XSD file.")] = None,
    schema_version: Annotated[
        str | None, typer.Option(help="Hold against this version of our set, whatever a message names.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="YAML that grades rules anew: error, warning, off.")] = None,
    engine: Annotated[
        EngineName, typer.Option(help="Which engine decides on the schema; both reports any disagreement.")
    ] = EngineName.lxml,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and check again what changes.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of standard output.")] = None,
    progress: Annotated[
        bool | None, typer.Option("--progress/--no-progress", help="Say how far it is; by default of several files.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes at work. As many as processors by default.")
    ] = None,
) -> None:
    """Check messages against the message set: say whether they are valid, and where and why not.

    [bold]Examples:[/bold]

    \b
      corridor validate message.xml
      corridor validate out/china_europe_transit_fi --json
      corridor validate "inbox/**/*.xml" --format junit --out report.xml
      corridor validate messages --pack ncts-schemas.zip
      corridor validate order.xml --schema order.xsd
      cat message.xml | corridor validate -
    """
    from scenarios.commands.validate import validate as validate_messages

    raise typer.Exit(
        validate_messages(
            paths,
            json_output=json_output,
            rules=rules,
            form=form.value,
            pack=pack,
            schema=schema,
            version=schema_version,
            config=config,
            engine=engine.value,
            watching=watch,
            out=out,
            progress=progress,
            workers=workers,
        )
    )


cli_compare.register(app)
cli_conform.register(app)
cli_demo.register(app)
cli_schemas.register(app)
cli_stub.register(app)
cli_images.register(app)
cli_traffic.register(app)
cli_trust.register(app)
cli_new.register(app)
cli_nodes.register(app)
cli_proof.register(app)
cli_delivery.register(app)
cli_agreements.register(app)
cli_why.register(app)
cli_ocel.register(app)
cli_report.register(app)
cli_calibrate.register(app)


@app.command(epilog="Exit codes: 0 stopped · 2 it could not start.")
def validator(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes a free one.")] = 8080,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback only.")] = "127.0.0.1",
    pack: Annotated[Path | None, typer.Option(help="Another message set: a folder or zip of XSDs.")] = None,
    max_size: Annotated[
        int, typer.Option(min=1, max=64, metavar="MB", help="Longest document in megabytes (2^20 bytes).")
    ] = 16,
) -> None:
    """Serve POST /validate on this machine: the verdicts of 'corridor validate' over HTTP, nothing stored.

    [bold]Examples:[/bold]

    \b
      corridor validator --port 8080
      curl -H "Content-Type: application/xml" --data-binary @message.xml http://127.0.0.1:8080/validate
    """
    from scenarios.commands.validator import validator_command

    raise typer.Exit(validator_command(host=host, port=port, pack=pack, size=max_size * 2**20))


@app.command()
def bench(
    what: Annotated[BenchName, typer.Argument(help="What to measure.")],
    documents: Annotated[
        int, typer.Option(min=10, max=1_000_000, help="validate: how many messages to generate.")
    ] = 10_000,
    seconds: Annotated[
        float, typer.Option(min=1, max=3600, help="exchange: of nodes, and of echo. demo: of the show.")
    ] = 20.0,
    connections: Annotated[int, typer.Option(min=1, max=256, help="exchange: connections, of both.")] = 64,
    store: Annotated[
        str | None, typer.Option(help="exchange: URL of the receiver's store, empty and its own; a new file else.")
    ] = None,
    messages: Annotated[
        int | None,
        typer.Option(
            min=50,
            max=1_000_000,
            help="exchange: go on until so many are settled. chaos: how many services accept at least, 5000.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="chaos: seed of traffic, faults and kills. simulate: of luck.")] = 1,
    trains: Annotated[
        int, typer.Option(min=20, max=1_000_000, help="simulate: trains, as many a day as in the year 2023.")
    ] = 17_523,
    json_output: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, nothing else.")] = False,
) -> None:
    """Measure validator, exchange and simulation beside others, or what chaos loses, on this machine.

    exchange: two nodes as processes, every message signed, stored, sent, judged, stored, receipted; and an echo of the
    same bytes, by turns. chaos: nodes as processes behind lines that lose, double, reorder and change messages, killed
    with kill -9 several times. Exit code 1 if a message was lost, doubled, or changed and yet accepted.
    simulate: a year of China–Europe trains over five borders in three arms, all messages as models, beside the border
    queue alone in SimPy and Ciw. Exit code 1 if a border was used beyond 0.85 of its capacity.
    demo: the live page with 500 consignments under way, in Chromium. Exit code 1 below two updates a second.

    [bold]Examples:[/bold]

    \b
      corridor bench validate --documents 1000 --json
      corridor bench exchange --seconds 10
      corridor bench exchange --messages 100000 --json
      corridor bench chaos --messages 500 --seed 7 --json
      corridor bench simulate --trains 1000
    """
    if what is BenchName.demo:
        from scenarios.commands.bench_demo import bench_demo

        raise typer.Exit(bench_demo(seconds, json_output=json_output))
    if what is BenchName.simulate:
        from scenarios.commands.bench_simulate import bench_simulate

        raise typer.Exit(bench_simulate(trains, json_output=json_output, seed=seed))
    if what is BenchName.chaos:
        from scenarios.commands.bench_chaos import bench_chaos

        raise typer.Exit(bench_chaos(messages or 5000, seed, json_output=json_output))
    if what is BenchName.exchange:
        from scenarios.commands.bench_exchange import Wanted, bench_exchange

        wanted = Wanted(seconds=seconds, connections=connections, store=store, messages=messages)
        raise typer.Exit(bench_exchange(wanted, json_output=json_output))
    from scenarios.commands.bench import bench_validate

    raise typer.Exit(bench_validate(documents, json_output=json_output))


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
