"""The ledger on remotes people have: over ssh and over https, with every way to let git in that they use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.apply.hosts import BASIC, PASSWORD, USER, HttpsHost, SshHost, https_host, ssh_agent, ssh_host
from tests.apply.world import MORNING, Asked, World, slot, world
from tests.kit import Outcome
from tests.modelserver import Say

TASK = f"prompt: Tell the news.\nschedule: {MORNING}\n"
Environment = dict[str, str]


def completed(made: World, outcome: Outcome) -> bool:
    assert outcome.code == 0, outcome.err
    return made.record(slot("digest"))["status"] == "completed" and not made.open_claims()


def refused(made: World, outcome: Outcome, *words: str) -> None:
    """Said in plain words, with nothing asked of a model and no password shown."""
    assert (outcome.code, made.server.journal, made.ledger_files()) == (1, [], []), outcome.err
    for word in words:
        assert word in outcome.err
    assert PASSWORD not in outcome.err + outcome.out
    assert BASIC not in outcome.err + outcome.out
    assert "Traceback" not in outcome.err


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    with ssh_host(tmp_path_factory.mktemp("ssh") / "host") as host:
        yield host


@dataclass(frozen=True, slots=True)
class Over:
    made: World
    home: Path

    def config(self, key: str, value: str) -> None:
        self.made.project.git("config", key, value)

    def globally(self, text: str) -> Environment:
        """A ~/.gitconfig."""
        path = self.home / "gitconfig"
        path.write_text(text)
        return {"GIT_CONFIG_GLOBAL": str(path)}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, {"tasks/digest.yaml": TASK}, remote=True) as made:
        made.git("config", "uploadpack.allowFilter", "true")
        yield made


@pytest.fixture
def over_ssh(made: World, sshd: SshHost, tmp_path: Path) -> Over:
    assert made.remote is not None
    made.project.git("remote", "set-url", "origin", sshd.url(made.remote))
    return Over(made, tmp_path)


def by_variable(over: Over, sshd: SshHost) -> Environment:
    return {"GIT_SSH_COMMAND": sshd.command(sshd.key)}


def by_configuration(over: Over, sshd: SshHost) -> Environment:
    over.config("core.sshCommand", sshd.command(sshd.key))
    return {}


def by_a_persons_configuration(over: Over, sshd: SshHost) -> Environment:
    return over.globally(f'[core]\n\tsshCommand = "{sshd.command(sshd.key)}"\n')


def by_a_program(over: Over, sshd: SshHost) -> Environment:
    program = over.home / "own-ssh"
    program.write_text(f'#!/bin/sh\nexec {sshd.command(sshd.key)} "$@"\n')
    program.chmod(0o755)
    return {"GIT_SSH": str(program), "GIT_SSH_VARIANT": "ssh"}


def by_another_name_of_the_host(over: Over, sshd: SshHost) -> Environment:
    assert over.made.remote is not None
    over.made.project.git("remote", "set-url", "origin", f"work:{over.made.remote.name}")
    over.config(f"url.{sshd.url(over.made.remote.parent)}/.insteadOf", "work:")
    return by_variable(over, sshd)


def as_scp_writes_it(over: Over, sshd: SshHost) -> Environment:
    over.made.project.git("remote", "set-url", "origin", f"{sshd.user}@127.0.0.1:{over.made.remote}")
    return {"GIT_SSH_COMMAND": sshd.command(sshd.key, f"-p {sshd.port}")}


WAYS_IN = (
    by_variable,
    by_configuration,
    by_a_persons_configuration,
    by_a_program,
    by_another_name_of_the_host,
    as_scp_writes_it,
)


@pytest.mark.parametrize("way", WAYS_IN, ids=lambda way: way.__name__)
def test_over_ssh_a_run_is_claimed_done_and_recorded(
    over_ssh: Over, sshd: SshHost, way: Callable[[Over, SshHost], Environment]
) -> None:
    environment = way(over_ssh, sshd)
    assert completed(over_ssh.made, over_ssh.made.apply(**environment))
    again = over_ssh.made.octops("runs", **environment)
    assert (again.code, slot("digest") in again.out) == (0, True), again.err


def test_over_ssh_the_key_of_an_agent_is_used(over_ssh: Over, sshd: SshHost) -> None:
    with ssh_agent(sshd) as listening:
        environment = {"GIT_SSH_COMMAND": sshd.command(), "SSH_AUTH_SOCK": listening}
        assert completed(over_ssh.made, over_ssh.made.apply(**environment))


def test_over_ssh_a_key_the_host_does_not_know_is_told_apart_from_a_host_that_is_away(
    over_ssh: Over, sshd: SshHost
) -> None:
    outcome = over_ssh.made.apply(GIT_SSH_COMMAND=sshd.command(sshd.stranger))
    refused(over_ssh.made, outcome, "error[remote-credentials]", "did not let us in", "Permission denied")


def test_over_ssh_a_host_whose_key_nobody_has_seen_is_not_trusted(over_ssh: Over, sshd: SshHost) -> None:
    command = sshd.command(sshd.key).replace(str(sshd.known_hosts), "/dev/null")
    outcome = over_ssh.made.apply(GIT_SSH_COMMAND=command.replace("-o BatchMode=yes", ""))
    refused(over_ssh.made, outcome, "error[remote-credentials]", "Host key verification failed")


def test_over_ssh_a_host_that_is_away_is_told(over_ssh: Over, sshd: SshHost) -> None:
    over_ssh.made.project.git("remote", "set-url", "origin", f"ssh://{sshd.user}@127.0.0.1:1/nowhere.git")
    outcome = over_ssh.made.apply(GIT_SSH_COMMAND=sshd.command(sshd.key))
    refused(over_ssh.made, outcome, "error[remote-unreachable]", "Connection refused")


@pytest.fixture
def over_https(made: World, tmp_path: Path) -> Iterator[tuple[Over, HttpsHost]]:
    assert made.remote is not None
    with https_host(tmp_path / "host", made.remote.parent) as host:
        made.project.git("remote", "set-url", "origin", host.url(made.remote.name))
        made.project.git("config", "http.sslCAInfo", str(host.certificate))
        yield Over(made, tmp_path), host


HELPER = f"!f() {{ echo username={USER}; echo password={PASSWORD}; }}; f"


def helper_of_the_repository(over: Over, host: HttpsHost) -> Environment:
    over.config("credential.helper", HELPER)
    return {}


def helper_of_the_person(over: Over, host: HttpsHost) -> Environment:
    return over.globally(f'[credential]\n\thelper = "{HELPER}"\n')


def helper_of_one_host(over: Over, host: HttpsHost) -> Environment:
    return over.globally(f'[credential "https://127.0.0.1:{host.port}"]\n\thelper = "{HELPER}"\n')


def password_program(over: Over, host: HttpsHost) -> Environment:
    program = over.home / "askpass"
    program.write_text(f'#!/bin/sh\ncase "$1" in Username*) echo {USER};; *) echo {PASSWORD};; esac\n')
    program.chmod(0o755)
    return {"GIT_ASKPASS": str(program)}


def header_as_a_checkout_leaves_it(over: Over, host: HttpsHost) -> Environment:
    over.config(f"http.https://127.0.0.1:{host.port}/.extraheader", f"AUTHORIZATION: Basic {BASIC}")
    return {}


def header_in_an_included_file(over: Over, host: HttpsHost) -> Environment:
    """As newer checkouts do it: the header lies outside of the repository, and is included for it alone."""
    path = over.home / "credentials.config"
    path.write_text(f'[http "https://127.0.0.1:{host.port}/"]\n\textraheader = "AUTHORIZATION: Basic {BASIC}"\n')
    over.config(f"includeIf.gitdir:{over.made.project.root}/.git.path", str(path))
    return {}


def header_of_the_environment(over: Over, host: HttpsHost) -> Environment:
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.https://127.0.0.1:{host.port}/.extraheader",
        "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: Basic {BASIC}",
    }


def password_in_the_address(over: Over, host: HttpsHost) -> Environment:
    assert over.made.remote is not None
    url = host.url(over.made.remote.name, login=f"{USER}:{PASSWORD}@")
    over.made.project.git("remote", "set-url", "origin", url)
    return {}


def authority_of_the_environment(over: Over, host: HttpsHost) -> Environment:
    over.made.project.git("config", "--unset", "http.sslCAInfo")
    return {"GIT_SSL_CAINFO": str(host.certificate), **helper_of_the_repository(over, host)}


WAYS = (
    helper_of_the_repository,
    helper_of_the_person,
    helper_of_one_host,
    password_program,
    header_as_a_checkout_leaves_it,
    header_in_an_included_file,
    header_of_the_environment,
    password_in_the_address,
    authority_of_the_environment,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_over_https_a_run_is_claimed_done_and_recorded_and_no_password_is_kept_or_shown(
    over_https: tuple[Over, HttpsHost], way: Callable[[Over, HttpsHost], Environment]
) -> None:
    over, host = over_https
    environment = way(over, host)
    outcome = over.made.apply(**environment)
    assert completed(over.made, outcome)
    shown = over.made.octops("state", "doctor", **environment)
    assert shown.code == 0, shown.err
    told = outcome.out + outcome.err + shown.out + shown.err
    assert not {PASSWORD, BASIC} & set(told.split()), told
    assert PASSWORD not in told
    kept = b"".join(path.read_bytes() for path in over.made.project.root.glob(".git/octops/**/*") if path.is_file())
    assert PASSWORD.encode() not in kept
    assert BASIC.encode() not in kept


def test_over_https_a_password_that_is_wrong_is_told_and_nobody_is_asked_for_another(
    over_https: tuple[Over, HttpsHost],
) -> None:
    over, _ = over_https
    over.config("credential.helper", HELPER.replace(PASSWORD, "wrong"))
    refused(over.made, over.made.apply(), "error[remote-credentials]", "did not let us in")


def test_over_https_without_any_password_it_ends_at_once(over_https: tuple[Over, HttpsHost]) -> None:
    over, _ = over_https
    refused(over.made, over.made.apply(), "error[remote-credentials]")


def test_over_https_a_certificate_nobody_vouches_for_is_not_trusted(over_https: tuple[Over, HttpsHost]) -> None:
    over, host = over_https
    over.made.project.git("config", "--unset", "http.sslCAInfo")
    outcome = over.made.apply(**helper_of_the_repository(over, host))
    refused(over.made, outcome, "error[remote-unreachable]", "certificate")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_a_host_that_is_out_of_order_now_and_then_is_asked_again_and_every_run_is_done_once(
    over_https: tuple[Over, HttpsHost], status: int
) -> None:
    over, host = over_https
    helper_of_the_repository(over, host)

    def answer(_: Asked) -> Say:
        host.faults[:] = [status, status]
        return Say(text="ok")

    over.made.models.acts["default"] = answer
    assert completed(over.made, over.made.apply())
    assert len(over.made.server.journal) == 1
    assert [it[2] for it in host.seen].count(status) == 2


def test_a_host_that_stays_out_of_order_is_told(over_https: tuple[Over, HttpsHost]) -> None:
    over, host = over_https
    helper_of_the_repository(over, host)
    host.faults[:] = [503] * 1000
    refused(over.made, over.made.apply(), "error[remote-unreachable]", "503")
