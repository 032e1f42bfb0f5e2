"""Claims about int8 products: the weights' steps, and a scale for each token that no neighbour changes."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from sentiment.training import quantise

WIDE, NARROW = 48, 6


def graph(wide: np.ndarray, narrow: np.ndarray):
    """x @ wide, and that @ narrow: a layer and a head."""
    nodes = [
        helper.make_node("MatMul", ["x", "wide"], ["middle"]),
        helper.make_node("MatMul", ["middle", "narrow"], ["y"]),
    ]
    made = helper.make_graph(
        nodes,
        "two",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["tokens", wide.shape[0]])],
        [
            helper.make_tensor_value_info("y", TensorProto.FLOAT, ["tokens", NARROW]),
            helper.make_tensor_value_info("middle", TensorProto.FLOAT, ["tokens", WIDE]),
        ],
        [numpy_helper.from_array(wide, "wide"), numpy_helper.from_array(narrow, "narrow")],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.fixture
def weights():
    dice = np.random.default_rng(1)
    return dice.standard_normal((64, WIDE)).astype(np.float32), dice.standard_normal((WIDE, NARROW)).astype(np.float32)


def run(model, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    middle, y = session.run(["middle", "y"], {"x": values})
    return middle, y


def test_a_column_is_told_in_steps_of_its_own_largest_weight():
    whole, scale = quantise.steps(np.array([[1.27, -50.8], [0.5, 12.7]], np.float32))
    assert scale == pytest.approx([0.01, 0.4])
    assert whole.tolist() == [[127, -127], [50, 32]]


def test_a_column_of_noughts_stays_noughts():
    assert quantise.steps(np.zeros((3, 2), np.float32))[0].tolist() == [[0, 0]] * 3


def test_wide_products_are_changed_and_heads_are_not(weights):
    model = graph(*weights)
    assert quantise.quantise(model, NARROW + 1) == 1
    kinds = [node.op_type for node in model.graph.node]
    assert kinds.count("MatMulIntegerToFloat") == 1
    assert kinds.count("MatMul") == 1
    assert {tensor.name for tensor in model.graph.initializer} >= {"narrow"}
    assert "wide" not in {tensor.name for tensor in model.graph.initializer}


def test_products_come_out_within_a_hundredth(weights):
    values = np.random.default_rng(2).standard_normal((20, 64)).astype(np.float32)
    model = graph(*weights)
    before = run(model, values)[0]
    quantise.quantise(model, NARROW + 1)
    assert np.abs(run(model, values)[0] - before).max() < 0.02 * np.abs(before).max()


def test_a_token_comes_out_the_same_beside_a_giant(weights):
    dice = np.random.default_rng(3)
    values = dice.standard_normal((2, 64)).astype(np.float32)
    model = graph(*weights)
    quantise.quantise(model, NARROW + 1)
    beside = np.concatenate([values, 1000 * dice.standard_normal((5, 64)).astype(np.float32)])
    np.testing.assert_array_equal(run(model, beside)[0][:2], run(model, values)[0])


def test_a_token_of_noughts_is_nought(weights):
    model = graph(*weights)
    quantise.quantise(model, NARROW + 1)
    assert np.abs(run(model, np.zeros((1, 64), np.float32))[0]).max() == 0
