"""Parameters are checked on construction, and errors name the value and the rule."""

import dataclasses
import json
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from item2vec.errors import ParameterError
from item2vec.experiments.registry import make
from item2vec.parameters import Parameters, alternatives, parameter


@dataclasses.dataclass(frozen=True, kw_only=True)
class Oven(Parameters):
    """Has a parameter of every kind."""

    racks: int = parameter(2, "how many racks", at_least=1)
    degrees: float = parameter(180.0, "how hot", above=0, at_most=300)
    minutes: int | Literal["auto"] = parameter("auto", "how long", at_least=1)
    mode: Literal["fan", "grill"] = parameter("fan", "how it heats")
    light: bool = parameter(True, "whether one sees it")
    seed: int = parameter(0, "of chance", at_least=0, at_most=2**32 - 1)


def message(**values):
    with pytest.raises(ParameterError) as caught:
        Oven(**values)
    return str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"racks": 1},
        {"degrees": 300},  # an int is a fine float
        {"degrees": 5e-324},
        {"minutes": 1},
        {"minutes": "auto"},
        {"mode": "grill"},
        {"light": False},
        {"seed": 2**32 - 1},
    ],
)
def test_values_in_range_are_kept_as_they_are(values):
    oven = Oven(**values)
    assert {name: getattr(oven, name) for name in values} == values


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"racks": 0}, "at least 1, not 0"),
        ({"racks": -5}, "at least 1, not -5"),
        ({"degrees": 0}, "above 0, not 0"),
        ({"degrees": 300.5}, "at most 300, not 300.5"),
        ({"minutes": 0}, "at least 1, not 0"),
        ({"seed": -1}, "at least 0, not -1"),
        ({"seed": 2**32}, "at most 4294967295, not 4294967296"),
    ],
)
def test_a_value_out_of_range_is_an_error_with_the_rule(values, rule):
    (name,) = values
    assert name in message(**values)
    assert rule in message(**values)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), np.float64("nan")])
def test_a_number_must_be_finite(value):
    assert "finite" in message(degrees=value)


def test_an_enormous_integer_is_out_of_range_and_no_crash():
    assert "seed" in message(seed=10**400)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"racks": "2"}, "int, not '2'"),
        ({"racks": 2.0}, "int, not 2.0"),
        ({"racks": None}, "int, not None"),
        ({"racks": [2]}, "int, not [2]"),
        ({"degrees": "hot"}, "float, not 'hot'"),
        ({"minutes": "long"}, "'auto' or int, not 'long'"),
        ({"minutes": 1.5}, "'auto' or int, not 1.5"),
        ({"mode": "steam"}, "'fan' or 'grill', not 'steam'"),
        ({"mode": ["fan"]}, "'fan' or 'grill', not ['fan']"),
        ({"light": "yes"}, "bool, not 'yes'"),
        ({"light": 1}, "bool, not 1"),
    ],
)
def test_a_value_of_the_wrong_type_is_an_error_with_the_right_one(values, rule):
    (name,) = values
    assert name in message(**values)
    assert rule in message(**values)


@pytest.mark.parametrize("name", ["racks", "degrees", "minutes", "mode", "seed"])
@pytest.mark.parametrize("value", [True, False])
def test_true_and_false_are_no_numbers(name, value):
    assert message(**{name: value}).endswith(f"not {value}")


def test_a_zero_is_not_swallowed():
    assert Oven(seed=0).seed == 0
    assert "not 0" in message(minutes=0)


def test_an_unknown_name_in_a_mapping_is_an_error_that_lists_the_names():
    with pytest.raises(ParameterError, match=r"Oven has no parameter 'rack': .*racks, degrees"):
        Oven.from_mapping({"rack": 3})


def test_a_mapping_is_checked_like_keyword_arguments():
    assert Oven.from_mapping({"racks": 3, "mode": "grill"}) == Oven(racks=3, mode="grill")
    assert Oven.from_mapping({}) == Oven()
    with pytest.raises(ParameterError, match="racks must be at least 1"):
        Oven.from_mapping({"racks": 0})


@given(
    st.integers(1), st.floats(0, 300, exclude_min=True), st.one_of(st.just("auto"), st.integers(1))
)
def test_what_goes_into_a_file_comes_back(racks, degrees, minutes):
    oven = Oven(racks=racks, degrees=degrees, minutes=minutes)
    assert Oven.from_mapping(oven.to_dict()) == oven


def test_parameters_do_not_change_once_checked():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Oven().racks = 0
    with pytest.raises(ParameterError):
        dataclasses.replace(Oven(), racks=0)


def test_a_type_is_taken_apart_for_the_command_line():
    assert alternatives(int) == ([int], [])
    assert alternatives(Literal["a", "b"]) == ([], ["a", "b"])
    assert alternatives(int | Literal["auto"]) == ([int], ["auto"])
    assert alternatives(float | int | Literal["auto"]) == ([float, int], ["auto"])


def test_numbers_of_numpy_are_numbers():
    """A loop over ``np.arange`` or ``np.linspace`` gives such; files hold plain ones."""
    oven = Oven(racks=np.int64(3), degrees=np.float32(80), light=np.bool_(True))
    assert oven == Oven(racks=3, degrees=80.0, light=True)
    assert json.loads(json.dumps(oven.to_dict()))["racks"] == 3
    assert "at least 1, not 0" in message(racks=np.int64(0))
    assert "np.str_" not in message(racks=np.str_("many"))


def test_an_unknown_parameter_of_a_class_without_any_is_an_error():
    with pytest.raises(ParameterError, match="has no parameter 'k': it has no parameters"):
        make("popularity", {"k": 1})
    with pytest.raises(ParameterError, match="EASE has no parameter 'validation': it has l2"):
        make("ease", {"validation": 1})
