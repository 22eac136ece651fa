"""A real Chromium, driven by Playwright, and axe to judge what it shows.

The browser is Debian's; Playwright's own is not downloaded. axe comes with the package `axe-playwright-python`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, async_playwright, expect

# What the browser would do of its own accord (updates, reports) is switched off: tests speak to loopback only.
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def executable() -> str | None:
    """Where Chromium is: TWINBOT_TEST_CHROMIUM, or the first one on the path."""
    named = os.environ.get("TWINBOT_TEST_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


def available() -> str | None:
    """Why the browser tests cannot run here; None if they can."""
    if executable() is None:
        return "no chromium on the path (Debian: apt-get install chromium)"
    if importlib.util.find_spec("axe_playwright_python") is None:
        return "the package axe-playwright-python is missing"
    return None


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without any memory of earlier tests; every context of it is a person of its own."""
    # Only what fails waits so long; five seconds, the library's own, are short for a busy machine.
    expect.set_options(timeout=30_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=list(_FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


async def settled(page: Page) -> None:
    """Wait for what moves or fades, for once, to come to rest; contrast and pictures are of what it comes to.

    What is taken away in the middle of its movement has come to rest as well: its promise is rejected.
    """
    await page.evaluate(
        """Promise.allSettled(document.getAnimations()
        .filter(one => one.effect.getComputedTiming().endTime !== Infinity).map(one => one.finished))
        .then(() => null)"""
    )


async def complaints(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands, a line each, naming the rule and the element.

    Meanwhile nothing moves: what arrives while axe looks would be judged by how pale it begins.
    """
    from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]

    await page.emulate_media(reduced_motion="reduce")
    await settled(page)
    results = await Axe().run(page)
    await page.emulate_media(reduced_motion="null")
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]} {node['failureSummary'][:300]}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]
