"""Which browser this is: only to word advice by it, never to decide what it can do."""

from enum import StrEnum


class Browser(StrEnum):
    CHROMIUM = "chromium"  # Chrome, Edge, Opera and their kin on a computer
    FIREFOX = "firefox"
    SAFARI = "safari"
    IOS = "ios"  # every browser on an iPhone or iPad: the system's settings are the same
    ANDROID = "android"
    OTHER = "other"


def browser_of(user_agent: str, touch_points: int = 0) -> Browser:
    """Return what `navigator.userAgent` and `navigator.maxTouchPoints` tell.

    An iPad calls itself a Macintosh; no Macintosh has a touch screen.
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
