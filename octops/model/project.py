"""The desired state: every task, skill, source and destination of one revision, and the settings of octops.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from octops.model.ids import DestinationId, SkillId, SourceId, TaskId, Value
from octops.model.task import Limits, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """Reusable instructions, put before the prompt as they stand: skills are not templates."""

    id: SkillId
    path: str
    text: str
    """The body after the front matter."""
    name: str = ""
    description: str = ""
    required_sources: tuple[SourceId, ...] = ()
    front_matter: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where data comes from. `config` holds the keys of its type as written; secrets in it are `{env: NAME}`."""

    id: SourceId
    path: str
    type: str
    config: Mapping[str, Value]
    allow: tuple[str, ...] = ("*",)
    """Patterns (fnmatch) of the tools a model may see; `deny` wins."""
    deny: tuple[str, ...] = ()
    optional: bool = False
    timeout_seconds: float = 60
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a result goes. `config` holds the keys of its type as written; secrets in it are `{env: NAME}`."""

    id: DestinationId
    path: str
    type: str
    config: Mapping[str, Value]
    label: str = ""
    guarantee: str = "at_least_once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens."""

    input_per_million: float
    output_per_million: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAlias:
    """What an alias of octops.yaml stands for."""

    model: str
    api_base: str = ""
    api_key: Mapping[str, Value] | None = None
    """`{env: NAME}`, or None: the provider's usual variable."""
    price: Price | None = None
    options: Mapping[str, Value] = field(default_factory=dict)
    fallback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    run_usd: float | None = None
    day_usd: float | None = None
    month_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    branch: str = "octops/runs"
    push: bool = True
    keep: str = "forever"
    pushes_per_minute: int | None = None
    """None: 6 where the remote is github.com, else one every two seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPlaces:
    """Where CI may apply beside the default branch; read from the octops.yaml of the default branch only."""

    branches: tuple[str, ...] = ()
    """Names, or patterns with `*`."""
    forks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPlaces:
    """Where CI may preview beside branches of the repository itself; read from the default branch only."""

    forks: bool = False
    """Also for pull requests from forks, whose files strangers wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """octops.yaml. A project without one has these defaults."""

    path: str = "octops.yaml"
    timezone: str = "UTC"
    variables: Mapping[str, Value] = field(default_factory=dict)
    models: Mapping[str, ModelAlias] = field(default_factory=dict)
    default_model: str = ""
    default_limits: Limits = Limits()
    budget: Budget = Budget()
    parallelism: int = 8
    records: Records = Records()
    apply: ApplyPlaces = ApplyPlaces()
    preview: PreviewPlaces = PreviewPlaces()
    network_allow: tuple[str, ...] = ()
    """`host` or `host:port` that plain http may reach."""
    moved: Mapping[TaskId, TaskId] = field(default_factory=dict)
    """Old id → new id of renamed tasks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything declared at one revision. Mappings are sorted by id."""

    tasks: Mapping[TaskId, Task]
    skills: Mapping[SkillId, Skill] = field(default_factory=dict)
    sources: Mapping[SourceId, Source] = field(default_factory=dict)
    destinations: Mapping[DestinationId, Destination] = field(default_factory=dict)
    settings: Settings = Settings()
    revision: str = ""
    """The commit the files come from; empty outside git or before the first commit."""
    dirty: bool = False
    """The work tree differs from the revision in files of the project."""

    def zone_of(self, task: Task) -> str:
        """The IANA name a task's schedule is meant in."""
        return task.timezone or self.settings.timezone

    def model_of(self, task: Task) -> str:
        """The alias or litellm id a task asks for."""
        return task.model or self.settings.default_model
