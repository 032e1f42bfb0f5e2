"""Make the matrix products of an ONNX graph int8: weights one scale a column, activations one scale a token.

onnxruntime's own dynamic quantisation takes the range of a whole batch, so that a text's scores depend on its
neighbours and outliers coarsen everything. With one scale a token a text scores the same alone and in any batch, and
several times nearer to the unquantised model, for about a seventh more time.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import helper, numpy_helper

DOMAIN = "com.microsoft"
CONSTANTS = {
    "token/steps": np.array(1 / 127, np.float32),
    "token/smallest": np.array(1e-8, np.float32),
    "token/zero": np.array(128, np.uint8),
    "token/one": np.array(1.0, np.float32),
}


def quantise(model: Any, narrowest: int) -> int:
    """Change `model` (an onnx ModelProto, opset 17) in place; how many products were changed.

    Products with fewer columns than `narrowest` stay as they are: heads are small and decide.
    """
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    nodes: list[Any] = []
    rows: dict[str, tuple[str, str]] = {}
    changed = 0
    for node in graph.node:
        weight = weights.get(node.input[1]) if node.op_type == "MatMul" else None
        if weight is None or len(weight.dims) != 2 or weight.dims[1] < narrowest:
            nodes.append(node)
            continue
        nodes += _product(graph, node, numpy_helper.to_array(weight), rows)
        changed += 1
    for name, value in CONSTANTS.items():
        graph.initializer.append(numpy_helper.from_array(value, name))
    del graph.node[:]
    graph.node.extend(nodes)
    _drop_unused(graph)
    if all(opset.domain != DOMAIN for opset in model.opset_import):
        model.opset_import.append(helper.make_opsetid(DOMAIN, 1))
    return changed


def steps(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A matrix in whole steps of -127 to 127 and the size of a step in each column."""
    scale = np.maximum(np.abs(weight).max(axis=0), 1e-8).astype(np.float32) / 127
    return np.rint(weight / scale).astype(np.int8), scale


def _product(graph: Any, node: Any, weight: NDArray[np.float32], rows: dict[str, tuple[str, str]]) -> list[Any]:
    """Quantise the tokens, multiply in int8 to float, scale each token back."""
    values, name = node.input[0], node.output[0]
    whole, scale = steps(weight)
    graph.initializer.append(numpy_helper.from_array(whole, f"{name}/weight"))
    graph.initializer.append(numpy_helper.from_array(scale, f"{name}/columns"))
    nodes = _tokens(values, rows)
    quantised, token_scale = rows[values]
    inputs = [quantised, f"{name}/weight", "token/one", f"{name}/columns", "token/zero"]
    nodes.append(_node("MatMulIntegerToFloat", inputs, f"{name}/product", domain=DOMAIN))
    nodes.append(_node("Mul", [f"{name}/product", token_scale], name))
    return nodes


def _tokens(values: str, rows: dict[str, tuple[str, str]]) -> list[Any]:
    """Bring each token to 1..255 around 128 by its own largest magnitude; nothing to do where that was done."""
    if values in rows:
        return []
    at = f"token/{values}"
    rows[values] = (f"{at}/bytes", f"{at}/scale")
    return [
        _node("Abs", [values], f"{at}/abs"),
        _node("ReduceMax", [f"{at}/abs"], f"{at}/largest", axes=[-1], keepdims=1),
        _node("Max", [f"{at}/largest", "token/smallest"], f"{at}/range"),
        _node("Mul", [f"{at}/range", "token/steps"], f"{at}/scale"),
        _node("Div", [values, f"{at}/scale"], f"{at}/steps"),
        _node("QuantizeLinear", [f"{at}/steps", "token/one", "token/zero"], f"{at}/bytes"),
    ]


def _node(kind: str, inputs: list[str], output: str, **attributes: Any) -> Any:
    return helper.make_node(kind, inputs, [output], name=f"{output}/{kind}", **attributes)


def _drop_unused(graph: Any) -> None:
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
