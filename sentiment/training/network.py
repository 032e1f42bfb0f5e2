"""The network: one encoder, and for each head a learned gaze over the tokens and a linear layer.

A head looks at the tokens of the post itself (not of what it replies to) with weights of its own, so that its answer
is a sum over tokens, and each token's part in it can be shown: the words that carried the decision.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from sentiment.backends.heads import SIZES
from sentiment.reading import REASONS
from sentiment.training.base import Base

UNKNOWN = -100
"""A class label that is not known: no loss is taken on it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids and what is known of them: tensors of n posts by length, and of n posts (by labels)."""

    input_ids: Tensor
    attention_mask: Tensor
    token_type_ids: Tensor
    """1 for the tokens of what the post replies to."""
    sentiment: Tensor
    follow_up: Tensor
    """1 yes, 0 no, NaN unknown."""
    weight: Tensor
    """How sure the label of `follow_up` is, 0 to 1."""
    reasons: Tensor
    """n x REASONS of 1, 0 or NaN."""
    urgency: Tensor
    trigger: Tensor
    aim: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same on another device."""
        return Batch(**{name: getattr(self, name).to(device, non_blocking=True) for name in Batch.__slots__})


class Reader(nn.Module):
    """From token ids to logits (n x all labels) and evidence (n x length, of `follow_up`)."""

    def __init__(self, encoder: nn.Module, hidden: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.gaze = nn.Linear(hidden, len(SIZES), bias=False)
        self.heads = nn.ModuleDict({name: nn.Linear(hidden, size) for name, size in SIZES.items()})
        # With a gaze of nought every token counts alike: the mean that the base was trained with.
        nn.init.zeros_(self.gaze.weight)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state.float()
        own = (attention_mask * (1 - token_type_ids)).unsqueeze(-1).float()
        gaze = torch.softmax(self.gaze(hidden) - 1e4 * (1 - own), dim=1)
        pooled = torch.matmul(gaze.transpose(1, 2), hidden)
        logits = torch.cat(
            [head(self.dropout(pooled[:, number])) for number, head in enumerate(self.heads.values())], dim=-1
        )
        spoken = self.heads["follow_up"](hidden) * gaze[:, :, 1:2] * own
        return logits, spoken.squeeze(-1)


def build(base: Base, kept: Any, layers: int, dropout: float = 0.1) -> Reader:
    """A reader on the first `layers` layers of the base, with the pieces `kept` (their numbers in the base)."""
    from transformers import BertConfig, BertModel

    shape = base.shape
    settings: dict[str, Any] = {
        "vocab_size": len(kept),
        "hidden_size": shape.hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.types,
        "hidden_dropout_prob": dropout,
        "attention_probs_dropout_prob": dropout,
        "pad_token_id": 1,
        "attn_implementation": "sdpa",
    }
    encoder = BertModel(BertConfig(**settings), add_pooling_layer=False)
    weights = {name: torch.from_numpy(value.copy()) for name, value in base.weights.items()}
    word = "embeddings.word_embeddings.weight"
    weights[word] = _in_steps(weights[word][torch.from_numpy(kept)])
    unused = {name for name in weights if name.startswith("encoder.layer.") and int(name.split(".")[2]) >= layers}
    encoder.load_state_dict({name: value for name, value in weights.items() if name not in unused})
    encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    return Reader(encoder, shape.hidden, dropout)


def _in_steps(embeddings: Tensor) -> Tensor:
    """Embeddings as they are shipped, in 8 bits a row: what is frozen may as well be trained upon as it will be."""
    scale = embeddings.abs().amax(dim=1, keepdim=True).clamp_min(1e-8) / 127
    return (embeddings / scale).round() * scale


def losses(logits: Tensor, batch: Batch, smoothing: float = 0.0) -> dict[str, Tensor]:
    """Mean loss of each head over the rows that have its label; heads without any are left out."""
    parts = split(logits)
    found: dict[str, Tensor] = {}
    for name in ("sentiment", "urgency", "trigger", "aim"):
        wanted = getattr(batch, name)
        if bool((wanted != UNKNOWN).any()):
            found[name] = nn.functional.cross_entropy(
                parts[name], wanted, ignore_index=UNKNOWN, label_smoothing=smoothing
            )
    known = ~batch.follow_up.isnan()
    if bool(known.any()):
        wanted, weight = _smooth(batch.follow_up[known], smoothing), batch.weight[known]
        each = nn.functional.binary_cross_entropy_with_logits(parts["follow_up"][known, 0], wanted, reduction="none")
        found["follow_up"] = (each * weight).sum() / weight.sum()
    known = ~batch.reasons.isnan()
    if bool(known.any()):
        each = nn.functional.binary_cross_entropy_with_logits(
            parts["reasons"][known], batch.reasons[known], reduction="none"
        )
        # By row, not by label: a source that knows of complaints only must not drown the rest.
        found["reasons"] = each.sum() / known.any(dim=1).sum() / len(REASONS) * 4
    return found


def split(logits: Tensor) -> dict[str, Tensor]:
    """The logits of each head."""
    return dict(zip(SIZES, torch.split(logits, list(SIZES.values()), dim=-1), strict=True))


def _smooth(wanted: Tensor, smoothing: float) -> Tensor:
    return wanted * (1 - smoothing) + smoothing / 2
