"""What people do on the page: their forms are checked, kept and handed to the desk; only then they are answered."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.platforms.platform import Ear, OnTyping, RawUpdate
from bot.platforms.web.book import Book, Content, Line
from bot.platforms.web.forms import Said, commanded, pressed, text_of, unique
from bot.platforms.web.guard import Limiter, Refused, by_script, check_origin, read_form
from bot.platforms.web.hub import Hub
from bot.platforms.web.pages import wanted_language
from bot.platforms.web.sessions import Sessions, Visitor
from bot.platforms.web.shelf import Shelf
from bot.platforms.web.uploads import Upload, reading
from bot.talk.messages import Attachment

log = logging.getLogger("twinbot.web")

Form = Mapping[str, str]


class Taking:
    """The routes of the forms. ``ear`` and ``on_typing`` are set while the platform runs."""

    def __init__(
        self,
        book: Book,
        hub: Hub,
        sessions: Sessions,
        shelf: Shelf,
        *,
        public_url: str | None,
        now: Callable[[], datetime],
    ) -> None:
        self.ear: Ear | None = None
        self.on_typing: OnTyping | None = None
        self._book, self._hub, self._sessions, self._shelf = book, hub, sessions, shelf
        self._public_url = public_url
        self._posts = Limiter(30, 10, now)
        self._newcomers = Limiter(600, 60, now)
        self._uploads = Limiter(20, 600, now)
        self._typing = Limiter(20, 30, now)

    def routes(self) -> list[Route]:
        """Where each thing is found."""
        doors = {"say": self.say, "press": self.press, "go": self.go, "remove": self.remove, "typing": self.typing}
        return [Route(f"/{name}", door, methods=["POST"]) for name, door in doors.items()]

    async def say(self, request: Request) -> Response:
        """A person writes something, sends a file, or changes what they wrote."""
        visitor = await self._visitor(request)
        async with reading(request, self._shelf.most) as (form, upload):
            request.state.draft = form.get("text", "")
            text = text_of(form)
            if form.get("edits"):
                return await self._change(request, visitor, form, text)
            if not text and upload is None:
                return self._answered(request, None)
            if upload is not None:
                self._check_upload(visitor)
            said = await self._said(visitor, form, text, upload)
        return await self._hand_on(request, visitor, form, said)

    async def press(self, request: Request) -> Response:
        """A person presses a button under a message."""
        visitor = await self._visitor(request)
        form = await read_form(request)
        return await self._hand_on(request, visitor, form, pressed(form))

    async def go(self, request: Request) -> Response:
        """A person uses one of the page's own buttons: Start, Help, Privacy, a language."""
        visitor = await self._visitor(request)
        form = await read_form(request)
        return await self._hand_on(request, visitor, form, commanded(form))

    async def remove(self, request: Request) -> Response:
        """A person takes back what they said; its words and its file are gone at once."""
        visitor = await self._visitor(request)
        form = await read_form(request)
        line = await self._own(visitor, form.get("ref", ""))
        said = Said(unique(form, line.ref), {"removes": line.ref}, line.ref, {"text": "", "gone": True})
        response = await self._hand_on(request, visitor, form, said)
        if "file" in line.content:
            self._shelf.remove(line.content["file"]["ref"])
        return response

    async def typing(self, request: Request) -> Response:
        """A person writes just now. Nothing of it is kept, and too much of it is passed over."""
        check_origin(request, self._public_url)
        visitor = await self._sessions.visitor(request)
        if visitor.account is not None and self.on_typing is not None:
            try:
                self._typing.check(visitor.token_hash, "fast")
            except Refused:
                return Response(status_code=204)
            self.on_typing("web", visitor.account, visitor.account)
        return Response(status_code=204)

    async def _visitor(self, request: Request) -> Visitor:
        """Who sends a form of ours. Raises Refused."""
        check_origin(request, self._public_url)
        visitor = await self._sessions.visitor(request)
        if visitor.token is None:
            raise Refused(400, "no_cookie")
        self._posts.check(visitor.token_hash, "fast")
        return visitor

    def _check_upload(self, visitor: Visitor) -> None:
        if visitor.account is None:
            raise Refused(403, "first")
        self._uploads.check(visitor.token_hash, "fast")

    async def _said(self, visitor: Visitor, form: Form, text: str, upload: Upload | None) -> Said:
        """What a form says and how it stands in the chat. Sent again, it is the same, with the same file."""
        event = unique(form, text if upload is None else f"{text}\n{upload.digest()}")
        ref, account = f"me:{event}", visitor.account or ""
        heard: dict[str, Any] = {"id": ref, **({"text": text} if text else {})}
        shown: Content = {"text": text}
        answered = await self._book.line(account, form["about"]) if form.get("about") and account else None
        if answered is not None:
            heard["about"], shown["quote"] = answered.ref, answered.id
        if upload is not None:
            shown["file"] = (await self._kept(account, ref, upload)).to_json()
            heard["files"] = [shown["file"]]
        return Said(event, heard, ref, shown)

    async def _kept(self, account: str, ref: str, upload: Upload) -> Attachment:
        known = await self._book.line(account, ref)
        if known is not None and "file" in known.content:
            return Attachment.from_json(known.content["file"])
        return upload.attachment(await self._shelf.put(upload.content))

    async def _change(self, request: Request, visitor: Visitor, form: Form, text: str) -> Response:
        line = await self._own(visitor, form["edits"])
        if not text and "file" not in line.content:
            return self._answered(request, None)
        files = {"files": [line.content["file"]]} if "file" in line.content else {}
        heard = {"text": text, "edits": line.ref, "id": line.ref, **files}
        shown = {**line.content, "text": text, "edited": True}
        return await self._hand_on(
            request, visitor, form, Said(unique(form, f"{line.ref}\n{text}"), heard, line.ref, shown)
        )

    async def _own(self, visitor: Visitor, ref: str) -> Line:
        """A line that its author may still change. Raises Refused."""
        line = await self._book.line(visitor.account, ref) if visitor.account is not None and ref else None
        if line is None or not line.mine or not line.content.get("changeable"):
            raise Refused(409, "too_late")
        return line

    async def _hand_on(self, request: Request, visitor: Visitor, form: Form, said: Said) -> Response:
        """Show the person's own line, then give what they said to the desk.

        The line comes first, so that it always stands before its answer; sent again, both are known already.
        """
        if visitor.account is None:
            self._newcomers.check("all", "crowded")
        try:
            if visitor.account is None:
                visitor = await self._sessions.sign_in(visitor)
            assert visitor.account is not None
            mark = await self._show(visitor.account, said)
        except Refused:
            raise
        except Exception as error:
            log.error("a line could not be kept (%s)", type(error).__name__)
            raise Refused(503, "later", retry_after=2) from None
        language = form.get("language") or wanted_language(request.headers.get("accept-language", ""))
        await self._tell(visitor.account, said, {"language": language, **said.heard})
        response = self._answered(request, mark)
        self._sessions.keep(response, visitor)
        return response

    async def _show(self, account: str, said: Said) -> int:
        """Put a line or change one; gives the change after which the desk answers."""
        if said.ref is None or said.shown is None:
            return (await self._book.changes([account])).get(account, 0)
        if "edits" in said.heard or "removes" in said.heard:
            await self._book.edit(account, said.ref, said.shown)
        mark = await self._book.put(account, said.ref, said.shown, mine=True)
        self._hub.wake(account)
        return mark

    async def _tell(self, account: str, said: Said, body: Mapping[str, Any]) -> None:
        event = hashlib.sha256(f"{account} {said.event}".encode()).hexdigest()
        if self.ear is None:
            raise Refused(503, "later", retry_after=2)
        try:
            await self.ear([RawUpdate(event[:40], account, json.dumps({"account": account, **body}))])
        except Exception:
            log.exception("what a person said could not be stored")
            raise Refused(503, "later", retry_after=2) from None

    def _answered(self, request: Request, mark: int | None) -> Response:
        if by_script(request):
            return Response(status_code=204)
        return RedirectResponse("/#end" if mark is None else f"/?wait={mark}#end", 303)
