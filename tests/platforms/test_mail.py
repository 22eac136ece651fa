"""Letters against a real mail server: what they look like, what cannot be put into them, what failures mean."""

from __future__ import annotations

import datetime as dt
import logging
import ssl
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.mail.mail import Mail
from bot.platforms.mail.server import MailServer, server_of
from bot.platforms.mail.writing import letter_of
from bot.platforms.platform import OutcomeUnknown, Post, Rejected, Shown, TryLater, Unreachable
from bot.talk import mail_address
from bot.text import Span
from tests.servers.smtp import PASSWORD, USER, smtp

NOW = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
TO = "head@escola.example"
SERVER = MailServer("127.0.0.1", 1, "none", "bot@twinbot.example")
SHOWN = Shown(
    "Dear head,\nAmina asks.\n\nThank you.",
    (Span(12, 17),),
    subject="A question",
    link=("Open", "https://t.example/in/x"),
)


def post(shown: Shown = SHOWN, key: str = "u1.to.1", to: str = TO) -> Post:
    return Post(to, key, shown)


def mail(port: int, *, tls: ssl.SSLContext | None = None, user: str | None = None, password: str = PASSWORD) -> Mail:
    safe = "starttls" if tls else "none"
    server = MailServer("127.0.0.1", port, safe, "bot@twinbot.example", "Twin Bot", user, password)
    return Mail(server, now=lambda: NOW, tls=tls)


def part(letter: EmailMessage, kind: str) -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


async def test_a_letter_arrives_as_text_and_as_html() -> None:
    async with smtp() as box:
        reference = await mail(box.port).send(post())
        letter = await box.until(1)
    assert box.recipients == [TO]
    assert (letter["From"], letter["To"], letter["Subject"]) == ("Twin Bot <bot@twinbot.example>", TO, "A question")
    assert letter["Message-ID"] == reference
    assert letter["Auto-Submitted"] == "auto-generated"
    assert part(letter, "plain").split("\n\n") == [
        "Dear head,\nAmina asks.", "Thank you.", "Open:\nhttps://t.example/in/x\n",
    ]  # fmt: skip
    assert "<p>Dear head,<br>A<strong>mina </strong>asks.</p><p>Thank you.</p>" in part(letter, "html")
    assert 'href="https://t.example/in/x">Open</a>' in part(letter, "html")


async def test_the_same_post_has_the_same_id_and_another_one_another() -> None:
    async with smtp() as box:
        sender = mail(box.port)
        once, again = await sender.send(post()), await sender.send(post())
        assert once == again != await sender.send(post(key="u2.to.1"))


async def test_arabic_goes_from_right_to_left() -> None:
    async with smtp() as box:
        await mail(box.port).send(post(Shown("مرحبا", language="ar", direction="rtl", subject="سؤال")))
        letter = await box.until(1)
    assert letter["Subject"] == "سؤال"
    assert letter["Content-Language"] == "ar"
    assert '<html lang="ar" dir="rtl">' in part(letter, "html")


HOSTILE = st.text(st.sampled_from("\r\n\0\u2028\u202e<>&\"':;,@. aBcc é=?"), max_size=60)


@given(HOSTILE, HOSTILE)
def test_no_header_and_no_link_grows_out_of_words(subject: str, words: str) -> None:
    shown = Shown(words, subject=f"{subject}\r\nBcc: thief@evil.example", link=("Open", "https://t.example/in/x"))
    letter = letter_of(SERVER, post(shown), NOW)
    raw = letter.as_bytes()
    head, _empty, _body = raw.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert b"Bcc" not in names
    assert len(names) == len(set(names)) == 10, names
    assert part(letter, "html").count("<a ") == 1
    assert "<script" not in part(letter, "html").lower()


@pytest.mark.parametrize("words", ["see https://evil.example/x", "evil.example", "write to me@evil.example"])
def test_an_address_in_somebodys_words_is_not_one_in_the_letter(words: str) -> None:
    letter = letter_of(SERVER, post(Shown(words, subject=words)), NOW)
    assert words not in part(letter, "plain") + part(letter, "html")
    assert words in part(letter, "plain").replace("\u2060", "")


@pytest.mark.parametrize(
    ("step", "answer", "error"),
    [
        ("RCPT", f"550 5.1.1 <{TO}> no such user", Unreachable),
        ("RCPT", f"450 4.2.0 <{TO}> greylisted", TryLater),
        ("MAIL", "553 5.7.1 sender not owned", Rejected),
        ("DATA", "554 5.7.1 looks like spam", Rejected),
        ("DATA", "451 4.3.0 disk full", TryLater),
    ],
)
async def test_a_refusal_says_whether_to_try_again_and_never_to_whom(
    step: str, answer: str, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with smtp() as box:
        box.refuse[step].append(answer)
        sender = mail(box.port)
        with pytest.raises(error) as caught:
            await sender.send(post())
        assert answer[4:9] in str(vars(caught.value))
        ours = [record.getMessage() for record in caplog.records if record.name.startswith(("twinbot", "aiosmtplib"))]
        assert TO not in f"{vars(caught.value)}{ours}"
        await sender.send(post())


async def test_a_mailbox_that_is_never_ready_is_given_up_after_an_hour() -> None:
    async with smtp() as box:
        box.refuse["RCPT"] += ["450 4.2.0 later"] * 14
        sender = mail(box.port)
        for _try in range(13):
            with pytest.raises(TryLater):
                await sender.send(post())
        with pytest.raises(Rejected, match="not taken for an hour"):
            await sender.send(post())


async def test_a_server_that_hangs_up_leaves_the_outcome_unknown() -> None:
    async with smtp() as box:
        box.hang_up = True
        with pytest.raises(OutcomeUnknown):
            await mail(box.port).send(post())
        assert len(box.letters) == 1


async def test_no_server_means_later_for_everyone() -> None:
    with pytest.raises(TryLater) as caught:
        await mail(1).send(post())
    assert caught.value.everyone


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for the loopback, with its key, that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "server.pem"
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return file


async def test_starttls_with_a_login(certificate: Path) -> None:
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(certificate)
    ours = ssl.create_default_context(cafile=certificate)
    async with smtp(theirs, login=True) as box:
        await mail(box.port, tls=ours, user=USER).send(post())
        assert box.encrypted == [True]
        with pytest.raises(TryLater, match="535"):
            await mail(box.port, tls=ours, user=USER, password="wrong").send(post())
        with pytest.raises(TryLater):
            await mail(box.port, tls=ssl.create_default_context(), user=USER).send(post())
    assert len(box.letters) == 1


async def test_without_starttls_nothing_is_said() -> None:
    async with smtp() as box:
        with pytest.raises(TryLater):
            await mail(box.port, tls=ssl.create_default_context(), user=USER).send(post())
    assert box.letters == []


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://u%40x:p%3Aw@mail.example.org?from=bot@example.org",
         MailServer("mail.example.org", 587, "starttls", "bot@example.org", "twinbot", "u@x", "p:w")),
        ("smtps://bot@example.org@mail.example.org",
         MailServer("mail.example.org", 465, "from the start", "bot@example.org", "twinbot", "bot@example.org")),
        ("smtp://localhost:25?from=Twin+Bot+<bot@example.org>",
         MailServer("localhost", 25, "none", "bot@example.org", "Twin Bot")),
        ("smtp://relay:25?from=bot@example.org&tls=off", MailServer("relay", 25, "none", "bot@example.org")),
    ],
)  # fmt: skip
def test_the_setting_is_one_address(url: str, server: MailServer) -> None:
    assert server_of(url) == server
    assert "p:w" not in repr(server)


@pytest.mark.parametrize(
    "url",
    ["", "mail.example.org", "http://mail.example.org?from=a@b.example", "smtp://mail.example.org", "smtp://h?from=x",
     "smtp://h:port?from=a@b.example", "smtp://h?from=a@b.example&tls=maybe", "smtp://h?form=a@b.example"],
)  # fmt: skip
def test_another_shape_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="should look like smtp://"):
        server_of(url)


@pytest.mark.parametrize(
    ("words", "address"),
    [
        (" Amina.Diallo@Escola.Example ", "Amina.Diallo@escola.example"),
        ("mailto:a+b@x.example", "a+b@x.example"),
        ("amina@müller.example", "amina@xn--mller-kva.example"),
        ("amina@escola", None), ("amina escola.example", None), ("a b@escola.example", None), ("", None),
        ("a@b.example\r\nBcc: c@d.example", None), ("a@b.example,c@d.example", None), ("a@b.example>", None),
        ('"a b"@x.example', None), ("a@[127.0.0.1]", None), ("a..b@x.example", None), ("a@-x.example", None),
        ("x" * 65 + "@x.example", None), ("@x.example", None), ("a@" + "x" * 64 + ".example", None),
    ],
)  # fmt: skip
def test_what_is_an_address(words: str, address: str | None) -> None:
    assert mail_address(words) == address


@given(st.text(max_size=80))
def test_whatever_is_written_is_an_address_that_may_be_written_to_or_none(words: str) -> None:
    address = mail_address(words)
    assert address is None or letter_of(SERVER, post(to=address), NOW)["To"] == address
