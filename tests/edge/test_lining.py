"""The commands of the line against two running nodes, as two people at two machines give them."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from edge.paired import Party
from keepclear.edge.api.app import make_app
from keepclear.edge.cli import main as command_line
from keepclear.edge.cli.nodeclient import printable
from keepclear.edge.cli.running import listening

WAIT_S = 30.0
TEXT = "We shall strike inside the zone"


class Desk:
    """A person at one node: what a command told, and with which exit code."""

    def __init__(
        self, name: str, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.name = name
        self.address = address
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def told(self, *words: str, code: int = 0) -> str:
        """What ``keepclear WORDS`` printed, once it ended with that code."""
        self._monkeypatch.setattr(sys, "argv", ["keepclear", *words])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        said = self._capsys.readouterr()
        assert (ended.value.code or 0) == code, f"{words}: {said.out}{said.err}"
        return said.out + said.err

    def line(self, *words: str, code: int = 0) -> str:
        """The same of ``keepclear line``, at this person's node."""
        return self.told("line", *words, "--node", self.address, code=code)

    def thread(self) -> list[dict[str, object]]:
        return json.loads(self.line("thread", "tanf", "--json"))

    def message(self, kind: str) -> dict[str, object] | None:
        return next((each for each in reversed(self.thread()) if each["kind"] == kind), None)


def serve(party: Party, app: FastAPI, listening: socket.socket, stopping: threading.Event) -> None:
    """A node with its API in an event loop of its own, as a process of its own would have."""

    async def run() -> None:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="websockets-sansio"))
        party.start()
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not stopping.is_set():
            await asyncio.sleep(0.02)
        server.should_exit = True
        await serving
        await party.end()

    asyncio.run(run())


@contextmanager
def running(party: Party) -> Iterator[str]:
    """A node at work; its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()
    # Made here and not in its thread: two apps made in two threads at once share what pydantic keeps of a field.
    app = make_app(party.node, config=party.config)
    thread = threading.Thread(target=serve, args=(party, app, listening, stopping))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        stopping.set()
        thread.join(WAIT_S)
        party.link.close()
        listening.close()


@pytest.fixture
def desks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[tuple[Desk, Desk]]:
    monkeypatch.chdir(tmp_path)
    with (
        running(Party(tmp_path / "a", "a")) as one,
        running(Party(tmp_path / "b", "b")) as two,
    ):
        yield Desk("a", one, monkeypatch, capsys), Desk("b", two, monkeypatch, capsys)


def pair(a: Desk, b: Desk) -> None:
    """Cards handed over, words read out, both logs opened."""
    for desk in (a, b):
        desk.line("card", "-o", f"{desk.name}.card")
    for mine, theirs in ((a, b), (b, a)):
        shown = theirs.line("words", "tanf", f"{mine.name}.card", "--language", "ru").splitlines()[-1]
        words = shown.removeprefix("ru: ")
        mine.line("agree", "tanf", f"{theirs.name}.card", "--words", words, "--words-in", "ru")
    a.line(
        "open", "tanf", "--officer", "L. Marek; duty officer", "--officer", "A. Roy; deputy; not empowered"
    )
    b.line("open", "tanf", "--officer", "I. Volkov; watch officer")


def wait_for(desk: Desk, kind: str) -> dict[str, object]:
    ends = time.monotonic() + WAIT_S
    while time.monotonic() < ends:
        found = desk.message(kind)
        if found is not None:
            return found
        time.sleep(0.05)
    raise AssertionError(f"no {kind} came to {desk.name}")


def root_of(card: Path) -> str:
    return json.loads(b64decode(json.loads(card.read_text())["payload"]))["root"]


def test_two_people_pair_speak_acknowledge_and_verify_from_the_command_line(desks: tuple[Desk, Desk]) -> None:
    a, b = desks
    assert "no line yet" in a.line("list")
    pair(a, b)
    circle = ("--circle", "TANF 55: 33.4967,38.6178,55")
    b.line("say", "tanf", "notify", TEXT, "--by", "I. Volkov", *circle, "--precedence", "immediate")
    notice = wait_for(a, "notify")
    centre = notice["contents"]["places"]["places"][0]["shape"]
    assert centre == {"kind": "circle", "centre": [334_967_000, 386_178_000], "radius_cm": 5_500_000}
    begins = notice["hash"][:8]
    assert "plotted" in a.line("ack", "tanf", begins, "plotted", "--by", "L. Marek")
    advised = ("responded", "--response", "advise-against", "--by", "L. Marek", "--text", "stay out")
    a.line("ack", "tanf", begins, *advised)
    ends = time.monotonic() + WAIT_S
    while "advise-against by L. Marek" not in (told := b.line("thread", "tanf")):
        assert time.monotonic() < ends, told
    assert "(plotted as sent)" in told
    assert '"to":"a"' in b.line("holders", "tanf", begins)
    Path("keys.txt").write_text("".join(f"{root_of(Path(f'{each.name}.card'))}\n" for each in desks))
    for desk in desks:
        desk.line("export", "tanf", "-o", f"{desk.name}.kce")
        assert "VERDICT: HOLDS" in desk.told("verify", f"{desk.name}.kce", "--trust", "keys.txt")
    raw = bytearray(Path("a.kce").read_bytes())
    raw[len(raw) // 2] ^= 1
    Path("altered.kce").write_bytes(raw)
    a.told("verify", "altered.kce", "--trust", "keys.txt", code=3)


def test_a_cut_line_goes_on_by_file_and_by_paper(desks: tuple[Desk, Desk]) -> None:
    a, b = desks
    pair(a, b)
    wait_for(b, "open")
    assert "held cut" in a.line("cut", "tanf")
    a.line("stop", "tanf", "Stop firing", "--by", "L. Marek")
    a.line("bundle", "tanf", "-o", "one.kcb")
    assert "1 to answer" in b.line("take", "tanf", "one.kcb")
    assert "1 to answer" in b.line("take", "tanf", "one.kcb")
    stop = wait_for(b, "stop")
    assert stop["precedence"] == "flash"
    b.line("ack", "tanf", stop["hash"][:6], "receipted", "--by", "I. Volkov")
    printed = b.line("paper", "tanf").splitlines()
    Path("last.txt").write_text("\n".join(printed[1:]))
    Path("first.txt").write_text(printed[0].lower())
    assert "still missing: 1" in a.line("scan", "tanf", "last.txt")
    assert "the bundle is taken" in a.line("scan", "tanf", "first.txt")
    assert "receipted by I. Volkov" in a.line("thread", "tanf")
    b.line("form", "tanf", stop["hash"], "--language", "ar", "-o", "form.html")
    assert 'dir="rtl"' in Path("form.html").read_text()
    assert "; held cut" in a.line("show", "tanf")
    assert "; held cut" not in a.line("restore", "tanf")


def test_what_is_exported_is_released_with_a_reason_and_consent_is_withdrawn(
    desks: tuple[Desk, Desk],
) -> None:
    a, b = desks
    pair(a, b)
    by = ("--by", "L. Marek")
    a.line("say", "tanf", "notify", "A clinic.", *by, "--circle", "CLINIC: 33.5,38.6,1")
    notice = wait_for(b, "notify")
    place = f"{notice['hash'][:12]}:places"
    export = ("export", "tanf", "-o", "un.kce", "--for", "un", "--release", place)
    assert "part.reason" in a.line(*export, *by, code=2)
    a.line(*export, *by, "--reason", "Inquiry 7")
    assert '"part":"places"' in Path("un.kce").read_text().replace("\\", "")
    assert "A clinic." not in Path("un.kce").read_text()
    holders = json.loads(a.line("holders", "tanf", notice["hash"]))["places"]
    assert {(each["to"], each["reason"]) for each in holders} == {("b", ""), ("un", "Inquiry 7")}
    withdrawn = ("withdraw-consent", "tanf", notice["hash"][:12], "places", *by, "--reason", "They asked")
    answer = json.loads(a.line(*withdrawn))
    assert {each["to"] for each in answer["notices"]} == {"b", "un"}
    assert "part.withdrawn" in a.line(*withdrawn, code=2)
    assert "part.withdrawn" in a.line(*export, *by, "--reason", "Inquiry 7", code=2)


def test_places_are_read_from_a_file_as_a_part_of_a_message_has_them(desks: tuple[Desk, Desk]) -> None:
    a, b = desks
    pair(a, b)
    shape = {"kind": "point", "at": [334_967_000, 386_178_000]}
    Path("places.json").write_text(json.dumps({"places": [{"name": "GATE", "shape": shape}]}))
    say = ("say", "tanf", "notify", "Here.", "--by", "L. Marek", "--place")
    a.line(*say, "places.json")
    notice = a.message("notify")
    assert notice is not None
    assert notice["contents"]["places"]["places"][0]["shape"] == shape
    Path("words.json").write_text(json.dumps({"places": [{"name": "THE GATE"}]}))
    assert "words.json" in (told := a.line(*say, "words.json", code=2))
    assert "place.words-only" in told


def test_words_that_differ_are_never_signed(desks: tuple[Desk, Desk]) -> None:
    a, b = desks
    pair(a, b)
    given = ("tanf", "notify", "We enter at 0900Z")
    words = a.line("voice", "words", *given).splitlines()[0]
    other = b.line("voice", "words", "tanf", "notify", "We enter at 0800Z").splitlines()[0]
    assert words == b.line("voice", "words", *given).splitlines()[0] != other
    by = ("--by", "L. Marek")
    assert "voice.words" in a.line("voice", "words", *given, "--heard", other, code=3)
    assert "voice.words" in a.line("voice", "sign", *given, "--heard", other, *by, code=2)
    assert a.message("voice") is None
    a.line("voice", "sign", *given, "--heard", words, *by)
    assert a.message("voice") is not None
    Path("ours.txt").write_text(given[2])
    Path("theirs.txt").write_text("We enter at 0800Z")
    assert "word 4" in a.line("compare", "ours.txt", "theirs.txt", code=3)


def test_a_root_on_another_machine_signs_card_opening_and_officers_by_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    away = Desk("a", "", monkeypatch, capsys)
    away.told("root", "make", "vault", "--party", "a", "--open")
    away.told("root", "bring", "a", "vault/root.pub")
    with (
        running(Party(tmp_path / "a", "a")) as one,
        running(Party(tmp_path / "b", "b")) as two,
    ):
        a, b = Desk("a", one, monkeypatch, capsys), Desk("b", two, monkeypatch, capsys)
        assert "keys.root-away" in a.line("card", code=2)
        sign = ("root", "sign", "--open", "--yes")
        a.line("card", "--request", "card.request")
        assert "Card of a" in a.told(*sign, "card.request", "vault", "-o", "card.signed")
        a.line("card", "--signed", "card.signed", "-o", "a.card")
        assert root_of(Path("a.card")) == Path("vault/root.pub").read_text().strip()
        b.line("card", "-o", "b.card")
        for mine, theirs in ((a, b), (b, a)):
            shown = theirs.line("words", "tanf", f"{mine.name}.card", "--language", "en").splitlines()[-1]
            mine.line("agree", "tanf", f"{theirs.name}.card", "--words", shown.removeprefix("en: "))
        assert "keys.root-away" in a.line("open", "tanf", "--officer", "L. Marek; duty", code=2)
        a.line("open", "tanf", "--officer", "L. Marek; duty", "--request", "open.request")
        said = a.told("root", "show", "open.request")
        assert "Opens log keepclear/a/tanf/1" in said
        assert "Adds L. Marek, duty" in said
        a.told(*sign, "open.request", "vault", "-o", "open.signed")
        a.line("statement", "tanf", "open.signed")
        b.line("open", "tanf", "--officer", "I. Volkov; watch officer")
        a.line("officers", "add", "tanf", "--officer", "K. Osei; watch", "--request", "add.request")
        a.told(*sign, "add.request", "vault", "-o", "add.signed")
        assert "K. Osei" in a.line("statement", "tanf", "add.signed")
        assert "line.unsound" in a.line("statement", "tanf", "add.signed", code=2), "it was said already"
        wait_for(b, "keys")
        assert not (tmp_path / "a" / "keys" / "root.pem").exists()


def test_a_statement_of_keys_that_the_node_does_not_hold_opens_nothing(
    desks: tuple[Desk, Desk], tmp_path: Path
) -> None:
    a, b = desks
    pair(a, b)
    assert "line.open" in a.line("open", "tanf", "--officer", "A; b", "--request", "open.request", code=2)
    a.line("epoch", "tanf", "--request", "epoch.request")
    asked = json.loads(Path("epoch.request").read_text())
    asked["payload"]["open"]["node"] = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    Path("epoch.request").write_text(json.dumps(asked, separators=(",", ":"), sort_keys=True))
    vault = str(tmp_path / "a" / "keys")
    a.told("root", "sign", "--open", "--yes", "epoch.request", vault, "-o", "epoch.signed")
    assert "statement.other-keys" in a.line("statement", "tanf", "epoch.signed", code=2)
    assert json.loads(a.line("show", "tanf", "--json"))["epoch"] == 1


def test_a_bundle_may_be_as_long_as_the_protocol_lets_it_and_no_longer(desks: tuple[Desk, Desk]) -> None:
    for length, code in ((8 * 1024 * 1024, "json.syntax"), (8 * 1024 * 1024 + 1, "request.too-long")):
        Path("long.kcb").write_bytes(b"x" * length)
        assert code in desks[0].line("take", "tanf", "long.kcb", code=2)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("list", "--node", "http://127.0.0.1:9"), 1, "keepclear serve"),
        (("list", "--node", "nothing.toml"), 2, "settings file"),
        (("list", "--node", "http://"), 2, "names no host"),
        (("show", "nowhere"), 2, "no line 'nowhere'"),
        (("agree", "tanf", "nothing.card", "--words", "x"), 1, "nothing.card"),
        (("open", "tanf", "--officer", "Nobody"), 2, "'NAME; POST'"),
        (
            ("say", "tanf", "notify", "x", "--by", "A", "--circle", "33,38"),
            2,
            "LATITUDE,LONGITUDE,KILOMETRES",
        ),
        (("say", "tanf", "notify", "x", "--by", "A", "--circle", "Z: 33.49670001,38,5"), 2, "seven decimals"),
        (("say", "tanf", "notify", "x", "--by", "A", "--ref", "00:nearby"), 2, "about, answers"),
        (("ack", "nowhere", "00", "receipted", "--by", "A"), 2, "no line 'nowhere'"),
        (("scan", "nowhere", "page.txt"), 1, "page.txt"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line_with_what_to_do(
    words: tuple[str, ...], code: int, says: str, desks: tuple[Desk, Desk]
) -> None:
    desk = desks[0]
    told = desk.told("line", *words, code=code) if "--node" in words else desk.line(*words, code=code)
    assert says in told
    assert told.count("\n") == 1


def test_a_node_with_a_token_is_asked_by_its_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    party = Party(tmp_path / "a", "a")
    token = "a-token-of-more-than-24-characters"
    party.config = party.config.__class__(name="a", party="a", data=str(tmp_path / "a"), token=token)
    with running(party) as address:
        desk = Desk("a", address, monkeypatch, capsys)
        assert "--token" in desk.line("list", code=2)
        assert "no line yet" in desk.line("list", "--token", token)
        port = address.rpartition(":")[2]
        Path("node.toml").write_text(f'party = "a"\nport = {port}\ntoken = "{token}"\n')
        assert "no line yet" in desk.told("line", "list", "--node", "node.toml")


def test_an_answer_in_several_pieces_does_not_wait_for_the_caller_to_acknowledge_the_first() -> None:
    async def nodelay() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def met(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            found.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listening("127.0.0.1", 0) as opened:
            server = await asyncio.start_server(met, sock=opened)
            _, writer = await asyncio.open_connection(*opened.getsockname())
            try:
                return await asyncio.wait_for(found, WAIT_S)
            finally:
                writer.close()
                server.close()

    assert asyncio.run(nodelay()) != 0


def test_a_text_of_the_other_partys_cannot_steer_the_terminal() -> None:
    assert printable("\x1b]0;x\x07\u202eab\rc\nd") == "\\u001b]0;x\\u0007\\u202eab\\u000dc\nd"
    assert printable("سنضرب المنطقة") == "سنضرب المنطقة"
