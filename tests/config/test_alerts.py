"""The table [alerts]."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.alerts import Recipient
from config.settings import SettingsError, load

WHOLE = """
[alerts]
mail_from = "gateway@kominfo.example"
smtp_url = "smtp://127.0.0.1:25"
telegram_token = "1:rahasia"
webhook_secret = "kunci-yang-cukup-panjang"
escalate_min = 10
[[alerts.recipients]]
name = "piket"
telegram = "-1001"
[[alerts.recipients]]
name = "kepala"
mail = "kepala@kominfo.example"
[[alerts.recipients]]
name = "pusat"
webhook = "https://pusat.example/alerts"
"""


def test_recipients_are_in_their_order_and_secrets_in_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(WHOLE, encoding="utf-8")
    alerts = load(path, {}).alerts
    assert alerts.recipients[0] == Recipient(name="piket", telegram="-1001")
    assert [each.name for each in alerts.recipients] == ["piket", "kepala", "pusat"]
    assert alerts.escalate_min == 10
    assert "rahasia" not in repr(alerts)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ('webhook_secret = "kunci-yang-cukup-panjang"', "[alerts]: a recipient has a webhook: webhook_secret must be set"),
        ('telegram_token = "1:rahasia"', "[alerts]: a recipient has a Telegram chat: telegram_token must be set"),
        ('smtp_url = "smtp://127.0.0.1:25"', "[alerts]: a recipient has a mail address: mail_from and smtp_url must be set"),
        ('telegram = "-1001"', "each recipient has one of mail, telegram and webhook"),
    ],
)
def test_what_is_missing_is_one_line(changed: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(WHOLE.replace(changed, ""), encoding="utf-8")
    with pytest.raises(SettingsError) as fault:
        load(path, {})
    assert said in str(fault.value)
