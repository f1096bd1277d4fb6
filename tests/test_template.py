from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from octops.errors import Severity
from octops.model.ids import Value
from octops.template import BUILT_INS, LATER, MAX_OUTPUT, TemplateError, check, closest, names, render
from tests.kit import ROOT

VARIABLES: dict[str, Value] = {
    "name": "Ada",
    "organization_name": "Example Ltd",
    "count": 3,
    "on": True,
    "nothing": None,
    "team": {"lead": "Bo", "size": 4, "tags": ["x", "y"]},
    "teams": ["red", "blue"],
    "nested": "<<name>> {{name}} \\<<",
}


def problems(text: str, known: object = VARIABLES) -> list[tuple[str, str, str]]:
    return [(str(p.severity), p.code, text[p.start : p.end]) for p in check(text, known)]  # type: ignore[arg-type]


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(TemplateError) as caught:
        render(text, VARIABLES)
    return [(problem.code, text[problem.start : problem.end]) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("Dear <<name>>,", "Dear Ada,"),
        ("<< name >> of << organization_name >>", "Ada of Example Ltd"),
        ("<<name>><<name>>", "AdaAda"),
        ("<<count>> <<on>>", "3 true"),
        ("<<team.lead>> leads <<team.size>>", "Bo leads 4"),
        ("<<name | upper>>", "ADA"),
        ("<<team.tags | first>>", "x"),
        ("<<team | tojson>>", '{"lead": "Bo", "size": 4, "tags": ["x", "y"]}'),
        ('<<nobody | default("all of us")>>', "all of us"),
        ('<<team.nobody | default("all")>>', "all"),
        ('<<nobody.at.all | upper | default("all")>>', "all"),
        ("<<nothing | default(0)>>", "0"),
        (r"write \<<name>> for a name", "write <<name>> for a name"),
        (r"1 \<< 2, \<<EOF", "1 << 2, <<EOF"),
        ("cat <<EOF >> log", "cat <<EOF >> log"),
        ("mail <<<name>>>", "mail <Ada>"),
        ("{{name}} stays", "{{name}} stays"),
        ("", ""),
    ],
)
def test_rendering(text: str, rendered: str) -> None:
    assert render(text, VARIABLES) == rendered


def test_a_value_is_never_read_as_a_template() -> None:
    assert render("<<nested>> | <<nested | trim>>", VARIABLES) == "<<name>> {{name}} \\<< | <<name>> {{name}} \\<<"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a <<nmae>> b", "unknown-variable", "<<nmae>>"),
        ("cin << x >> y", "unknown-variable", "<< x >>"),
        ("<<x | upper>>", "unknown-variable", "<<x | upper>>"),
        ("<<name | uper>>", "unknown-filter", "<<name | uper>>"),
        ("<<name | upper(1)>>", "filter-arguments", "<<name | upper(1)>>"),
        ("<<name | default(name)>>", "filter-arguments", "<<name | default(name)>>"),
        ('<<name | default(">>")>>', "template-syntax", '<<name | default(">>'),
        ("<<team.led>>", "unknown-key", "<<team.led>>"),
        ("<<name.first>>", "unknown-key", "<<name.first>>"),
        ("<<now.year>>", "unknown-key", "<<now.year>>"),
        ("<<nothing>>", "null-value", "<<nothing>>"),
        ("<<team>>", "not-text", "<<team>>"),
        ("<<teams | upper>>", "not-text", "<<teams | upper>>"),
    ],
)
def test_what_cannot_be_written_is_an_error_in_check_and_in_render(text: str, code: str, place: str) -> None:
    assert problems(text) == [("error", code, place)]
    assert refused(text) == [(code, place)]


def test_every_problem_is_told_at_once_in_the_order_of_the_text() -> None:
    text = "<<one>> {{name}} <<name>> <<two>>"
    assert [code for _, code, _ in problems(text)] == ["unknown-variable", "not-a-placeholder", "unknown-variable"]
    assert refused(text) == [("unknown-variable", "<<one>>"), ("unknown-variable", "<<two>>")]


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("<<orgnization_name>>", "did you mean `organization_name`? write `\\<<` for a literal `<<`"),
        ("<<scheduled_dat>>", "did you mean `scheduled_date`? write `\\<<` for a literal `<<`"),
        ("<<name | uper>>", "did you mean `upper`? write `\\<<` for a literal `<<`"),
        ("<<team.led>>", "did you mean `lead`? write `\\<<` for a literal `<<`"),
        (
            "<< q >>",
            "define it under `variables` in the task or in octops.yaml; write `\\<<` for a literal `<<`",
        ),
    ],
)
def test_an_error_says_what_to_write_instead(text: str, cure: str) -> None:
    assert [problem.detail for problem in check(text, VARIABLES)] == [cure]


def test_the_error_of_render_carries_its_diagnostics() -> None:
    with pytest.raises(TemplateError) as caught:
        render("<<nmae>>", VARIABLES)
    [diagnostic] = caught.value.diagnostics
    assert (diagnostic.severity, diagnostic.code) == (Severity.ERROR, "unknown-variable")
    assert diagnostic.summary == "variable `nmae` is not defined"


@pytest.mark.parametrize("name", sorted(BUILT_INS))
def test_a_built_in_is_always_known_but_undefined_where_a_run_lacks_it(name: str) -> None:
    assert [problem for problem in check(f"<<{name}>>", ()) if problem.severity is Severity.ERROR] == []
    assert refused(f"<<{name}>>") == [("undefined-variable", f"<<{name}>>")]
    assert render(f'<<{name} | default("never")>>', {}) == "never"


def test_a_first_run_without_a_previous_one_is_warned_about() -> None:
    assert problems("<<previous_run_at>>") == [("warning", "may-be-undefined", "<<previous_run_at>>")]
    assert problems('<<previous_run_at | default("never")>>') == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{{name}}", "{{name}}"),
        ("{{ name }}", "{{ name }}"),
        ("{{ team.lead | upper }}", "{{ team.lead | upper }}"),
        ("{{scheduled_date}}", "{{scheduled_date}}"),
        ("<<name", "<<name"),
        ("<<name>", "<<name"),
        ("<<name[0]>>", "<<name[0]>>"),
        ("<<name\n>>", "<<name"),
    ],
)
def test_a_known_name_that_stays_text_is_a_warning(text: str, place: str) -> None:
    assert problems(text) == [("warning", "not-a-placeholder", place)]
    assert render(text, VARIABLES) == text


@pytest.mark.parametrize("text", ["{{other}}", "{{}}", "{{ name: 1 }}", "<<other", r"\<<name", r"\<<name>>", "{name}"])
def test_other_text_is_not_warned_about(text: str) -> None:
    assert problems(text) == []


def test_names_alone_are_enough_for_a_check() -> None:
    assert problems("<<a>> <<a.key>> <<a | first>> <<b>>", ["a"]) == [("error", "unknown-variable", "<<b>>")]


def test_a_value_that_comes_later_is_taken_for_text() -> None:
    assert problems("<<a>> <<a | upper>> <<a | uper>>", {"a": LATER}) == [("error", "unknown-filter", "<<a | uper>>")]


def test_names_are_the_roots_of_the_placeholders() -> None:
    assert names(r"<<a>> <<b.c>> <<d | default('x')>> \<<e>> <<f[0]>> {{g}}") == {"a", "b", "d"}


def test_the_rendered_text_is_bounded() -> None:
    longest = "y" * (MAX_OUTPUT - 2)
    assert len(render("[<<x>>]", {"x": longest})) == MAX_OUTPUT
    with pytest.raises(TemplateError) as caught:
        render("[<<x>>]", {"x": longest + "y"})
    assert [problem.code for problem in caught.value.problems] == ["template-too-long"]


def test_the_closest_word_may_be_none() -> None:
    assert closest("writing-stile", ["writing-style", "other"]) == "writing-style"
    assert closest("zzz", ["writing-style"]) == ""


TEXTS = st.lists(
    st.sampled_from(
        ["<<", ">>", "\\", "a", "b", ".", " ", "|", "upper", "first", "default('x')", "{{", "}}", "\n", "<", "é"]
    )
).map("".join)


@settings(deadline=None)
@given(st.text().filter(lambda text: "<<" not in text))
def test_a_text_without_double_angles_renders_to_itself(text: str) -> None:
    assert render(text, {}) == text


@settings(deadline=None)
@given(st.text())
@example("<<a>>")
@example("\\<<a>>")
def test_any_value_arrives_as_it_is(value: str) -> None:
    assert render("[<<a>>]", {"a": value, "b": "never"}) == f"[{value}]"


@settings(deadline=None)
@given(TEXTS, st.text(max_size=5))
def test_what_check_accepts_renders(text: str, value: str) -> None:
    for known in ({"a": value, "b": 1}, {"a", "b"}):
        if not check(text, known):
            render(text, {"a": value, "b": 1})


@settings(deadline=None)
@given(TEXTS)
def test_what_render_refuses_check_has_told(text: str) -> None:
    variables = {"a": "x", "b": [1]}
    errors = [(p.code, p.start, p.end) for p in check(text, variables) if p.severity is Severity.ERROR]
    try:
        render(text, variables)
        told = []
    except TemplateError as error:
        told = [(problem.code, problem.start, problem.end) for problem in error.problems]
    assert told == errors


@settings(deadline=None)
@given(st.text(alphabet="<>\\ab |.\n{}"))
def test_escaping_every_double_angle_gives_the_text_back(text: str) -> None:
    if "<<<" not in text and "\\" not in text:
        assert render(text.replace("<<", "\\<<"), {}) == text


def test_plain_names_import_neither_jinja_nor_difflib() -> None:
    script = (
        "import sys; from octops.template import check, render; known = {'a': 'x'};"
        "check('<<a>> <<now>>', known); render('<<a>>', known);"
        "sys.exit(str({'jinja2', 'difflib', 'json', 'asyncio'} & set(sys.modules) or ''))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
