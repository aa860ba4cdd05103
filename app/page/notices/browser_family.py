"""Recognise the browser: only to word advice, never to decide what the browser can do."""

from enum import StrEnum


class Browser(StrEnum):
    CHROMIUM = "chromium"  # Chrome, Edge, Opera and similar browsers on a computer
    FIREFOX = "firefox"
    SAFARI = "safari"
    IOS = "ios"  # every browser on an iPhone or iPad: they share the system's settings
    ANDROID = "android"
    OTHER = "other"


def browser_of(user_agent: str, touch_points: int = 0) -> Browser:
    """Return the browser's family by `navigator.userAgent` and `navigator.maxTouchPoints`.

    An iPad calls itself a Macintosh, but no Macintosh has a touch screen.
    """
    agent = user_agent.lower()
    if "iphone" in agent or "ipad" in agent or ("macintosh" in agent and touch_points > 1):
        return Browser.IOS
    if "android" in agent:
        return Browser.ANDROID
    if "firefox/" in agent:
        return Browser.FIREFOX
    if "chrome/" in agent:
        return Browser.CHROMIUM
    return Browser.SAFARI if "safari/" in agent else Browser.OTHER
