"""A small stock of signed URLs, so that no part waits for its signature."""

import asyncio
from collections.abc import Iterable
from urllib.parse import urlsplit

from app.contract import MAX_PARTS, PartToSign, SignedPart, SignedUrl, SignStream
from app.core.errors import SignerInvalid
from app.core.ports import Clock, Signer
from app.core.upload.events import UploadCreated
from app.core.upload.parts import SMALLEST, Part

_SAFETY = 0.8  # share of a URL's life after which it is signed again: a slow part must not outlive its URL


def _following(upload: UploadCreated, first: Part, count: int) -> tuple[PartToSign, ...]:
    """Return up to `count` parts from `first` on, as far as sizes can be told; none if its own may well change."""
    rules = upload.parts
    is_fixed = rules.are_equal or rules.window_bytes is not None
    is_small = first.size == rules.smallest(first.number)
    if rules.window_bytes is not None and not is_small:
        count = 1  # from a backlog, or the last one: what follows depends on what is recorded until then
    # Without rules that fix the size, a round one was cut from a backlog, and others like it will follow.
    elif not is_small if is_fixed else first.size % SMALLEST != 0:
        return ()
    parts = [first]
    for number in range(first.number + 1, min(first.number + count, MAX_PARTS + 1)):
        parts.append(Part(number, parts[-1].end, rules.smallest(number) if is_fixed else first.size))
    return tuple(
        PartToSign(number=part.number, offset=part.offset, size=part.size)
        for part in parts
        if rules.window_bytes is None or part.offset // rules.window_bytes == (part.end - 1) // rules.window_bytes
    )


class SignedUrls:
    """Hand out one URL per part; sign several at once if the signature does not contain the part's MD5."""

    def __init__(
        self, signer: Signer, clock: Clock, store_origin: str, sign_ahead: int, stream_origin: str | None = None
    ) -> None:
        """`stream_origin` is that of the gateway that takes streams; None: there is none."""
        self._stream_origin = stream_origin
        self._signer = signer
        self._clock = clock
        self._store_origin = store_origin
        self._sign_ahead = sign_ahead
        self._sessions: dict[str, tuple[SignedUrl, float]] = {}  # by handle, where one URL takes all parts in order
        self._stock: dict[tuple[str, Part], tuple[SignedPart, float]] = {}  # by handle; with the time it expires
        self._signing = asyncio.Lock()

    async def take(self, upload: UploadCreated, part: Part, md5: str, slot: str | None = None) -> SignedPart:
        """Return a URL for exactly this part and take it out of the stock.

        `slot` is the part's own from an earlier try; None: there was none.

        Raises:
            UploadError: the signer gave no URL.
            SignerInvalid: its URL does not lead to the store.
        """
        async with self._signing:  # two parts that start together need one call, not two
            kept = self._stock.pop((upload.handle, part), None)
            if kept is not None and kept[1] > self._clock.now():
                return kept[0]
            wanted = self._wanted(upload, part, md5, slot)
            self.keep(upload, wanted, (await self._signer.sign(upload.handle, wanted)).parts)
        found = self._stock.pop((upload.handle, part), None)
        if found is None:
            raise SignerInvalid("The signer answered for another part than was asked for.")
        return found[0]

    async def in_order(self, upload: UploadCreated, part: Part) -> SignedUrl:
        """Return the URL of the session that takes all parts of an upload, `part` first. Raises UploadError."""
        async with self._signing:
            kept = self._sessions.get(upload.handle)
            if kept is not None and kept[1] > self._clock.now():
                return kept[0]
            wanted = (PartToSign(number=part.number, offset=part.offset, size=part.size),)
            parts = (await self._signer.sign(upload.handle, wanted)).parts
            if len(parts) != 1:
                raise SignerInvalid("The signer answered for another part than was asked for.")
            signed = parts[0]
            self.check(signed)
            self._sessions[upload.handle] = (signed, self._clock.now() + signed.life_s * _SAFETY)
            return signed

    async def stream(self, upload: UploadCreated, number: int, offset: int) -> SignedUrl:
        """Return the gateway's URL for one part whose size is not known yet. Raises UploadError."""
        signed = await self._signer.sign_stream(SignStream(upload=upload.handle, number=number, offset=offset))
        _check_origin(signed, self._stream_origin)
        return signed

    def keep(self, upload: UploadCreated, wanted: Iterable[PartToSign], signed: Iterable[SignedPart]) -> None:
        """Put the signer's answers into the stock. Raises SignerInvalid for one that does not lead to the store."""
        offsets = {one.number: one.offset for one in wanted}
        for one in signed:
            self.check(one)
            part = Part(one.number, offsets.get(one.number, 0), one.size)
            self._stock[upload.handle, part] = (one, self._clock.now() + one.life_s * _SAFETY)

    def forget(self, upload: UploadCreated) -> None:
        """Drop an upload's URLs from the stock: the store has refused one of them, or the upload is over."""
        self._sessions.pop(upload.handle, None)
        self._stock = {key: kept for key, kept in self._stock.items() if key[0] != upload.handle}

    def _wanted(self, upload: UploadCreated, part: Part, md5: str, slot: str | None) -> tuple[PartToSign, ...]:
        first = PartToSign(number=part.number, offset=part.offset, size=part.size, md5=md5, slot=slot)
        if upload.is_md5_signed:
            return (first,)
        following = _following(upload, part, self._sign_ahead)[1:]
        return (first.model_copy(update={"md5": None}), *following)

    def unsigned_ahead(self, upload: UploadCreated, first: Part) -> tuple[PartToSign, ...]:
        """Return the parts from `first` on that should be signed before they are recorded: those not in the stock.

        None are if the signature needs their MD5, or if the following parts may well have other sizes.
        """
        now = self._clock.now()
        fresh = {part for (handle, part), (_, until) in self._stock.items() if handle == upload.handle and until > now}
        following = _following(upload, first, self._sign_ahead) if not upload.is_md5_signed else ()
        return tuple(one for one in following if Part(one.number, one.offset, one.size) not in fresh)

    def check(self, signed: SignedUrl) -> None:
        """Raise SignerInvalid for a URL that does not lead to the store."""
        _check_origin(signed, self._store_origin)


def _check_origin(signed: SignedUrl, origin: str | None) -> None:
    try:
        url = urlsplit(signed.url)
    except ValueError:
        raise SignerInvalid("The signer named no place at all.") from None
    if f"{url.scheme}://{url.netloc}" != origin:
        raise SignerInvalid("The signer named another place than the store of this interview.")
