"""Where a running flagd serves its flags, spelled as in flagd's own `--uri` and `--sources`."""

from typing import Self
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, FilePath

_IS_TLS = {"grpc": False, "grpcs": True}
SYNC_PORT = 8015  # flagd's default


class FlagdAddress(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(min_length=1)
    port: int = SYNC_PORT
    is_tls: bool = False
    selector: str = ""  # which of flagd's flags; "": all
    cert_path: FilePath | None = Field(default=None, alias="certPath")  # of the authority to trust; None: public ones

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `grpc[s]://HOST[:PORT][?selector=…][&certPath=…]`. Raises ValueError."""
        url = urlsplit(text)
        if url.scheme not in _IS_TLS or url.path.strip("/") or url.fragment or url.username is not None:
            raise ValueError(
                f"{text!r} is no file and no flagd: set e.g. flags.json, or grpc://flags.example:{SYNC_PORT}"
            )
        options = {name: values[-1] for name, values in parse_qs(url.query).items()}
        return cls.model_validate(
            {"host": url.hostname or "", "port": url.port or SYNC_PORT, "is_tls": _IS_TLS[url.scheme], **options}
        )

    @property
    def target(self) -> str:
        """Return HOST:PORT."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{'grpcs' if self.is_tls else 'grpc'}://{self.target}"
