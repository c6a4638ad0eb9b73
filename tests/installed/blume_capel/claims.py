"""What its simulations must show."""

from blume_capel import BlumeCapelDAM
from dammech.simulate import simulate
from dammech.solve import solve
from dammech.validate.claim import Claim, Dose, Estimate, Parameters, Prediction, Rival
from dammech.validate.sizes import limit

_AT = {"temperature": 0.4, "crystal_field": 0.2}


def claims() -> list[Claim]:
    """Its overlap."""
    return [Claim(
        "blume-capel.overlap", "[capel1966]", "The overlap with the retrieved pattern is that of the saddle point.", (_AT,),
        lambda p: Prediction(solve(BlumeCapelDAM(), branch="retrieval", **p)["m"]), _overlap,
        (Rival("interaction", "no biquadratic coupling", lambda p: solve(BlumeCapelDAM(1e-3), branch="retrieval", **p)["m"]),),
        dose=Dose("a temperature a fifth higher", lambda p: {**p, "temperature": 1.2 * p["temperature"]}),
    )]  # fmt: skip


def _overlap(p: Parameters, level: str, seeds: tuple[int, ...]) -> Estimate:
    runs = [simulate(BlumeCapelDAM(), **p, size=[100, 140, 200], trials=8, seed=s) for s in seeds]
    rows = [{"size": points[0].size, "value": sum(x.m for x in points) / len(points),
             "error": sum(x.m_error**2 for x in points) ** 0.5 / len(points)} for points in zip(*runs)]  # fmt: skip
    return limit(rows)
