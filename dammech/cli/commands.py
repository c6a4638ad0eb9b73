"""The commands. Each one imports what it needs when it runs, calls one public function, and prints what it returns."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

import dammech
from dammech import registry
from dammech.cli.data import takes_data
from dammech.cli.networks import fixed_points, hessian
from dammech.cli.options import (
    MOST_VALUES,
    Count,
    Overlap,
    Writable,
    check_axes,
    flag,
    known,
    takes_axes,
    takes_convention,
    takes_json,
    takes_model,
    takes_out,
    takes_question,
)
from dammech.cli.output import print_json, print_table, print_text, saved, show, working
from dammech.cli.sequential import sequential
from dammech.errors import InputError, Interrupted
from dammech.results.files import folder


class _Group(click.Group):
    """Lists the commands in the order of a working day, and says which ones there are when one is mistyped."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stopped:  # click would say an empty line
            raise click.Abort(str(stopped) or "interrupted; the same command begins again") from None

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return self.commands[known("command", name, self.commands)]


@click.group(cls=_Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(dammech.__version__, prog_name="dammech")
@click.pass_context
def commands(context: click.Context) -> int:
    """Statistical mechanics of dense associative memories, from the Hamiltonian to a validated phase diagram.

    MODEL is hebbian, pspin, palimpsest or what else models lists; its parameters and what can be varied are flags (--order 4).
    A and T are a number, a range START:STOP:COUNT or a comma list. Every command takes --json and then prints one JSON document
    on stdout.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
    return 2


_ansatz = click.option("--ansatz", help="rs, 1rsb, 2rsb, …; rs where none is given, 1rsb where a line needs it")
_level = click.option("--level", type=click.Choice(["quick", "full"]), default="quick", show_default=True)


@commands.command()
@click.option("--family", metavar="NAME", help="only hebbian or pspin, or lagrangian: the layers of networks")
@takes_json
def models(family: str | None, as_json: bool) -> int:
    """List families, parameters, conventions, lines, sources."""
    from dammech.cli.catalogue import catalogue, lagrangians

    if family is not None:
        known("family", family, [*registry.models(), "lagrangian"])
    if family == "lagrangian":
        document = lagrangians()
        return show(document, as_json)
    document = catalogue()
    if family is not None:
        document["models"] = [entry for entry in document["models"] if entry["name"] == family]
        del document["capacities"]
    if as_json:
        print_json(document)
        return 0
    for entry in document["models"]:
        click.echo(f"{entry['name']}: {entry['title']}")
        print_table(entry["parameters"])
        click.echo(f"  branches: {', '.join(entry['branches']) or '-'}\n  sources: {', '.join(entry['sources'])}\n")
    for entry in document.get("capacities", ()):
        click.echo(f"capacity {entry['name']}: {entry['title']}")
        print_table(entry["parameters"])
        click.echo(f"  sources: {', '.join(entry['sources'])}\n")
    for part in ("lines", "branches", "conventions"):
        click.echo(part)
        print_table(document[part])
        click.echo()
    return 0


commands.add_command(hessian)


@commands.command()
@functools.partial(takes_model, besides=("dead-neurons",))
@_ansatz
@click.option("--lagrangian", metavar="NAME", help="for dead-neurons: one Lagrangian instead of the theorems")
@click.option("--format", "kind", type=click.Choice(["text", "md", "latex", "html", "source", "json"]), default="text")
@takes_json
def derive(model: Any, ansatz: str | None, lagrangian: str | None, kind: str, as_json: bool) -> int:
    """Derive a theory from the Hamiltonian, step by step.

    MODEL may also be dead-neurons, theorems about networks with Lagrangians, or a name that check knows, such as
    deadneurons.threshold.rs or palimpsest.dreaming.
    """
    from dammech.derive import derive

    if lagrangian is not None and model != "dead-neurons":
        raise InputError(f"--lagrangian {lagrangian}: only dead-neurons takes it")
    if ansatz is not None and isinstance(model, str):
        raise InputError(f"--ansatz {ansatz}: {model} has no ansatz to choose")
    with working("deriving"):
        derivation = derive(model, **_given(ansatz=ansatz, lagrangian=lagrangian))
        document = derivation.to_json() if as_json or kind == "json" else None
        text = "" if document is not None else derivation.render(kind)
    if document is not None:
        print_json(document)
    else:
        click.echo(text)
    return 0


@commands.command()
@click.argument("names", nargs=-1, metavar="[NAME ...|all]")
@click.option("--mutate", is_flag=True, help="change every node of every step and count the changes that go unnoticed")
@takes_json
def check(names: tuple[str, ...], mutate: bool, as_json: bool) -> int:
    """Run the checks of the derivations. --mutate proves that they can fail.

    NAME is a derivation or what several names begin with, such as dead-neurons.
    """
    from dammech.derive import check

    with _what_is_done(as_json), working("checking") as progress:
        report = check(list(dict.fromkeys(names)) or "all", mutate=mutate, progress=progress)
    document = report.to_json()
    if as_json:
        print_json(document)
    else:
        steps = [{"derivation": d["name"], **step} for d in document["derivations"] for step in d["steps"]]
        print_table(steps, ["derivation", "title", "check", "passed", "seconds"])
        print_text({key: value for key, value in document.items() if key != "derivations"})
    return 0 if report.ok else 1


@commands.command()
@takes_model
@takes_axes
@_ansatz
@click.option("--branch", help="retrieval, spin-glass, paramagnetic, mixture-3, mixture-5, glass: models lists those of each")
@takes_convention
@takes_out
@takes_json
def solve(
    model: Any,
    axes: dict[str, Any],
    ansatz: str | None,
    branch: str | None,
    convention: str,
    out: Path | None,
    as_json: bool,
) -> int:
    """Solve the saddle-point equations. A and T may be ranges; two ranges give their grid."""
    check_axes(model, axes, all_of_them=True)
    model.convention(convention)
    from dammech.solve import solve

    with working("solving"):
        solution = solve(model, convention=convention, throw=False, **axes, **_given(ansatz=ansatz, branch=branch))
    return saved(solution, out, _print_points(solution.to_json(), as_json))


@commands.command()
@takes_model
@click.argument("line")
@takes_axes
@click.option("--points", type=Count(most=MOST_VALUES), help="how many points along the whole line")
@_ansatz
@click.option("--branch", help="the branch on which the line is followed")
@takes_convention
@takes_out
@takes_json
def boundary(
    model: Any,
    line: str,
    axes: dict[str, Any],
    points: int | None,
    ansatz: str | None,
    branch: str | None,
    convention: str,
    out: Path | None,
    as_json: bool,
) -> int:
    """Follow a phase boundary. Give all axes but one, which is solved for, or --points along the whole line.

    Of a palimpsest: its blackout or optimal-rate at --temperature, its window at --rate (and the total --load, if it ends).
    """
    check_axes(model, axes)
    if len(model.axes) <= 2 and len(axes) + (points is not None) > 1:
        known_axes = [flag(name) for name in reversed(model.axes)]
        raise InputError(f"{', '.join(known_axes)} and --points exclude each other: give one of them, or none")
    model.convention(convention)
    from dammech.phases import boundary, lines_of

    known("line", line, lines_of(model))
    where: dict[str, Any] = {f"{name}s" if name in _SEVERAL else name: _listed(value) for name, value in axes.items()}
    with working(f"following {line}"):
        result = boundary(
            model, line, convention=convention, throw=False, **where, **_given(points=points, ansatz=ansatz, branch=branch)
        )
    return saved(result, out, _print_points(result.to_json(), as_json))


#: axes that `boundary` has in the plural
_SEVERAL = ("load", "temperature", "rate")


@commands.command("phase-diagram")
@takes_model
@takes_axes
@click.option("--x", metavar="AXIS", help="what is drawn to the right; the other axes but --y are given as numbers")
@click.option("--y", metavar="AXIS", help="what is drawn upwards")
@click.option("--ansatz", help="comma list of replica ansätze; rs where none is given")
@click.option("--out", required=True, type=Writable(".pdf", ".svg", ".png"), metavar="FILE",
              help="FILE.pdf, .svg or .png; FILE.csv and FILE.json beside it")  # fmt: skip
@takes_convention
@takes_json
def phase_diagram(
    model: Any,
    axes: dict[str, Any],
    x: str | None,
    y: str | None,
    ansatz: str | None,
    out: Path,
    convention: str,
    as_json: bool,
) -> int:
    """Compute and draw a phase diagram. Its numbers go beside the drawing, as CSV and JSON."""
    check_axes(model, axes)
    for option, value in (("axis", x), ("axis", y)):
        if value is not None:
            known(option, value.replace("-", "_"), model.axes)
    model.convention(convention)
    from dammech.phases import phase_diagram

    named = {name: None if value is None else value.replace("-", "_") for name, value in (("x", x), ("y", y))}
    options = _given(ansatz=None if ansatz is None else tuple(ansatz.split(",")), **named) | axes
    with working("computing the lines"):
        diagram = phase_diagram(model, convention=convention, **options)
        files = [str(file) for file in diagram.save(out)]
    document = diagram.to_json()
    if as_json:
        print_json({**document, "files": files})
    else:
        print_table([_summary(line) for line in document["lines"]])
        click.echo("written: " + ", ".join(files))
    return 0 if _converged(document) else 1


@commands.command()
@takes_question
@takes_out
@takes_json
def capacity(asked: Any, out: Path | None, as_json: bool) -> int:
    """Tell how much a memory stores, by a law of its own.

    SYSTEM is one that models lists under capacities. Exponents are in nats.
    """
    from dammech.solve import capacity

    with working("computing"):
        found = capacity(asked)
    return saved(found, out, show(found.to_json(), as_json))


@commands.command()
@takes_data
@takes_model
@click.option("--size", "sizes", type=Count(2, several=True), multiple=True, metavar="N", help="spins; list or repeat")
@takes_axes
@click.option("--trials", type=Count(), default=20, show_default=True, help="independent pattern sets, one chain each")
@click.option("--seed", type=Count(0), default=1, show_default=True)
@click.option("--dynamics", default="glauber", show_default=True, help="rule of the spin updates")
@click.option("--overlap", type=Overlap(), default=1.0, show_default=True, help="overlap of the start with pattern 1")
@click.option("--sweeps", type=Count(), help="sweeps measured; as many as the autocorrelation asks for where not given")
@click.option("--store", metavar="FILE", help="keep every point as soon as it is finished; the same command goes on from there")
@takes_convention
@takes_out
@takes_json
def simulate(
    model: Any,
    sizes: tuple[list[int], ...],
    axes: dict[str, Any],
    trials: int,
    seed: int,
    dynamics: str,
    overlap: float,
    sweeps: int | None,
    store: str | None,
    convention: str,
    out: Path | None,
    as_json: bool,
) -> int:
    """Simulate the spins by Monte Carlo. Averages over pattern sets, with errors; of --images, class by class."""
    check_axes(model, axes, all_of_them=True)
    model.convention(convention)
    if not sizes:
        raise InputError("--size is missing: how many spins to simulate, such as --size 128 or --size 64,128,256")
    from dammech.simulate import simulate

    options = {
        **axes, "size": [n for group in sizes for n in group], "trials": trials, "seed": seed,
        "dynamics": dynamics, "overlap": overlap, "sweeps": sweeps, "convention": convention,
    }  # fmt: skip
    with _what_is_done(as_json), working("simulating") as progress:
        if store is None:
            result = simulate(model, **options)
        else:
            result = _kept(store, model, options, progress)
    return saved(result, out, _print_points(result.to_json(), as_json))


@commands.command()
@click.argument("names", nargs=-1, metavar="[CLAIM ...|all]")
@_level
@click.option("--report", type=Writable(".html"), metavar="FILE.html", help="write the verdicts as a web page")
@click.option("--store", metavar="FILE", help="keep every point here as soon as it is measured, and begin with what is there")
@click.option("--plan", is_flag=True, help="only say what would run, and how many CPU-minutes it takes")
@takes_out
@takes_json
def validate(
    names: tuple[str, ...], level: str, report: Path | None, store: str | None, plan: bool, out: Path | None, as_json: bool
) -> int:  # fmt: skip
    """Compare theory with simulation, claim by claim. Each names the wrong theories that the data must reject."""
    from dammech.validate import claims, planned, validate

    if plan:
        table = planned(_chosen("claim", names, claims()), level=level)
        return saved(table, out, show(table.to_json(), as_json))
    with _what_is_done(as_json), working("validating") as progress:
        verdicts = validate(_chosen("claim", names, claims()), level=level, progress=progress, store=store)
        if report is not None:
            verdicts.write_html(report)
    document = verdicts.to_json()
    if as_json:
        print_json(document)
    else:
        columns = ["name", "theory", "simulation", "error", "z", "nearest rival", "d", "ln ratio", "verdict"]
        print_table([_verdict(claim) for claim in document["claims"]], columns)
        click.echo(", ".join(f"{word} {document[word]}" for word in ("passed", "weak", "failed")))
    return saved(verdicts, out, 0 if verdicts.ok else 1)


commands.add_command(fixed_points)
commands.add_command(sequential)


@commands.command()
@click.argument("name")
@_level
@click.option("--out", required=True, metavar="FOLDER", help="an existing folder for the drawings, data and provenance")
@takes_json
def figure(name: str, level: str, out: str, as_json: bool) -> int:
    """Draw a figure, a group (dead-neurons) or all. Data and provenance go beside it."""
    where = folder("--out", out)
    from dammech.plot import FIGURES, GROUPS, figure

    names = GROUPS.get(name) or (known("figure", name, [*FIGURES, *GROUPS]),)
    written = []
    for each in names:
        with working(f"drawing {each}") as progress:
            files = figure(each, where, level=level, progress=progress)
        written.append({"name": each, "files": [str(path) for path in files]})
        if not as_json:
            click.echo("\n".join(written[-1]["files"]))
    if as_json:
        print_json({"level": level, "figures": written})
    return 0


@commands.command()
@click.argument("name", default="dammech")
@takes_json
def cite(name: str, as_json: bool) -> int:
    """Print the BibTeX of what stands behind a name. A model, line, convention, derivation, claim or bib key."""
    from dammech.literature import cite, sources

    text = cite(name)
    if as_json:
        print_json({"name": name, "keys": sources(name), "bibtex": text})
    else:
        click.echo(text)
    return 0


@contextmanager
def _what_is_done(as_json: bool) -> Iterator[None]:
    """After Ctrl-C, print what was finished by then."""
    try:
        yield
    except Interrupted as stopped:
        document = stopped.result.to_json()  # type: ignore[attr-defined]
        show(document, as_json)
        raise


def _kept(store: str, model: Any, options: dict[str, Any], progress: Any) -> Any:
    """A simulation whose points are kept in a store; a point uses all cores, so they are computed one by one."""
    from dammech.simulate.cells import POINT, cells, simulation
    from dammech.sweep import Store, run

    planned = cells(model, **options)
    with Store(store) as kept:
        try:
            points = run(kept, POINT, planned, 1, progress)
        except Interrupted as stopped:
            stopped.result = simulation(model, stopped.result, **options)  # type: ignore[arg-type]
            raise
    return simulation(model, points, **options)


def _given(**options: Any) -> dict[str, Any]:
    """The options that were typed: what was not is left to the default of the function called."""
    return {name: value for name, value in options.items() if value is not None}


def _listed(value: Any) -> list[float] | None:
    return value if value is None or isinstance(value, list) else [value]


def _chosen(what: str, names: tuple[str, ...], registry: Mapping[str, Any]) -> Any:
    chosen = [name if "*" in name else known(what, name, ["all", *registry]) for name in dict.fromkeys(names)]
    return "all" if not chosen or "all" in chosen else chosen


def _print_points(document: dict[str, Any], as_json: bool) -> int:
    """Print a state, a line or a simulation; what did not converge is also said on stderr, and is the exit status."""
    show(document, as_json)
    if _converged(document):
        return 0
    rows = document["points"] if "points" in document else [document]
    reasons = dict.fromkeys(str(row["why"]) for row in rows if not _converged(row) and row.get("why"))
    message = "; ".join(reasons) or str(document.get("why") or "no such point exists")
    absent = all(row.get("status") == "no-state" for row in rows if not _converged(row))
    click.echo(f"dammech: {'no state there' if absent else 'not everything converged'}: {message}", err=True)
    return 1


def _converged(document: Mapping[str, Any]) -> bool:
    """Whether a document reports at least one result and none that failed; that a state is known not to exist is a result,
    that a line has no point is none."""
    if document.get("status") == "no-state" and "branch" in document:
        return True
    if document.get("converged", True) in (False, None):
        return False
    for part in ("lines", "points"):
        rows = document.get(part)
        if rows is not None and not (len(rows) and all(map(_converged, _dicts(rows)))):
            return False
    return True


def _dicts(rows: Any) -> Iterable[Mapping[str, Any]]:
    return list(rows.values()) if isinstance(rows, Mapping) else rows


def _summary(line: Mapping[str, Any]) -> dict[str, Any]:
    points = line.get("points", [])
    summary = {"line": line.get("line"), "ansatz": line.get("ansatz")}
    return {**summary, "points": len(points), "converged": _converged(line)}


def _verdict(claim: Mapping[str, Any]) -> dict[str, Any]:
    control = claim.get("negative_control") or {}
    return {**claim, "nearest rival": control.get("theory"), "d": claim["power"], "ln ratio": control.get("evidence")}


