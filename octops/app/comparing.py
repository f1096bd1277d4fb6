"""Two revisions of a project as a plan: what a pull request changes. Needs no ledger, judges no runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from octops.app.workspace import Loaded, Workspace, needed_repository, refuse_unknown
from octops.errors import Diagnostic, InvalidProject, Severity, UsageError
from octops.model.ids import TaskId
from octops.model.project import Project, Settings
from octops.report.words import count

if TYPE_CHECKING:
    from octops.declare.cache import Cache
    from octops.declare.file import Files, SourceFile
    from octops.model.plan import Plan
    from octops.repository.checkout import Repository

WORKFLOWS = (".github/workflows", ".github/actions", ".gitlab-ci.yml", ".gitlab/octops.yml")
"""Files and folders, from the top of the repository, that decide what a CI job does and which secrets it gets."""
_NAMED = 10
_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A plan between two revisions and what it was made from.

    Where the two differ in tasks only, the projects hold the tasks whose files differ and no others.
    """

    plan: Plan
    before: Loaded
    after: Loaded


def compare_plan(
    workspace: Workspace,
    now: datetime,
    *,
    base: str,
    ref: str | None = None,
    tasks: Sequence[str] = (),
    rendered: bool = False,
) -> Compared:
    """What changed since the merge base with `base`; of what is wrong with the files, only what is new since then.

    A task that is the same at both ends is looked into only when something it may depend on changed too. `tasks` are
    the ids it is limited to. `rendered` adds what the changed prompts say at `now`, for the comment of a pull request.
    """
    from octops.app.as_sent import with_rendered
    from octops.app.own_branches import writes_to_own_branch
    from octops.plan.reconcile import compare
    from octops.schedule.zone import tzdata_version

    repository = needed_repository(workspace, "--base")
    sides = _sides(workspace, repository, base, ref)
    readings = _Readings()
    after = _after(workspace, sides, readings)
    before, notes = _before(sides, base, readings, after)
    targets = _targets(sides, tasks)
    plan = compare(before.project, after.project, now, tzdata=tzdata_version(), targets=targets)
    own, known_own = (writes_to_own_branch(repository, it, base=base) for it in (after, before))
    known = frozenset((*before.diagnostics, *known_own))
    news = (it for it in (*own, *after.diagnostics) if it not in known)
    plan = replace(
        plan,
        diagnostics=(
            *_edited_workflows(sides.workflows),
            *notes,
            *_settings(sides, after),
            *news,
            *plan.diagnostics,
        ),
        unchanged=plan.unchanged + len([path for path in sides.alike if targets is None or _id(path) in targets]),
    )
    if rendered:
        plan = with_rendered(plan, before.project, after.project)
    return Compared(plan=plan, before=before, after=after)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """Both ends of a comparison. `alike` are the paths of the tasks that need no reading, `workflows` were edited."""

    base: str
    parted: bool
    shallow: bool
    head: str
    dirty: bool
    worktree: bool
    before: Files
    after: Files
    workflows: tuple[str, ...]
    alike: frozenset[str]


def _sides(workspace: Workspace, repository: Repository, base: str, ref: str | None) -> _Sides:
    """The files where the two revisions parted, as a pull request compares, and those of the commit or work tree."""
    from octops.declare.worktree import read_worktree

    worktree = ref is None and not repository.bare
    head, tip = repository.revision(ref or "HEAD"), repository.revision(base)
    parted = repository.merge_base(tip, head)
    start = parted or tip
    after = read_worktree(workspace.root) if worktree else repository.files(head)
    before = repository.files(start, known={file.blob: file.content for file in after.files})
    workflows = repository.changed(start, head, WORKFLOWS)
    return _Sides(
        base=start,
        parted=parted is not None,
        shallow=bool(repository.shallow_boundary),
        head=head,
        dirty=worktree and repository.dirty(after.files, head),
        worktree=worktree,
        before=before,
        after=after,
        workflows=workflows,
        # Another version of octops, which a workflow installs, may judge every file anew.
        alike=frozenset() if workflows else _alike(before, after),
    )


def _alike(before: Files, after: Files) -> frozenset[str]:
    """Paths of the tasks that nothing between the two can have touched; none unless tasks, and only tasks, differ."""
    old, new = ({(file.path, file.blob) for file in side.files} for side in (before, after))
    differing = {path for path, _ in old ^ new}
    if not differing or not all(map(_is_task, differing)):
        return frozenset()
    return frozenset(path for path, _ in old & new if _is_task(path))


def _is_task(path: str) -> bool:
    return path.startswith("tasks/")


def _targets(sides: _Sides, tasks: Sequence[str]) -> frozenset[TaskId] | None:
    """The chosen tasks, by the names of the files at either end: those that are alike are not read."""
    if not tasks:
        return None
    refuse_unknown(tasks, {_id(file.path) for side in (sides.before, sides.after) for file in side.files} - {""})
    return frozenset(map(TaskId, tasks))


def _id(path: str) -> str:
    """The id of the task that a file declares; empty for another file."""
    from octops.declare.naming import name_of

    return name_of(path).id if _is_task(path) else ""


@dataclass(slots=True, kw_only=True)
class _Readings:
    """What files said, for the other side: most files are the same at both. Behind it the cache, if there is one."""

    cache: Cache | None = None
    kept: dict[tuple[str, str], Any] = field(default_factory=dict)

    def get(self, blob: str, kind: str) -> Any:
        entry = self.kept.get((blob, kind))
        if entry is None and self.cache is not None:
            entry = self.kept[blob, kind] = self.cache.get(blob, kind)
        return entry

    def put(self, blob: str, kind: str, entry: Any) -> None:
        self.kept[blob, kind] = entry
        if self.cache is not None:
            self.cache.put(blob, kind, entry)


def _after(workspace: Workspace, sides: _Sides, readings: _Readings) -> Loaded:
    from octops.declare.cache import Cache
    from octops.declare.load import cache_salt, declare, has_project

    if has_project(sides.before) and not has_project(sides.after):
        gone = Project(tasks={}, revision=sides.head, dirty=sides.dirty)
        return Loaded(project=gone, diagnostics=sides.after.diagnostics, files=sides.after)
    if sides.worktree and not sides.alike:
        # To open the cache costs more than to read the few files that differ.
        readings.cache = Cache.open(workspace.root, cache_salt())
    try:
        declared = declare(sides.after, revision=sides.head, dirty=sides.dirty, cache=readings, unread=sides.alike)
    finally:
        if readings.cache is not None:
            readings.cache.save()
    return Loaded(project=declared.project, diagnostics=declared.diagnostics, files=sides.after)


def _before(sides: _Sides, base: str, readings: _Readings, after: Loaded) -> tuple[Loaded, tuple[Diagnostic, ...]]:
    """The project at the base, without the files that are broken there: what is wrong with them is not news."""
    from octops.declare.load import declare

    notes = () if sides.parted else (_no_merge_base(base, sides.shallow),)
    if sides.before == sides.after:
        return replace(after, project=replace(after.project, revision=sides.base, dirty=False)), notes
    files, errors = sides.before, 0
    known: tuple[Diagnostic, ...] = ()
    project = Project(tasks={}, revision=sides.base)
    for _ in range(_ROUNDS):
        try:
            declared = declare(files, revision=sides.base, cache=readings, unread=sides.alike)
        except UsageError:
            break
        except InvalidProject as error:
            known = (*known, *error.diagnostics)
            errors += sum(it.severity is Severity.ERROR for it in error.diagnostics)
            files = _without_mistakes(files, error.diagnostics)
        else:
            project, known = declared.project, (*known, *declared.diagnostics)
            break
    invalid = (_base_invalid(base, errors),) if errors else ()
    return Loaded(project=project, diagnostics=known, files=sides.before), (*notes, *invalid)


def _without_mistakes(files: Files, diagnostics: Sequence[Diagnostic]) -> Files:
    from octops.declare.file import Files

    broken = {it.location.filename for it in diagnostics if it.severity is Severity.ERROR and it.location}
    return Files(tuple(file for file in files.files if file.path not in broken))


def _settings(sides: _Sides, after: Loaded) -> tuple[Diagnostic, ...]:
    from octops.declare.layout import PROJECT_FILE
    from octops.plan.settings import settings_changes

    old, new = (
        next((file for file in side.files if file.path == PROJECT_FILE), None) for side in (sides.before, sides.after)
    )
    if old == new:
        return ()
    return settings_changes(_settings_before(old), after.project.settings, deleted=new is None)


def _settings_before(file: SourceFile | None) -> Settings:
    """What the base's octops.yaml says, whatever its tasks are like; the defaults where it says nothing valid."""
    from octops.app.settings import settings_in
    from octops.declare.file import Files

    try:
        return settings_in(Files((file,) if file else ()))
    except InvalidProject:
        return Settings()


def _no_merge_base(base: str, shallow: bool) -> Diagnostic:
    """In a shallow clone what others merged since then shows as undone; histories without a common commit differ so."""
    commands = "`git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout"
    return Diagnostic(
        severity=Severity.WARNING if shallow else Severity.NOTE,
        code="no-merge-base",
        summary=f"this clone does not hold the commit where the branch left `{base}`: compared with its tip instead, "
        "so what was merged there since then shows as undone"
        if shallow
        else f"`{base}` and this branch have no commit in common: compared with its tip",
        detail=f"fetch the whole history ({commands}) and plan again" if shallow else "",
    )


def _base_invalid(base: str, errors: int) -> Diagnostic:
    return Diagnostic(
        severity=Severity.WARNING,
        code="base-invalid",
        summary=f"the files at `{base}` are not valid ({count(errors, 'error')}): what is wrong there counts as absent",
        detail=f"`octops validate --ref {base}` tells what is wrong there",
    )


def _edited_workflows(paths: Collection[str]) -> tuple[Diagnostic, ...]:
    from octops.declare.layout import shown

    if not paths:
        return ()
    shown_paths = [shown(path).replace("`", "'") for path in sorted(paths)[:_NAMED]]
    named = ", ".join(f"`{path}`" for path in shown_paths)
    more = f" and {count(len(paths) - _NAMED, 'more file')}" if len(paths) > _NAMED else ""
    edited = Diagnostic(
        severity=Severity.WARNING,
        code="workflows-edited",
        summary=f"workflow files are edited: {named}{more}",
        detail="they decide what runs in CI and which secrets it gets: read them before you merge",
    )
    return (edited,)
