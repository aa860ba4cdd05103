"""Real user agents, and what they are."""

import pytest

from app.page.notices.browser_family import Browser, browser_of

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15"


@pytest.mark.parametrize(
    ("user_agent", "touch_points", "browser"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36", 0, "chromium"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
            10,
            "chromium",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", 0, "firefox"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0", 5, "android"),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36", 5, "android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 CriOS/131 Safari/604.1",
            5,
            "ios",
        ),
        (MAC, 0, "safari"),
        (MAC, 5, "ios"),
        ("curl/8", 0, "other"),
    ],
)
def test_user_agents_are_known(user_agent, touch_points, browser):
    assert browser_of(user_agent, touch_points) is Browser(browser)
