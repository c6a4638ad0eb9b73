"""Every committed page is what its derivation renders to, and compiles without a line that sticks out.

``python tests/derive/test_pages.py [PAGE ...]`` writes the pages anew; the scripts in ``derivations/`` do it with all checks run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

import dammech as dm
from dammech.derive import Theorem, Theory, render
from dammech.systems.diffusion import theory as diffusion
from dammech.systems.random_features import theory as random_features

PAGES = Path(__file__).parents[2] / "derivations"
DERIVATIONS = {
    "hopfield_rs": lambda: dm.derive(dm.HebbianDAM(order=2)),
    "dense_rs_p3": lambda: dm.derive(dm.HebbianDAM(order=3)),
    "dense_rs_p4": lambda: dm.derive(dm.HebbianDAM(order=4)),
    "dense_rs_polynomial": lambda: dm.derive(dm.HebbianDAM(interaction="y**4 + 2*y**3 - y")),
    "hopfield_1rsb": lambda: dm.derive(dm.HebbianDAM(order=2), "1rsb"),
    "dense_1rsb_p3": lambda: dm.derive(dm.HebbianDAM(order=3), "1rsb"),
    "pspin_1rsb_p3": lambda: dm.derive(dm.PSpin(order=3), "1rsb"),
    "phasor_p2": lambda: dm.derive(dm.PhasorDAM(2)),
    "phasor_p4": lambda: dm.derive(dm.PhasorDAM(4)),
    "dreaming": lambda: dm.derive(dm.DreamingDAM(1.0)),
    "examples_rs": lambda: dm.derive(dm.ExampleDAM(3, dataset_entropy=0.1)),
    "examples_1rsb": lambda: dm.derive(dm.ExampleDAM(3, dataset_entropy=0.1), "1rsb"),
    "exponential": lambda: dm.derive("exponential.thresholds"),
    "signal_to_noise": lambda: dm.derive("polynomial.signal-to-noise"),
    "palimpsest_p2": lambda: dm.derive(dm.PalimpsestDAM(order=2)),
    "palimpsest_p3": lambda: dm.derive(dm.PalimpsestDAM(order=3, interaction="power")),
    "gardner_margin": lambda: dm.derive("gardner.margin"),
    "kernel_margin": lambda: dm.derive("kernel.margin"),
    "dead_neurons": lambda: dm.derive("dead-neurons"),
    "random_features": random_features.theory,
    "diffusion": diffusion.theory,
}
#: pages that are written in HTML by default, too: of memories, a glass and theorems
SHORT = ("hopfield_rs", "pspin_1rsb_p3", "dead_neurons")
#: in points; less is not seen
WIDEST = 10.0


def rendered(page: str, form: str) -> str:
    """The page, as where all checks have passed."""
    made = DERIVATIONS[page]()
    assert isinstance(made, Theorem | Theory) or made.steps
    return render(made, form, [{"passed": True} for _ in made.steps])


def test_every_page_has_its_derivation():
    assert {file.stem for file in PAGES.glob("*.tex")} == set(DERIVATIONS)


@pytest.mark.parametrize(("form", "suffix"), [("md", ".md"), pytest.param("latex", ".tex", marks=pytest.mark.slow)])
@pytest.mark.parametrize("page", DERIVATIONS)
def test_committed_pages_are_up_to_date(page, form, suffix):
    """Run ``derivations/*.py`` where this fails."""
    assert (PAGES / f"{page}{suffix}").read_text(encoding="utf-8") == rendered(page, form)


class _Seen(HTMLParser):
    """What a browser meets: tags with their attributes, and text outside of styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] != "style":
            self.words.append(data)


@pytest.mark.parametrize("page", [page if page in SHORT else pytest.param(page, marks=pytest.mark.slow) for page in DERIVATIONS])
def test_a_page_of_html_says_what_the_other_one_says_and_needs_nothing_else(page):
    text, committed = rendered(page, "html"), (PAGES / f"{page}.md").read_text(encoding="utf-8")
    root, seen = ElementTree.fromstring(text), _Seen(text)
    steps = re.findall(r"^### ([\d.]+)\. ", committed, flags=re.MULTILINE)
    assert [a["id"] for _, a in seen.tags if a.get("class") == "step"] == [f"step-{k}" for k in steps]
    formulas = [m for m in root.iter("math") if m.get("display") == "block"]
    assert len(formulas) == committed.count("$$") // 2
    assert all(m.find(".//mi") is not None or m.find(".//mn") is not None for m in formulas)
    references = committed.partition("## References")[2]
    listed = re.findall(r"`(\w+)`$", references, flags=re.MULTILINE)
    anchors = {a["id"] for _, a in seen.tags if a.get("id", "").startswith("reference-")}
    assert anchors == {f"reference-{k}" for k in range(1, len(listed) + 1)}
    cited = [a["href"] for tag, a in seen.tags if tag == "a"]
    assert {link.removeprefix("#") for link in cited} <= anchors
    assert len(cited) == len(re.findall(r"\[\d+\]", committed.partition("## References")[0]))
    assert not any(tag in ("script", "link", "img", "iframe") or "src" in a for tag, a in seen.tags)
    left = "".join(seen.words)
    assert [sign for sign in ("\\", "$", "://") if sign in left] == []


@pytest.mark.slow
@pytest.mark.parametrize("page", DERIVATIONS)
def test_pages_do_not_depend_on_the_hash_seed(page):
    """Sets of symbols have another order in every process; no two of these may write another page."""
    command = [sys.executable, "-c", f"import test_pages; print(test_pages.rendered({page!r}, 'md'), end='')"]
    path = os.pathsep.join([str(Path(__file__).parent), str(PAGES.parent), os.environ.get("PYTHONPATH", "")])
    around = [{**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed} for seed in ("1", "2", "3")]
    written = {subprocess.run(command, env=env, capture_output=True, check=True).stdout for env in around}
    assert written == {(PAGES / f"{page}.md").read_bytes()}


@pytest.mark.parametrize("page", DERIVATIONS)
def test_a_plain_engine_reads_every_page(page):
    text = (PAGES / f"{page}.tex").read_text(encoding="utf-8")
    assert sorted({c for c in text if ord(c) > 127}) == []


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex here")
@pytest.mark.parametrize("page", DERIVATIONS)
def test_pages_compile_and_no_line_sticks_out(page, tmp_path):
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", str(PAGES / f"{page}.tex")]
    run = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=120, check=False
    )
    assert run.returncode == 0, re.findall(r"^!.*(?:\n.*){0,4}", run.stdout, re.MULTILINE)
    wide = [float(x) for x in re.findall(r"Overfull \\hbox \(([\d.]+)pt", run.stdout)]
    assert not [x for x in wide if x > WIDEST]


if __name__ == "__main__":
    for name in sys.argv[1:] or DERIVATIONS:
        for kind, end in {"md": ".md", "latex": ".tex"}.items():
            (PAGES / f"{name}{end}").write_text(rendered(name, kind), encoding="utf-8")
        print(name)
