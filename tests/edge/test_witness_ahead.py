"""A witness that has cosigned more of a log than its node holds, and the key under which a node witnesses."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path

import pytest

from edge.paired import OFFICERS, TANF, Party, paired, until
from edge.test_line_witness import opened, serving
from keepclear.core.errors import Refused
from keepclear.core.line.message import Kind
from keepclear.core.record.checkpoint import Checkpoint, origin_of
from keepclear.core.record.cosignature import Algorithm, cosignature_at, cosigner_key_of
from keepclear.core.record.merkle import Head
from keepclear.core.record.witness import AddCheckpoint
from keepclear.core.trust.note import note_of
from keepclear.edge.cli import main as command_line
from keepclear.edge.clock import RealClock
from keepclear.edge.config import Config, WitnessConfig, config_from
from keepclear.edge.keys.privatekey import log_key
from keepclear.edge.keys.statements import Witnessing
from keepclear.edge.lines.witness import Witness, witness_cosigner
from keepclear.edge.opening import open_node
from keepclear.edge.store.marker import HeadMarker
from keepclear.edge.store.store import Store

ORIGIN = origin_of(party="a", log="tanf")
SIGNED = 1_000


def bounded(coroutine: Coroutine[None, None, None]) -> None:
    asyncio.run(asyncio.wait_for(coroutine, 120))


@pytest.mark.parametrize("shows", [True, False], ids=["our signature", "a bare number"])
def test_our_own_signature_on_more_than_we_hold_stops_the_signing_and_a_bare_number_is_only_shown(
    shows: bool,  # noqa: FBT001 - a case of the test
    tmp_path: Path,
) -> None:
    bounded(ahead(tmp_path, shows=shows))


async def ahead(path: Path, *, shows: bool) -> None:
    unpaired = Party(path / "a", "a")
    signer = unpaired.node.lines.identity.line_keys(TANF, 1).log
    unpaired.node.host.store.close()
    unpaired.link.close()
    kept, witness = opened(path / "c", {ORIGIN: signer.key})
    larger = Checkpoint(origin=ORIGIN, head=Head(size=SIGNED, root=bytes(32))).signed(signer)
    request = AddCheckpoint(old_size=0, path=(), note=note_of(larger.written()))
    assert isinstance(witness.cosign(request), str)
    if not shows:
        witness.shown = {}.get

    class Witnessed(Party):
        def open(self) -> None:
            if self.name == "b":
                super().open()
                return
            root = self.node.lines.identity.root_key()
            witnessing = Witnessing(witnesses=[witness.cosigner.key])
            self.node.lines.open(TANF, OFFICERS["a"], root=root, witnessing=witnessing)

    async with paired(path, party=Witnessed) as (a, _), serving(witness) as url:
        a.node.witnesses.use(TANF, {witness.cosigner.key.text(): url})
        await until(lambda: bool(a.node.witnesses.states(TANF)[0].trouble), "what the witness says is known")
        (state,) = a.node.witnesses.states(TANF)
        assert (state.ahead, state.cosigned) == (SIGNED, False)
        assert a.views.line(TANF)["witnesses"]["each"][0]["ahead"] == SIGNED
        if shows:
            assert a.line.reverted is not None
            with pytest.raises(Refused) as refused:
                a.say(Kind.QUERY, "And now?", by="L. Marek")
            assert refused.value.code == "line.reverted"
        else:
            assert a.line.reverted is None
            a.say(Kind.QUERY, "And now?", by="L. Marek")
    kept.close()


def test_a_node_witnesses_with_ml_dsa_44_under_a_key_of_its_own(tmp_path: Path) -> None:
    signer = log_key(tmp_path / "a").signer(ORIGIN)
    store = Store(
        tmp_path / "store.sqlite",
        signer=log_key(tmp_path / "keys").signer("keepclear/c"),
        marker=HeadMarker(tmp_path / "keys" / "heads"),
    )
    witness = Witness(
        store=store,
        keys=tmp_path / "keys",
        party="c",
        logs={ORIGIN: signer.key},
        clock=RealClock().now,
        algorithm=Algorithm.ML_DSA_44,
    )
    note = note_of(Checkpoint(origin=ORIGIN, head=Head(size=3, root=bytes(32))).signed(signer).written())
    lines = witness.cosign(AddCheckpoint(old_size=0, path=(), note=note))
    assert isinstance(lines, str)
    assert cosignature_at(note_of(f"{note.text}\n{lines}"), witness.cosigner.key) > 0
    assert witness.shown(ORIGIN) == note.written()
    assert witness_cosigner(tmp_path / "keys", "c").key.algorithm is Algorithm.ED25519
    store.close()


def test_a_key_of_another_algorithm_is_not_witnessed_with(tmp_path: Path) -> None:
    witness_cosigner(tmp_path / "keys", "c")
    (tmp_path / "keys" / "witness.pem").rename(tmp_path / "keys" / "witness-ml-dsa-44.pem")
    with pytest.raises(Refused) as refused:
        witness_cosigner(tmp_path / "keys", "c", Algorithm.ML_DSA_44)
    assert refused.value.code == "keys.unreadable"


@pytest.mark.parametrize(
    ("algorithm", "kind"), [("ed25519", Algorithm.ED25519), ("ml-dsa-44", Algorithm.ML_DSA_44)]
)
def test_the_key_of_a_witness_is_printed_and_doctor_names_it(
    algorithm: str,
    kind: Algorithm,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = tmp_path / "data"
    settings = tmp_path / "c.toml"
    settings.write_text(f'party = "C"\ndata = "{data}"\n[witness]\nalgorithm = "{algorithm}"\n')

    def told(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["keepclear", *words])
        with pytest.raises(SystemExit):
            command_line.main()
        return capsys.readouterr().out

    node = open_node(config_from(settings), clock=RealClock(), mode="live")
    node.host.store.close()
    assert "it has never witnessed" in told("doctor", str(data))
    printed = told("witness", "key", str(settings)).strip()
    assert cosigner_key_of(printed).algorithm is kind
    assert printed.startswith("keepclear/c/witness+")
    assert told("witness", "key", str(settings)).strip() == printed
    assert printed in told("doctor", str(data))


def test_an_algorithm_that_no_witness_has_is_no_setting() -> None:
    with pytest.raises(Refused) as refused:
        Config(party="c", witness=WitnessConfig(algorithm="rsa"))
    assert "ed25519, ml-dsa-44" in refused.value.message
