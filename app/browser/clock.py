"""The browser's clock and random source."""

import asyncio
import secrets

import js


class BrowserClock:
    """Read the time from `performance.now()`, which does not jump when the computer's clock is changed."""

    def now(self) -> float:
        return float(js.performance.now()) / 1000

    def wall_now(self) -> float:
        return float(js.Date.now()) / 1000

    async def sleep(self, duration_s: float) -> None:
        await asyncio.sleep(duration_s)


class BrowserRandomness:
    """Draw from the browser's cryptographic random source."""

    def jitter(self) -> float:
        return secrets.randbelow(1 << 30) / (1 << 30)

    def recording_key(self, question: str) -> str:  # noqa: ARG002  so many digits differ for all questions
        return self.nonce()

    def nonce(self) -> str:
        return secrets.token_hex(16)
