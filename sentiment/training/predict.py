"""Answers of the network itself, unquantised, on rows: while it trains, and beside what is shipped."""

from collections.abc import Sequence

import numpy as np
import torch
from tokenizers import Tokenizer

from sentiment.backends.heads import SIZES
from sentiment.training.batches import collate, encoded
from sentiment.training.corpus import Row
from sentiment.training.judge import Logits
from sentiment.training.network import Reader

BATCH = 64


def predict(reader: Reader, tokenizer: Tokenizer, rows: Sequence[Row], parents: bool = True) -> Logits:
    """Logits (n x all labels, heads in the order of SIZES) of n rows; with `parents` False each is read alone."""
    read = rows if parents else [Row(text=row.text, source=row.source, language=row.language) for row in rows]
    ready = encoded(tokenizer, read)
    order = sorted(range(len(ready)), key=lambda number: len(ready[number].ids))
    found = np.zeros((len(rows), sum(SIZES.values())), np.float32)
    device = next(reader.parameters()).device
    reader.eval()
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            numbers = order[start : start + BATCH]
            batch = collate([ready[number] for number in numbers]).to(device)
            with torch.autocast(device.type, torch.bfloat16):
                logits, _ = reader(batch.input_ids, batch.attention_mask, batch.token_type_ids)
            found[numbers] = logits.float().cpu().numpy()
    return found
