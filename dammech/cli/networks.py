"""The commands about Lagrangians and networks of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from dammech.cli.options import Count, Number, Numbers, takes_json, takes_out
from dammech.cli.output import saved, show, working
from dammech.errors import InputError
from dammech.systems.lagrangian.model.catalogue import ALLOWED


def _takes_lagrangian_parameters(command: Any) -> Any:
    """A flag for every parameter of the catalogue."""
    for name, (_, words) in reversed(ALLOWED.items()):
        command = click.option(f"--{name}", type=Number(), metavar=name.upper(), help=words)(command)
    return command


@click.command()
@click.argument("lagrangian")
@click.option("--dim", type=Count(), metavar="D", help="neurons of the block; where not given as many as are named, or 3")
@_takes_lagrangian_parameters
@click.option("--state", type=Numbers(), metavar="X1,X2,…", help="also at this state: its Hessian, rank and null space")
@takes_json
def hessian(lagrangian: str, dim: int | None, state: list[float] | None, as_json: bool, **parameters: float | None) -> int:
    """Rank and null space of a Lagrangian's Hessian.

    LAGRANGIAN is a name of `dammech models --family lagrangian`, a sum of blocks such as relu:2+softmax:3, or an
    expression such as "log(S(exp(beta*x)))/beta".
    """
    from dammech.systems.lagrangian.model import Lagrangian, analysis_of_blocks, blocks_of

    given = {name: value for name, value in parameters.items() if value is not None}
    blocks = blocks_of(lagrangian)
    if blocks is not None and (dim is not None or state is not None or given):
        raise InputError(f"lagrangian {lagrangian}: a sum of blocks takes no --dim, --state or parameter")
    with working("differentiating"):
        if blocks is not None:
            document = analysis_of_blocks(blocks)
        else:
            named = [int(k) for k in re.findall(r"\bx(\d{1,6})\b", lagrangian)]
            block = Lagrangian(lagrangian, max(named, default=3) if dim is None else dim, **given)
            document = block.analysis()
            if state is not None:
                document = {**document, "at": block.at(state)}
    return show(document, as_json)


@click.command("fixed-points")
@click.argument("net", metavar="NET.json")
@takes_out
@takes_json
def fixed_points(net: str, out: Path | None, as_json: bool) -> int:
    """Find the fixed points of a Lagrangian network. With their stability, and the flats of the energy that hold none."""
    from dammech.flows import fixed_points
    from dammech.systems.lagrangian.model import Network

    network = Network.from_json(net)
    with working("searching"):
        found = fixed_points(network)
    return saved(found, out, show(found.to_json(), as_json))
