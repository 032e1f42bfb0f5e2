"""From a trained network to the files that are shipped: an ONNX graph in int8 with the embeddings in a file beside it.

The graph is written for reading, not for training: queries, keys and values in one product, attention as one
operator of onnxruntime, int8 products with one activation scale a token (`quantise`). Embeddings were frozen, so their
file stays the same byte for byte however often a reader is trained anew.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from sentiment.training.network import Reader
from sentiment.training.quantise import quantise

MODEL = "model.int8.onnx"
EMBEDDINGS = "embeddings.int8.bin"
OPSET = 17
_EMBEDDED = {"steps", "scale"}


class _Attention(torch.autograd.Function):
    """Attention that becomes onnxruntime's own operator in the exported graph."""

    @staticmethod
    def forward(  # noqa: PLR0917  (what the operator takes, in its order)
        _ctx: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, heads: int, hidden: int
    ) -> Tensor:
        posts, length, _ = query.shape
        parts = [one.view(posts, length, heads, -1).transpose(1, 2) for one in (query, key, value)]
        seen = mask.bool()[:, None, None, :]
        found = nn.functional.scaled_dot_product_attention(*parts, attn_mask=seen)
        return found.transpose(1, 2).reshape(posts, length, hidden)

    @staticmethod
    def symbolic(graph: Any, *given: Any) -> Any:
        query, key, value, mask, heads, hidden = given
        bias = graph.op("Constant", value_t=torch.zeros(3 * hidden))
        operator = "com.microsoft::MultiHeadAttention"
        return graph.op(operator, query, key, value, bias, mask, num_heads_i=heads).setType(query.type())


class _Shipped(nn.Module):
    """The reader's forward pass as it is shipped; the same numbers as `Reader`, in fewer steps."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        encoder: Any = reader.encoder
        words = encoder.embeddings.word_embeddings.weight.detach()
        scale = words.abs().amax(dim=1, keepdim=True).clamp_min(1e-8) / 127
        self.register_buffer("steps", (words / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)
        self.embeddings, self.layers = encoder.embeddings, encoder.encoder.layer
        self.heads, self.hidden = int(encoder.config.num_attention_heads), int(encoder.config.hidden_size)
        self.joint = nn.ModuleList(_joint(layer.attention.self) for layer in self.layers)
        self.reader = reader

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self._embed(input_ids, token_type_ids)
        mask = attention_mask.to(torch.int32)
        for layer, joint in zip(self.layers, self.joint, strict=True):
            query, key, value = joint(hidden).chunk(3, dim=-1)
            seen = _Attention.apply(query, key, value, mask, self.heads, self.hidden)
            hidden = layer.attention.output.LayerNorm(layer.attention.output.dense(seen) + hidden)
            wide = nn.functional.gelu(layer.intermediate.dense(hidden))
            hidden = layer.output.LayerNorm(layer.output.dense(wide) + hidden)
        own = (attention_mask * (1 - token_type_ids)).unsqueeze(-1).float()
        gaze = torch.softmax(self.reader.gaze(hidden) - 1e4 * (1 - own), dim=1)
        pooled = torch.matmul(gaze.transpose(1, 2), hidden)
        heads = self.reader.heads
        logits = torch.cat([head(pooled[:, number]) for number, head in enumerate(heads.values())], dim=-1)
        return logits, (heads["follow_up"](hidden) * gaze[:, :, 1:2] * own).squeeze(-1)

    def _embed(self, input_ids: Tensor, token_type_ids: Tensor) -> Tensor:
        words = self.steps[input_ids].float() * self.scale[input_ids]
        places = self.embeddings.position_embeddings.weight[: input_ids.shape[1]]
        kinds = self.embeddings.token_type_embeddings.weight[token_type_ids]
        embedded: Tensor = self.embeddings.LayerNorm(words + places + kinds)
        return embedded


def export(reader: Reader, folder: Path) -> Path:
    """Write MODEL and EMBEDDINGS into `folder`; returns the model's path. The reader must be on the CPU."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as kept:
        whole = str(Path(kept) / "fp32.onnx")
        to_onnx(reader, whole)
        model = onnx.load(whole)
        quantise(model, narrowest=int(reader.gaze.in_features))
        _write(model, folder)
    return folder / MODEL


def to_onnx(reader: Reader, target: str) -> None:
    """The graph at full precision."""
    shipped = _Shipped(reader.eval()).eval()
    ids = torch.full((2, 7), 4)
    mask, types = torch.ones_like(ids), torch.zeros_like(ids)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "posts", 1: "length"} for name in [*names, "evidence"]} | {"logits": {0: "posts"}}
    with torch.inference_mode():
        torch.onnx.export(
            shipped,
            (ids, mask, types),
            target,
            input_names=names,
            output_names=["logits", "evidence"],
            dynamic_axes=axes,
            opset_version=OPSET,
            custom_opsets={"com.microsoft": 1},
            dynamo=False,
        )


def _joint(attention: Any) -> nn.Linear:
    """Query, key and value as one linear layer."""
    parts = (attention.query, attention.key, attention.value)
    joint = nn.Linear(parts[0].in_features, sum(part.out_features for part in parts))
    with torch.no_grad():
        joint.weight.copy_(torch.cat([part.weight for part in parts]))
        joint.bias.copy_(torch.cat([part.bias for part in parts]))
    return joint


def _write(model: Any, folder: Path) -> None:
    """The embeddings' tensors into their own file, by hand: always the same bytes; the rest into the model."""
    embedded = [tensor for tensor in model.graph.initializer if tensor.name.rsplit(".", 1)[-1] in _EMBEDDED]
    embedded.sort(key=lambda tensor: -len(tensor.dims) * int(np.prod(tensor.dims)))
    if len(embedded) != len(_EMBEDDED):
        raise ValueError("the exported graph has no embeddings of its own")
    at = 0
    with (folder / EMBEDDINGS).open("wb") as out:
        for tensor in embedded:
            data = onnx.numpy_helper.to_array(tensor).tobytes()
            out.write(data)
            tensor.ClearField("raw_data")
            onnx.external_data_helper.set_external_data(_as_raw(tensor), EMBEDDINGS, offset=at, length=len(data))
            tensor.ClearField("raw_data")
            at += len(data)
    onnx.save(model, str(folder / MODEL))


def _as_raw(tensor: Any) -> Any:
    tensor.raw_data = b""
    tensor.ClearField("int32_data")
    tensor.ClearField("float_data")
    return tensor
