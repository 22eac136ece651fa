"""The secret key: made once, kept safe, chosen by what the database says."""

from __future__ import annotations

import stat
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.running import vault_for
from bot.secret import KeyFile, KeyTrouble, decoded, encoded, new
from storage.database import make_engine
from storage.migrations import upgrade
from storage.sealing import Vault
from tests.vault import KEY, SECRET, VAULT


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "state" / "secret.key")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/twinbot.db"


@pytest.fixture
def sealed(database_url: str) -> Iterator[str]:
    """A database that is sealed with the key of the tests."""
    engine = make_engine(database_url, VAULT)
    upgrade(engine)
    engine.dispose()
    return database_url


@given(st.binary(min_size=32, max_size=32))
def test_a_key_survives_being_written(key: bytes) -> None:
    assert decoded(encoded(key)) == key
    assert decoded(f" {b64encode(key).decode().rstrip('=')}\n") == key


@given(st.binary(max_size=64).filter(lambda key: len(key) != 32))
def test_a_key_of_another_length_is_none(key: bytes) -> None:
    assert decoded(encoded(key)) is None


@given(st.text())
def test_other_texts_are_no_key(text: str) -> None:
    key = decoded(text)
    assert key is None or len(key) == 32


def test_the_first_start_makes_a_key_that_only_its_owner_reads(url: str, file: KeyFile) -> None:
    vault = vault_for(url, None, file)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert vault_for(url, None, file).id == vault.id
    assert [Vault(key).id for key in file.present()] == [vault.id]
    assert list(file.path.parent.iterdir()) == [file.path]


def test_of_two_that_make_a_key_at_once_both_use_the_same(file: KeyFile) -> None:
    ready, made = Barrier(8), []

    def start() -> None:
        ready.wait()
        made.append(file.create())

    threads = [Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [file.present()] * 8


def test_the_environment_counts_more_than_the_file(url: str, file: KeyFile) -> None:
    vault_for(url, None, file)
    assert vault_for(url, KEY, file).id == VAULT.id


def test_the_database_says_which_of_two_keys_it_is_sealed_with(sealed: str, file: KeyFile) -> None:
    file.replace([new(), SECRET])
    assert vault_for(sealed, None, file).id == VAULT.id


def test_a_lost_key_is_said_and_none_is_made(sealed: str, file: KeyFile) -> None:
    with pytest.raises(KeyTrouble, match=f"{VAULT.id}, and .*secret.key is not there"):
        vault_for(sealed, None, file)
    assert not file.path.exists()


def test_another_key_is_refused(sealed: str, file: KeyFile) -> None:
    with pytest.raises(KeyTrouble, match=f"{VAULT.id}, and TWINBOT_SECRET_KEY has another"):
        vault_for(sealed, encoded(new()), file)
    file.create()
    with pytest.raises(KeyTrouble, match=f"{VAULT.id}, and .*secret.key has another"):
        vault_for(sealed, None, file)


@pytest.mark.parametrize("content", ["", "no key\n", f"{KEY}\nx\n", f"# only words\n\n{KEY[:-4]}\n"])
def test_a_damaged_file_is_said_and_left_alone(url: str, file: KeyFile, content: str) -> None:
    file.path.parent.mkdir()
    file.path.write_text(content)
    with pytest.raises(KeyTrouble, match=r"secret.key should have a key a line"):
        vault_for(url, None, file)
    assert file.path.read_text() == content


def test_a_file_in_the_way_is_said(url: str, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a folder")
    with pytest.raises(KeyTrouble, match=r"secret.key cannot be"):
        vault_for(url, None, KeyFile(tmp_path / "state" / "secret.key"))
    (tmp_path / "bytes.key").write_bytes(b"\xff\xfe")
    with pytest.raises(KeyTrouble, match=r"bytes.key cannot be read"):
        vault_for(url, None, KeyFile(tmp_path / "bytes.key"))
