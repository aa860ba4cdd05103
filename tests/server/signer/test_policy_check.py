"""A policy that the store cannot hold is refused where the operator sees it."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import AnyHttpUrl, SecretStr

from app.contract import MIB
from server.settings import Settings, SettingsError
from server.signer.policy_check import check_policies, check_policy
from server.store.profiles import PROFILES

INTERVIEW = """id = "x"
title = "X"

[[questions]]
id = "q"
prompt = "?"
tracks = ["video"]

[policy]
mode = "bulk"
part_bytes = 1048576
"""


@pytest.fixture
def interviews(tmp_path: Path) -> Path:
    (tmp_path / "x.toml").write_text(INTERVIEW, encoding="utf-8")
    return tmp_path


def test_settings_and_files_that_the_store_cannot_hold_are_named_together(interviews: Path):
    settings = Settings(interviews=interviews, policy={"part_bytes": 2 * MIB})

    with pytest.raises(SettingsError) as raised:
        check_policies(settings, PROFILES["aws"])

    in_settings, in_file = str(raised.value).split("\n")
    assert in_settings.startswith("SLIPSTREAM_POLICY: `part_bytes` is 2097152, but AWS S3 takes no part below 5242880")
    assert in_file.startswith(f"{interviews / 'x.toml'}:11: `part_bytes` is 1048576")
    assert "Leave `part_bytes` out, or set at least 5242880" in in_file


@pytest.mark.parametrize("profile", ["embedded", "aws"])
def test_what_the_store_can_hold_passes(interviews: Path, profile: str):
    (interviews / "x.toml").write_text(INTERVIEW.replace("1048576", "5242880"), encoding="utf-8")
    check_policies(Settings(interviews=interviews, policy={"part_bytes": 8 * MIB}), PROFILES[profile])
    check_policy(Settings(), {"mode": "bulk"}, PROFILES[profile], "--policy")


def test_small_parts_pass_where_there_is_no_minimum(interviews: Path):
    check_policies(Settings(interviews=interviews, policy={"part_bytes": 1024}), PROFILES["embedded"])


def test_file_that_cannot_be_read_is_left_to_who_reads_it(interviews: Path):
    (interviews / "bad.toml").write_text("id = ", encoding="utf-8")

    with pytest.raises(SettingsError, match=r"x\.toml:11"):
        check_policies(Settings(interviews=interviews), PROFILES["r2"])


def test_streaming_without_a_gateway_or_without_md5_etags_is_refused(interviews: Path):
    without = Settings(interviews=interviews.parent, policy={"layout": "stream"})
    with pytest.raises(SettingsError, match="there is no gateway: set SLIPSTREAM_STREAM_URL"):
        check_policies(without, PROFILES["aws"])

    settings = without.model_copy(
        update={"stream_url": AnyHttpUrl("https://stream.example"), "stream_secret": SecretStr("x" * 32)}
    )
    check_policies(settings, PROFILES["aws"])
    with pytest.raises(SettingsError, match="ETags are no MD5"):
        check_policies(settings, replace(PROFILES["aws"], has_md5_etags=False))
