"""A small stock of signed URLs, so that no part waits for its signature."""

import asyncio
from urllib.parse import urlsplit

from app.contract import MAX_PARTS, PartToSign, SignedPart, SignedUrl
from app.core.errors import SignerInvalid
from app.core.ports import Clock, Signer
from app.core.upload.events import UploadCreated
from app.core.upload.parts import Part

_SAFETY = 0.8  # share of a URL's life after which it is signed again: a slow part must not outlive its URL


class SignedUrls:
    """Hand out one URL per part; sign several at once if the signature does not contain the part's MD5."""

    def __init__(self, signer: Signer, clock: Clock, store_origin: str, sign_ahead: int) -> None:
        self._signer = signer
        self._clock = clock
        self._store_origin = store_origin
        self._sign_ahead = sign_ahead
        self._stock: dict[tuple[str, int, int], tuple[SignedPart, float]] = {}  # handle, number, size → URL, expires at
        self._signing = asyncio.Lock()

    async def take(self, upload: UploadCreated, part: Part, md5: str) -> SignedPart:
        """Return a URL for exactly this part and take it out of the stock.

        Raises:
            UploadError: the signer gave no URL.
            SignerInvalid: its URL does not lead to the store.
        """
        async with self._signing:  # two parts that start together need one call, not two
            kept = self._stock.pop((upload.handle, part.number, part.size), None)
            if kept is not None and kept[1] > self._clock.now():
                return kept[0]
            signed = await self._signer.sign(upload.handle, self._wanted(upload, part, md5))
            good_from = self._clock.now()
            for one in signed.parts:
                self.check(one)
                good_until = good_from + one.life_s * _SAFETY
                self._stock[upload.handle, one.number, one.size] = (one, good_until)
        wanted = self._stock.pop((upload.handle, part.number, part.size), None)
        if wanted is None:
            raise SignerInvalid("The signer answered for another part than was asked for.")
        return wanted[0]

    def forget(self, upload: UploadCreated) -> None:
        """Drop an upload's URLs from the stock: the store has refused one of them, or the upload is over."""
        self._stock = {key: kept for key, kept in self._stock.items() if key[0] != upload.handle}

    def _wanted(self, upload: UploadCreated, part: Part, md5: str) -> tuple[PartToSign, ...]:
        if upload.is_md5_signed:
            return (PartToSign(number=part.number, size=part.size, md5=md5),)
        # Every part but the last has the same size, so the next ones can be signed before they are recorded.
        ahead = self._sign_ahead if part.size == upload.part_bytes else 1
        numbers = range(part.number, min(part.number + ahead, MAX_PARTS + 1))
        return tuple(PartToSign(number=number, size=part.size) for number in numbers)

    def check(self, signed: SignedUrl) -> None:
        """Raise SignerInvalid for a URL that does not lead to the store."""
        try:
            url = urlsplit(signed.url)
        except ValueError:
            raise SignerInvalid("The signer named no place at all.") from None
        if f"{url.scheme}://{url.netloc}" != self._store_origin:
            raise SignerInvalid("The signer named another place than the store of this interview.")
