"""The training loop: staged mixes of rows, one falling learning rate, averaged weights, checkpoints to go on from."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from sentiment.training.batches import passes, shuffled
from sentiment.training.corpus import Row
from sentiment.training.network import Batch, Reader, losses

CHECKPOINT = "checkpoint.pt"
Log = Callable[[str], None]
Weigh = Callable[[Row], float]


@dataclass(frozen=True, slots=True)
class Stage:
    """One mix of rows: how often each is drawn, and how much each head's loss counts."""

    name: str
    weigh: Weigh
    rounds: int = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is made of; everything that changes its result."""

    batch: int = 64
    rate: float = 1.4e-4
    """Peak learning rate of the uppermost layer."""
    heads_rate: float = 7e-4
    layer_decay: float = 0.9
    """Each layer below learns at this share of the one above it (Howard and Ruder, ACL 2018)."""
    warm_up: float = 0.06
    decay: float = 0.01
    smoothing: float = 0.05
    """Label smoothing (Szegedy et al., CVPR 2016)."""
    average: float = 0.998
    """Share of the old weights in the running mean that is shipped (Polyak averaging)."""
    clip: float = 1.0
    seed: int = 11
    weights: tuple[tuple[str, float], ...] = (
        ("sentiment", 1.0),
        ("follow_up", 1.0),
        ("reasons", 1.0),
        ("urgency", 0.3),
        ("trigger", 0.3),
        ("aim", 0.2),
    )


@dataclass(slots=True)
class Progress:
    """Where a run stands; kept in its checkpoint."""

    step: int = 0
    seconds: float = 0.0


class Run:
    """One training run. `folder` keeps its checkpoint; a run that is started again goes on where it stood."""

    def __init__(self, reader: Reader, tokenizer: Tokenizer, plan: Plan, folder: Path, log: Log) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.reader = reader.to(self.device)
        self.plan, self.folder, self.log = plan, folder, log
        self.progress = Progress()
        self._ends = 0
        self._tokenizer = tokenizer
        self._optimizer = torch.optim.AdamW(_groups(reader, plan), betas=(0.9, 0.98), eps=1e-6)
        self._rates = [group["lr"] for group in self._optimizer.param_groups]
        self._mean = {name: value.detach().clone() for name, value in _trained(reader)}

    def fit(self, rows: Sequence[Row], stages: Sequence[Stage], checks: Sequence[float], check: "Check") -> None:
        """Train through all stages; call `check` with the averaged weights in place at these shares of the way."""
        epochs = [_Epoch(stage, round_) for stage in stages for round_ in range(stage.rounds)]
        drawn = [self._draw(rows, epoch, number) for number, epoch in enumerate(epochs)]
        total = sum(-(-len(part) // self.plan.batch) for part in drawn)
        due = sorted({max(1, round(share * total)) for share in checks} | {total})
        torch.manual_seed(self.plan.seed)
        self._resume(total)
        first, started = self.progress.step, time.monotonic()
        if first and first == self._ends:
            # Whatever became of its rows since: a few steps more would end nowhere.
            self.log("this run has ended: to train anew, remove its folder or name another")
            return
        sums: dict[str, float] = {}
        for step, (stage, batch) in enumerate(self._batches(epochs, drawn), start=1):
            if step <= first:
                continue
            for name, value in self._step(batch, step, total).items():
                sums[name] = 0.98 * sums.get(name, value) + 0.02 * value
            self.progress = replace(self.progress, step=step)
            if step % 100 == 0 or step == total:
                self._tell(stage, step, total, (time.monotonic() - started) / (step - first), sums)
            if step in due:
                with self.averaged():
                    check(step, total)
                self._keep(total)

    def averaged(self) -> "_Averaged":
        """A context in which the reader has the averaged weights."""
        return _Averaged(self.reader, self._mean)

    def _draw(self, rows: Sequence[Row], epoch: "_Epoch", number: int) -> list[Row]:
        return passes(rows, [epoch.stage.weigh(row) for row in rows], self.plan.seed + number)

    def _batches(self, epochs: "Sequence[_Epoch]", drawn: Sequence[list[Row]]) -> Iterator[tuple[str, Batch]]:
        for number, (epoch, rows) in enumerate(zip(epochs, drawn, strict=True)):
            for batch in shuffled(self._tokenizer, rows, self.plan.batch, self.plan.seed + 1000 + number):
                yield epoch.stage.name, batch.to(self.device)

    def _step(self, batch: Batch, step: int, total: int) -> dict[str, float]:
        self.reader.train()
        warm = max(1, round(self.plan.warm_up * total))
        share = min(step / warm, (total - step + 1) / max(1, total - warm))
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * share
        logits = self._forward(batch)
        found = losses(logits, batch, self.plan.smoothing)
        weights = dict(self.plan.weights)
        loss = torch.stack([value * weights[name] for name, value in found.items()]).sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.reader.parameters(), self.plan.clip)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        kept = min(self.plan.average, (1 + step) / (10 + step))
        for name, value in _trained(self.reader):
            self._mean[name].lerp_(value.detach(), 1 - kept)
        return {name: float(value.detach()) for name, value in found.items()}

    def _forward(self, batch: Batch) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16):
            logits: Tensor = self.reader(batch.input_ids, batch.attention_mask, batch.token_type_ids)[0]
        return logits.float()

    def _tell(self, stage: str, step: int, total: int, each: float, sums: dict[str, float]) -> None:
        left = each * (total - step) / 60
        parts = " ".join(f"{name} {value:.3f}" for name, value in sums.items())
        self.log(f"{stage} {step}/{total}  {self.plan.batch / each:.0f} posts/s  {left:.0f} min left  {parts}")

    def _keep(self, total: int) -> None:
        state = {
            "progress": asdict(self.progress),
            "total": total,
            "plan": json.dumps(asdict(self.plan)),
            "reader": self.reader.state_dict(),
            "mean": self._mean,
            "optimizer": self._optimizer.state_dict(),
            "dice": [torch.get_rng_state(), *torch.cuda.get_rng_state_all()],
        }
        part = self.folder / f"{CHECKPOINT}.part"
        torch.save(state, part)
        part.replace(self.folder / CHECKPOINT)

    def _resume(self, total: int) -> None:
        file = self.folder / CHECKPOINT
        if not file.is_file():
            return
        state: dict[str, Any] = torch.load(file, map_location=self.device, weights_only=True)
        if state["plan"] != json.dumps(asdict(self.plan)):
            raise ValueError(f"{file} belongs to a run with another plan: remove it, or train into another folder")
        self.reader.load_state_dict(state["reader"])
        self._mean = state["mean"]
        self._optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])
        _throw_on(state.get("dice", []))
        self.log(f"going on after step {self.progress.step}")
        self._ends = state.get("total", total)
        if total != self._ends:
            self.log(f"this run began with {self._ends} steps ahead, now there are {total}: its rows have changed")


Check = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Epoch:
    stage: Stage
    number: int


class _Averaged:
    """Swaps the averaged weights in and out again."""

    def __init__(self, reader: Reader, mean: dict[str, Tensor]) -> None:
        self._reader, self._mean = reader, mean
        self._own: dict[str, Tensor] = {}

    def __enter__(self) -> Reader:
        for name, value in _trained(self._reader):
            self._own[name] = value.detach().clone()
            value.data.copy_(self._mean[name])
        self._reader.eval()
        return self._reader

    def __exit__(self, *_: object) -> None:
        for name, value in _trained(self._reader):
            value.data.copy_(self._own[name])


def _throw_on(states: Sequence[Tensor]) -> None:
    """Let dropout go on with the same throws, so that a stopped run ends where an unbroken one does."""
    for number, state in enumerate(states):
        if number == 0:
            torch.set_rng_state(state.cpu())
        elif number <= torch.cuda.device_count():
            torch.cuda.set_rng_state(state.cpu(), number - 1)


def _trained(reader: Reader) -> list[tuple[str, torch.nn.Parameter]]:
    return [(name, value) for name, value in reader.named_parameters() if value.requires_grad]


def _groups(reader: Reader, plan: Plan) -> list[dict[str, Any]]:
    """Parameters by learning rate: heads fastest, then layer by layer slower downwards; no decay on biases."""
    layers = int(reader.encoder.config.num_hidden_layers)
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, value in _trained(reader):
        if not name.startswith("encoder."):
            rate = plan.heads_rate
        elif ".layer." in name:
            rate = plan.rate * plan.layer_decay ** (layers - 1 - int(name.split(".layer.")[1].split(".")[0]))
        else:
            rate = plan.rate * plan.layer_decay**layers
        decay = plan.decay if value.dim() > 1 else 0.0
        groups.setdefault((rate, decay), []).append(value)
    return [{"params": values, "lr": rate, "weight_decay": decay} for (rate, decay), values in groups.items()]
