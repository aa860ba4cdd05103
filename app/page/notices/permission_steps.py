"""How to allow camera and microphone again, for each browser."""

from app.core.notices import Topic
from app.page.kit.language import _, mark
from app.page.notices.browser_family import Browser

_BLOCKED = {
    Browser.CHROMIUM: (
        mark("Click the symbol at the left end of the address bar."),
        mark("Switch “Camera” and “Microphone” on."),
        mark("Come back here and press “Try again”."),
    ),
    Browser.FIREFOX: (
        mark("Click the crossed-out camera or microphone at the left end of the address bar."),
        mark("Press the × beside “Blocked” to take the block away."),
        mark("Press “Try again” here and choose “Allow”."),
    ),
    Browser.SAFARI: (
        mark("Open “Safari” in the menu bar, then “Settings for this website”."),
        mark("Set camera and microphone to “Allow”."),
        mark("Come back here and press “Try again”."),
    ),
    Browser.IOS: (
        mark("Tap the symbol at the edge of the address bar, then the settings for this website."),
        mark("Set camera and microphone to “Allow”."),
        mark("If they are not listed, open the phone’s Settings, find your browser there and switch both on."),
        mark("Come back here and press “Try again”."),
    ),
    Browser.ANDROID: (
        mark("Tap the symbol at the left end of the address bar, then “Permissions”."),
        mark("Allow camera and microphone."),
        mark("Come back here and press “Try again”."),
    ),
    Browser.OTHER: (
        mark("Find this website’s permissions in your browser’s settings."),
        mark("Allow camera and microphone."),
        mark("Come back here and press “Try again”."),
    ),
}


def steps_for(topic: Topic, browser: Browser) -> tuple[str, ...]:
    """Return the steps in their order; empty if the notice's own words suffice."""
    return tuple(_(step) for step in _BLOCKED[browser]) if topic is Topic.PERMISSION_DENIED else ()
