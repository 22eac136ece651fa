"""Charts of a simulation, as small SVG files in colours that everybody tells apart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from benchmarks.matching.policies import COLOURS

Found = Mapping[str, list[dict[str, float]]]

_PLAIN = {"svg.hashsalt": "twinbot", "svg.fonttype": "none", "font.size": 9, "axes.spines.top": False}
_PATTERNS = {"random": "..", "filter + newest": "//", "popularity": "xx", "one-sided score": "\\\\", "twinbot": ""}


def draw(found: Found, exposure: Mapping[str, list[float]], folder: Path) -> None:
    """Three charts: what is found, how exposure is spread, and what each part does."""
    with mpl.rc_context({**_PLAIN, "axes.spines.right": False}):
        _save(_found(found), folder / "matching-found.svg")
        _save(_exposure(exposure), folder / "matching-exposure.svg")
        if any(name.startswith("without ") for name in found):
            _save(_parts(found), folder / "matching-parts.svg")


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, format="svg", metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)


def _found(found: Found) -> Any:
    """Bars by way to choose; patterns beside colours, for print and for any eyes."""
    names = ["mutual match within 14 days, %", "mutual success@10, %", "newcomers with a partner in 28 days, %"]
    figure, axes = plt.subplots(1, len(names), figsize=(9, 2.8))
    for axis, name in zip(axes, names, strict=True):
        for place, (policy, colour) in enumerate(COLOURS.items()):
            values = [told[name] for told in found[policy]]
            error = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
            axis.bar(place, np.nanmean(values), yerr=error, color=colour, hatch=_PATTERNS[policy], edgecolor="white")
        axis.set_title(name, fontsize=9)
        axis.set_xticks(range(len(COLOURS)), list(COLOURS), rotation=35, ha="right", fontsize=8)
    figure.tight_layout()
    return figure


def _exposure(exposure: Mapping[str, list[float]]) -> Any:
    """Lorenz curves: how much of all showing goes to the least shown share of teachers."""
    figure, axis = plt.subplots(figsize=(4.5, 3.6))
    styles = ["-", "--", ":", "-.", "-"]
    for (policy, colour), style in zip(COLOURS.items(), styles, strict=True):
        shares = exposure[policy]
        axis.plot(np.linspace(0, 1, len(shares)), shares, style, color=colour, label=policy, linewidth=2)
    axis.plot([0, 1], [0, 1], color="black", linewidth=0.5)
    axis.set_xlabel("share of teachers, the least shown first")
    axis.set_ylabel("share of all suggestions")
    axis.legend(frameon=False, fontsize=8)
    return figure


def _parts(found: Found) -> Any:
    """What changes without each part, against the whole."""
    names = ["mutual success@10, %", "Gini of exposure", "heaviest load"]
    parts = [name for name in found if name.startswith("without ")]
    figure, axes = plt.subplots(1, len(names), figsize=(9, 2.8), sharey=True)
    for axis, name in zip(axes, names, strict=True):
        whole = np.nanmean([told[name] for told in found["twinbot"]])
        values = [np.nanmean([told[name] for told in found[part]]) for part in parts]
        axis.barh(range(len(parts)), values, color=COLOURS["one-sided score"])
        axis.axvline(whole, color=COLOURS["twinbot"], linewidth=2)
        axis.set_title(f"{name}\n(line: all parts)", fontsize=9)
        axis.set_yticks(range(len(parts)), parts, fontsize=8)
        axis.invert_yaxis()
    figure.tight_layout()
    return figure
