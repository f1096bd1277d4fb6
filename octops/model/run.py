"""One run: what is said to a model and its tools, what came of it, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from octops.errors import Diagnostic, OctopsError
from octops.model.ids import DestinationId, RunId, TaskId, Value


class RunStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Sent by a runner that died before it could say so, where sending twice is not allowed."""
    SUPPRESSED = "suppressed"
    """Not sent on purpose: the answer did not change, or the run failed."""


class ErrorKind(StrEnum):
    CONFIG = "config"
    SOURCE = "source"
    MODEL = "model"
    TIMEOUT = "timeout"
    BUDGET = "budget"
    LIMIT = "limit"
    TRUNCATED = "truncated"
    EMPTY_OUTPUT = "empty_output"
    INVALID_OUTPUT = "invalid_output"
    LOST = "lost"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a run failed, in the words a person reads."""

    kind: ErrorKind
    message: str
    hint: str = ""


class RunFailed(OctopsError):
    """Ends one run as failed; it never ends another. Whatever was produced before stays in the record.

    `deferrable`: other runs have used up what this one needs, and it could go well another time.
    """

    def __init__(self, kind: ErrorKind, message: str, *, hint: str = "", deferrable: bool = False) -> None:
        super().__init__(Diagnostic(code=kind.value, summary=message, detail=hint))
        self.failure = Failure(kind=kind, message=message, hint=hint)
        self.deferrable = deferrable


class ModelError(RunFailed):
    """A model call that will not be repeated any more. `status` is the HTTP status, 0 when there was none."""

    def __init__(
        self, message: str, *, kind: ErrorKind = ErrorKind.MODEL, status: int = 0, provider: str = "", hint: str = ""
    ) -> None:
        super().__init__(kind, message, hint=hint)
        self.status = status
        self.provider = provider


class DeliveryError(OctopsError):
    """A destination that did not take a result. `certain` is False when it may have arrived all the same."""

    def __init__(
        self, message: str, *, retryable: bool, certain: bool = True, retry_after: float | None = None
    ) -> None:
        super().__init__(Diagnostic(code="delivery", summary=message))
        self.retryable = retryable
        self.certain = certain
        self.retry_after = retry_after
        """Seconds the other side asked us to wait, or None."""


def exact_usd(usd: float) -> float:
    """US dollars without what binary fractions add to them: $0.000001 is not 1.0000000000000002e-06."""
    return round(usd, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens and US dollars. `cost_usd` None: the price is not known, which is not zero."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0

    def __post_init__(self) -> None:
        if self.cost_usd is not None:
            object.__setattr__(self, "cost_usd", exact_usd(self.cost_usd))

    def __add__(self, other: Usage) -> Usage:
        known = self.cost_usd is not None and other.cost_usd is not None
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=(self.cost_usd or 0.0) + (other.cost_usd or 0.0) if known else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """What a model asked for. `arguments` is None when `raw` is not a JSON object."""

    id: str
    name: str
    arguments: Mapping[str, Value] | None
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool as a model sees it; `name` is `<source>__<tool>`, `schema` the JSON Schema of its arguments."""

    name: str
    description: str
    schema: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a tool said; an error is news for the model, not for us."""

    text: str
    is_error: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`role` is `system`, `user`, `assistant` or `tool`."""

    role: str
    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer of a model. `stop_reason` is `stop`, `tool_calls`, `length`, `content_filter` or another word."""

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    stop_reason: str = "stop"
    model: str = ""
    usage: Usage = Usage()


class Model(Protocol):
    """A model that can be asked. Raises ModelError when it will not answer; retries are its own matter."""

    async def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        output_schema: Mapping[str, Value] | None = None,
        max_tokens: int | None = None,
        seconds: float,
    ) -> Reply: ...


class Tools(Protocol):
    """The tools of a run's opened sources."""

    @property
    def specs(self) -> Sequence[ToolSpec]: ...

    async def call(self, name: str, arguments: Mapping[str, Value]) -> ToolResult:
        """Never raises for what a tool does wrong: that is a ToolResult with `is_error`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUse:
    """A tool call and what came back, as recorded."""

    call: ToolCall
    result: ToolResult
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One model call with the tool calls it led to."""

    reply: Reply
    uses: tuple[ToolUse, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the conversation came to. `failure` None: every promise of a completed run holds."""

    text: str
    data: Value = None
    """The parsed answer when the output format is json."""
    turns: tuple[Turn, ...] = ()
    usage: Usage = Usage()
    model: str = ""
    """The model that answered last, in the provider's words."""
    failure: Failure | None = None
    not_begun: bool = False
    """It failed before the first question, for want of what other runs have used up: another time it may go well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a destination is given. `delivery_id` is the same for every attempt at one delivery."""

    run: RunId
    task: TaskId
    task_name: str
    delivery_id: str
    status: RunStatus
    text: str
    format: str = "markdown"
    data: Value = None
    usage: Usage = Usage()
    model: str = ""
    scheduled_at: datetime | None = None
    finished_at: datetime | None = None
    failure: Failure | None = None
    variables: Mapping[str, Value] = field(default_factory=dict)
    """The run's built-in variables, for path templates and subjects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the other side said when it took a result: a status, an id, a commit. Shown, never trusted."""

    text: str


class Deliverer(Protocol):
    """A destination with its secrets resolved. Raises DeliveryError."""

    async def deliver(self, result: Result) -> Proof: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One result to one recipient, as the ledger keeps it."""

    id: str
    destination: DestinationId
    recipient: str
    status: DeliveryStatus = DeliveryStatus.PENDING
    guarantee: str = "at_least_once"
    attempts: int = 0
    proof: str = ""
    error: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Which exact words and versions made an answer. Hashes are sha256 in hex."""

    revision: str = ""
    dirty: bool = False
    task_hash: str = ""
    skill_hashes: Mapping[str, str] = field(default_factory=dict)
    prompt_hash: str = ""
    """Of the rendered messages."""
    tools_hash: str = ""
    octops: str = ""
    tzdata: str = ""
    runner: str = ""
    local: Mapping[str, str] = field(default_factory=dict)
    """Of an answer made on the runner's own machine: file_sha256, runtime, threads, seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a finished run leaves in the ledger. Never changed once written."""

    run: RunId
    task: TaskId
    scheduled_at: datetime | None
    name: str = ""
    trigger: str = "schedule"
    """`schedule`, `manual` or `resume`."""
    status: RunStatus
    reason: str = ""
    """Of a skipped run: `superseded`, `deadline`, `grace`, `overlap`."""
    covers: tuple[datetime, ...] = ()
    covers_from: datetime | None = None
    """Of a skip that ended more slots than it lists: the first of them."""
    attempt: int = 1
    model_asked: str = ""
    model_answered: str = ""
    started_at: datetime | None = None
    finished_at: datetime
    lateness_seconds: int = 0
    usage: Usage = Usage()
    earlier_usage: Usage | None = None
    """What attempts at this run used that were cut off before; not part of `usage`. None: nothing is known of any."""
    messages: tuple[Message, ...] = ()
    """What the model was sent first: skills, prompt, prefetched data."""
    turns: tuple[Turn, ...] = ()
    text: str = ""
    data: Value = None
    format: str = "markdown"
    parameters: Mapping[str, str] = field(default_factory=dict)
    deliveries: tuple[Delivery, ...] = ()
    failure: Failure | None = None
    provenance: Provenance = Provenance()
