from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from octops.filters import FILTERS, MAX_NUMBER, NoText, Refused, apply, parse, text_of
from octops.model.ids import Value

HUGE = 10**5000
"""Python refuses to write a number this long."""
KINDS = ["null", "list", "mapping", "tuple", "nan", "infinite", "huge"]


def filtered(chain: str, value: Value) -> str:
    return text_of(apply(parse(chain), value))


@pytest.mark.parametrize(
    ("chain", "value", "text"),
    [
        ("| upper", "straße", "STRASSE"),
        ("| lower", "ABC", "abc"),
        ("| title", "it's a low-cost (new) day", "It's A Low-Cost (New) Day"),
        ("| trim", "  a b \n", "a b"),
        ("| trim('-')", "--a--", "a"),
        ("| length", "four", "4"),
        ("| length", [1, 2, 3], "3"),
        ("| length", {"a": 1}, "1"),
        ("| length | length", "0123456789", "2"),
        ("| first", "abc", "a"),
        ("| first", "", ""),
        ("| last", ["a", "b"], "b"),
        ("| first", 42, "4"),
        ("| first | first", ["abc"], "a"),
        ("| truncate(9)", "foo bar baz qux", "foo..."),
        ("| truncate(9, true)", "foo bar baz qux", "foo ba..."),
        ("| truncate(11)", "foo bar baz qux", "foo bar baz qux"),
        ("| truncate(11, false, '...', 0)", "foo bar baz qux", "foo bar..."),
        ("| truncate(length=5, leeway=0, end='')", "aaaa bbbb", "aaaa"),
        ("| truncate(2, leeway=0)", "abcdef", ".."),
        ("| default('x')", None, "x"),
        ("| default('x')", "", ""),
        ("| default('x', true)", "", "x"),
        ("| default(7)", None, "7"),
        ("| default(-7)", None, "-7"),
        ("| default(false)", None, "false"),
        ("| default('a }} b')", None, "a }} b"),
        (r"""| default("say \"hi\"\n")""", None, 'say "hi"\n'),
        ("| tojson", {"ä": [1, True, None]}, '{"ä": [1, true, null]}'),
        ("| tojson(2)", [1], "[\n  1\n]"),
        ("| tojson", "<b>", '"<b>"'),
        ("| tojson", (1, (2,)), "[1, [2]]"),
        ("|upper|trim|first", " b", "B"),
    ],
)
def test_filters_make_text(chain: str, value: Value, text: str) -> None:
    assert filtered(chain, value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), (3, "3"), (1.5, "1.5"), (1e30, "1e+30"), ("<<x>>", "<<x>>")]
)
def test_a_scalar_is_written_as_in_json_but_without_quotes(value: Value, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, (), float("nan"), float("inf"), HUGE], ids=KINDS)
def test_what_has_no_text_is_refused_rather_than_guessed(value: Value) -> None:
    with pytest.raises(NoText) as caught:
        text_of(value)
    assert caught.value.detail


@pytest.mark.parametrize(
    ("chain", "value"), [("| upper", None), ("| upper", [1]), ("| first", {"a": 1}), ("| trim", {})]
)
def test_text_filters_refuse_what_is_not_text(chain: str, value: Value) -> None:
    with pytest.raises(NoText):
        filtered(chain, value)


@pytest.mark.parametrize("value", [[float("inf")], HUGE], ids=["infinite", "huge"])
def test_tojson_refuses_numbers_that_json_cannot_write(value: Value) -> None:
    with pytest.raises(NoText):
        filtered("| tojson", value)


def test_the_first_of_an_empty_list_is_undefined_until_default_gives_it() -> None:
    assert filtered("| first | default('none')", []) == "none"
    with pytest.raises(NoText) as caught:
        filtered("| first | upper", [])
    assert caught.value.code == "undefined-variable"


@pytest.mark.parametrize(
    ("chain", "code"),
    [
        ("| upcase", "unknown-filter"),
        ("| format('%s')", "unknown-filter"),
        ("| map(attribute='x')", "unknown-filter"),
        ("| upper(1)", "filter-arguments"),
        ("| default", "filter-arguments"),
        ("| default()", "filter-arguments"),
        ("| default(name)", "filter-arguments"),
        ("| default(none)", "filter-arguments"),
        ("| default('a', 'b')", "filter-arguments"),
        ("| default(1, true, 3)", "filter-arguments"),
        ("| truncate('9')", "filter-arguments"),
        ("| truncate(9, length=9)", "filter-arguments"),
        ("| truncate(width=9)", "filter-arguments"),
        (f"| truncate({MAX_NUMBER + 1})", "filter-arguments"),
        ("| truncate(-999999)", "filter-arguments"),
        ("| truncate(true)", "filter-arguments"),
        ("| default(1e999)", "filter-arguments"),
        ("| default(-'a')", "template-syntax"),
        ("| default(f(x))", "template-syntax"),
        ("| default((((1))))", "template-syntax"),
        ("| default([1])", "template-syntax"),
        ("| default(1 + 1)", "template-syntax"),
        ("| default(" + "-" * 1900 + "1)", "template-syntax"),
        ("| default('\\u0041')", "template-syntax"),
        ("| default(1.2.3)", "filter-arguments"),
        ("| default(not)", "template-syntax"),
        ("| upper }}{{ y | lower", "template-syntax"),
        ("| upper.real", "template-syntax"),
        ("| upper |", "template-syntax"),
    ],
)
def test_what_is_not_a_known_filter_with_constants_is_refused(chain: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        parse(chain)
    assert caught.value.code == code
    assert caught.value.detail


def test_a_chain_as_long_as_a_placeholder_can_be_is_still_read() -> None:
    assert filtered("|upper" * 330, "a") == "A"


def test_no_chain_makes_a_text_much_longer() -> None:
    chain = "| truncate(0, true, '" + "x" * 1000 + "', 0)"
    assert filtered(chain, "a" * 10_000) == ""
    assert len(filtered("| upper", "ΐ" * 1000)) == 3000


@settings(deadline=None)
@given(st.text(), st.integers(3, 50), st.booleans(), st.integers(0, 9))
def test_filters_give_what_jinja_gives(value: str, length: int, killwords: bool, leeway: int) -> None:
    kill = str(killwords).lower()
    chains = [
        "| upper",
        "| lower",
        "| title",
        "| trim",
        "| length",
        "| default('x', true)",
        f"| truncate({length}, {kill}, '...', {leeway})",
    ]
    for chain in chains:
        expected = Environment(autoescape=False).from_string("{{ x" + chain + " }}").render(x=value)
        assert filtered(chain, value) == expected


@settings(deadline=None)
@given(st.text(), st.lists(st.sampled_from(sorted(FILTERS.keys() - {"default"})), max_size=6))
def test_no_chain_of_filters_fails_on_a_text(value: str, names: list[str]) -> None:
    assert isinstance(filtered("".join(f"|{name}" for name in names) or "|trim", value), str)
