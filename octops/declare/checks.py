"""The checks that need more than one file, in the order their answers are useful."""

from __future__ import annotations

from collections.abc import Iterator

from octops.declare.budgets import limit_problems
from octops.declare.clock import clock_problems, zone_problems
from octops.declare.endpoints import endpoint_problems
from octops.declare.feasible import inline_problems
from octops.declare.known import DeclaredTask, Known
from octops.declare.located import Problem
from octops.declare.models import model_problems, settings_model_problems
from octops.declare.prefetches import prefetch_problems
from octops.declare.references import moved_problems, reference_problems
from octops.declare.variables import shadow_problems, variable_problems


def task_problems(declared: DeclaredTask, known: Known) -> Iterator[Problem]:
    """What is wrong with one task in the light of everything declared."""
    yield from reference_problems(declared, known)
    if declared.task.prefetch:
        yield from prefetch_problems(declared, known)
    if declared.inline:
        yield from inline_problems(declared, known)
    yield from model_problems(declared, known)
    if declared.task.limits.cost_usd is not None:
        yield from limit_problems(declared, known)
    yield from clock_problems(declared, known)
    yield from variable_problems(declared, known)


def settings_problems(known: Known) -> Iterator[Problem]:
    """What is wrong with octops.yaml in the light of everything declared."""
    settings = known.settings
    yield from zone_problems(settings.timezone)
    yield from settings_model_problems(known)
    yield from endpoint_problems(known)
    yield from shadow_problems(settings.variables, ("variables",), "variable")
    yield from moved_problems(settings, known)
