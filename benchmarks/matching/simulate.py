"""Twelve simulated weeks under several ways to choose, over several seeds: who finds partners, and who is seen.

    .venv/bin/python -m benchmarks.matching.simulate [--size 2000] [--seeds 5] [--no-ablations] [--charts docs]
        [--kept FILE]  (runs that stand in this file are not made again)

A simulation shows a mechanism, not the world: how tastes, answers and dropping out behave here was made up. What is
searched with is the program's own code (`storage.matching`); what it never sees is in `benchmarks.matching.hidden`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.matching.hidden import Hidden
from benchmarks.matching.people import TODAY, population
from benchmarks.matching.policies import Policy, ablations, baselines
from benchmarks.matching.story import DAYS, Measures, Story, newcomers

#: Each figure: its name, whether it is a share, how it is written.
FIGURES: Mapping[str, str] = {
    "mutual match within 14 days, %": "{:.1f}",
    "mutual success@5, %": "{:.2f}",
    "mutual success@10, %": "{:.2f}",
    "newcomers with a partner in 28 days, %": "{:.1f}",
    "active newcomers shown within a week, %": "{:.1f}",
    "the same, of those whom a seeker suits, %": "{:.1f}",
    "days to the first partner (median)": "{:.1f}",
    "projects alive in week 8, per 1,000": "{:.1f}",
    "Gini of exposure": "{:.3f}",
    "Gini of requests received": "{:.3f}",
    "heaviest load": "{:.1f}",
    "coverage, %": "{:.1f}",
}


Run = tuple[dict[str, float], list[float]]
"""The figures of a story, and a Lorenz curve of exposure in hundredths."""


def gini(counts: NDArray[np.int64]) -> float:
    """0 where all have the same, towards 1 where one has everything."""
    ordered = np.sort(counts).astype(float)
    if not ordered.sum():
        return 0.0
    places = np.arange(1, len(ordered) + 1)
    return float((2 * places - len(ordered) - 1) @ ordered / (len(ordered) * ordered.sum()))


def figures(story: Story, days: int) -> dict[str, float]:
    """The figures of a run, named as in FIGURES."""
    told, hidden = story.measures, story.hidden
    could_be_shown = story.here & (hidden.visits > 0.2)
    new = newcomers(story.people, days)
    active_new = [place for place in new.tolist() if hidden.visits[place] > 0.2]
    joined = story.people.columns["joined_day"] - TODAY
    soon = {p: told.first_shown.get(p, days) - joined[p] < 7 for p in active_new}
    suited = [p for p in active_new if p in told.suited]
    helped = [told.first_partner.get(p, days) - joined[p] <= 28 for p in active_new if joined[p] <= days - 28]
    first = [told.first_partner[p] - when for p, when in told.first_sought.items() if p in told.first_partner]
    return {
        "mutual match within 14 days, %": 100 * _matched(told, days),
        "mutual success@5, %": 100 * _success(told, 5),
        "mutual success@10, %": 100 * _success(told, 10),
        "newcomers with a partner in 28 days, %": 100 * _mean(helped),
        "active newcomers shown within a week, %": 100 * _mean(list(soon.values())),
        "the same, of those whom a seeker suits, %": 100 * _mean([soon[p] for p in suited]),
        "days to the first partner (median)": float(np.median([max(0, d) for d in first])) if first else float("nan"),
        "projects alive in week 8, per 1,000": 1000 * told.alive_in_week_8 / len(story.people),
        "Gini of exposure": gini(told.shown[could_be_shown]),
        "Gini of requests received": gini(told.received[could_be_shown]),
        "heaviest load": float(told.heaviest),
        "coverage, %": 100 * float((told.shown[could_be_shown] > 0).mean()),
    }


def _matched(told: Measures, days: int) -> float:
    """The share of those who sought, at least 14 days before the end, that had a partner within 14 days."""
    seekers = [(place, when) for place, when in told.first_sought.items() if when <= days - 14]
    return _mean([told.first_partner.get(place, days + 99) - when <= 14 for place, when in seekers])


def _success(told: Measures, number: int) -> float:
    """The mean chance of a suggestion among the first so many to end in a partnership, if it is asked."""
    return _mean([chance for chances in told.chances.values() for chance in chances[:number]])


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def run(policy: Policy, size: int, seed: int, days: int) -> Run:
    """One story; its figures, and the shares of all suggestions that went to the least shown hundredths."""
    people = population(size, seed, joining=0.1)
    story = Story(people, Hidden(people, seed), policy, seed)
    story.tell(days)
    shown = np.sort(story.measures.shown[story.here & (story.hidden.visits > 0.2)])
    shares = np.cumsum(shown) / max(1, shown.sum())
    return {**figures(story, days)}, [float(shares[(len(shares) - 1) * part // 100]) for part in range(101)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size", type=int, default=2000)
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--days", type=int, default=DAYS)
    options.add_argument("--no-ablations", action="store_true")
    options.add_argument("--charts", type=Path)
    options.add_argument("--kept", type=Path)
    chosen = options.parse_args()
    policies = baselines() + ([] if chosen.no_ablations else ablations())
    kept: dict[str, Run] = json.loads(chosen.kept.read_text()) if chosen.kept and chosen.kept.exists() else {}
    found: dict[str, list[dict[str, float]]] = {policy.name: [] for policy in policies}
    exposure: dict[str, list[float]] = {}
    for seed in range(1, chosen.seeds + 1):
        for policy in policies:
            name = f"{chosen.size}, {chosen.days} days, seed {seed}: {policy.name}"
            if name not in kept:
                begun = time.process_time()
                kept[name] = run(policy, chosen.size, seed, chosen.days)
                Console(stderr=True).print(f"{name}, {time.process_time() - begun:.0f} s")
                _keep(kept, chosen.kept)
            figures_of, exposure[policy.name] = kept[name]
            found[policy.name].append(figures_of)
    Console(width=200).print(table(found, f"{chosen.size:,} teachers, {chosen.days} days, {chosen.seeds} seeds"))
    if chosen.charts:
        from benchmarks.matching.charts import draw

        draw(found, exposure, chosen.charts)


def _keep(kept: Mapping[str, Run], path: Path | None) -> None:
    if path is not None:
        path.write_text(json.dumps(kept))


def table(found: Mapping[str, list[dict[str, float]]], title: str) -> Table:
    """Means over the seeds, with the spread (standard deviation) where there are several."""
    shown = Table("", *found, title=title)
    for name, form in FIGURES.items():
        cells = []
        for runs in found.values():
            values = np.array([told[name] for told in runs])
            spread = f" ±{form.format(np.nanstd(values, ddof=1))}" if len(values) > 1 else ""
            cells.append(form.format(np.nanmean(values)) + spread)
        shown.add_row(name, *cells)
    return shown


if __name__ == "__main__":
    main()
