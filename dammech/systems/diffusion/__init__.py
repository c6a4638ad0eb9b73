"""Diffused data as memories: until when a point still knows its datum (collapse), and its class (speciation)."""

from dammech.registry import System
from dammech.systems.diffusion.model import Diffusion

SYSTEM = System(
    name="diffusion",
    title="Exponentially many data that diffuse: the time of collapse onto one datum",
    home=__name__,
    asked=Diffusion,
    parameters={
        "load": "number: α of e^{αd} data, in nats a component",
        "data": "gaussian or binary: the law of a component",
        "variance": "number: that of a Gaussian component (1)",
        "eigenvalue": "number above 1: largest eigenvalue of the data's covariance, for the time of speciation",
    },
    sources={"diffusion": ("ambrogioni2024", "biroli2024"), "bridging": ("schaeffer2024", "kulis2012")},
)
