"""The words of notices about camera, microphone and recording."""

from app.core.notices import Topic
from app.page.kit.language import mark
from app.page.notices.notice import NoticeAction, NoticeWords, Weight

DEVICES = {
    Topic.PERMISSION_DENIED: NoticeWords(
        Weight.ALERT,
        mark("Your browser does not let this page use your camera or microphone"),
        mark("It has been blocked for this page, now or earlier. This is how to allow it again:"),
        NoticeAction.CHECK_DEVICES,
        mark("Try again"),
    ),
    Topic.SYSTEM_DENIED: NoticeWords(
        Weight.ALERT,
        mark("Your computer does not let the browser use your camera or microphone"),
        mark(
            "Open the privacy settings of your computer or phone, find “Camera” and “Microphone”, and switch your "
            "browser on in both. Then try again; some computers want the browser to be restarted first."
        ),
        NoticeAction.CHECK_DEVICES,
        mark("Try again"),
    ),
    Topic.NO_DEVICE: NoticeWords(
        Weight.ALERT,
        mark("We cannot find a camera or microphone"),
        mark(
            "Connect one, or switch it on if it has a switch, then try again. A phone or a laptop with a "
            "camera works too: open the same link there."
        ),
        NoticeAction.CHECK_DEVICES,
        mark("Try again"),
    ),
    Topic.DEVICE_BUSY: NoticeWords(
        Weight.ALERT,
        mark("Another program is using your camera or microphone"),
        mark("Close other programs and tabs that may be using it, such as video calls, then try again."),
        NoticeAction.CHECK_DEVICES,
        mark("Try again"),
    ),
    Topic.DEVICE_UNSUITABLE: NoticeWords(
        Weight.ALERT,
        mark("This camera or microphone does not fit"),
        mark(
            "It cannot give what the interview needs. Choose another one below, or connect another one and try again."
        ),
        NoticeAction.CHECK_DEVICES,
        mark("Try again"),
    ),
    Topic.DEVICE_FAILED: NoticeWords(
        Weight.ALERT,
        mark("Your camera or microphone did not start"),
        mark("Unplug it and connect it again, or restart the browser, then try again."),
        NoticeAction.CHECK_DEVICES,
        mark("Try again"),
    ),
    Topic.DEVICE_WAITING: NoticeWords(
        Weight.WARNING,
        mark("Your camera or microphone has not answered yet"),
        mark(
            "Your browser may still be asking you: its question often stands at the top of the window, please choose "
            "“Allow” there. If there is none, close other programs that use the camera, then ask again. Meanwhile you "
            "may write, and go to every question."
        ),
        NoticeAction.CHECK_DEVICES,
        mark("Ask again"),
    ),
    Topic.INSECURE_PAGE: NoticeWords(
        Weight.ALERT,
        mark("This page was not opened over a secure connection"),
        mark(
            "Browsers allow camera and microphone on secure pages alone. Please open the link from your "
            "invitation; it begins with https."
        ),
    ),
    Topic.CANNOT_RECORD: NoticeWords(
        Weight.ALERT,
        mark("This browser cannot record"),
        mark(
            "Please open the same link in a current Chrome, Edge, Firefox or Safari. What has been stored so "
            "far stays stored."
        ),
    ),
    Topic.NOTHING_COMES: NoticeWords(
        Weight.ALERT,
        mark("Nothing could be recorded"),
        mark(
            "Your browser gets nothing from the camera or microphone that it could record. Choose others, or restart "
            "the browser, then try again; another browser or device works too: open the same link there. No take has "
            "been used up."
        ),
        NoticeAction.CHECK_DEVICES,
        mark("Try again"),
    ),
    Topic.RECORDING_BROKE: NoticeWords(
        Weight.ALERT,
        mark("The recording stopped by itself"),
        mark(
            "Your browser recorded no more after that. You can leave the answer as it is, or record it again if a take "
            "is left."
        ),
    ),
    Topic.BEGUN_ANEW: NoticeWords(
        Weight.WARNING,
        mark("Please begin your answer again"),
        mark("Your browser recorded nothing in the first seconds. We record in another way now, from this moment on."),
    ),
    Topic.DEVICE_LOST: NoticeWords(
        Weight.ALERT,
        mark("Your camera or microphone stopped"),
        mark(
            "It was unplugged, or permission was taken away. Connect it again; then you may record this "
            "answer once more if you like."
        ),
        NoticeAction.CHECK_DEVICES,
        mark("Connect again"),
    ),
    Topic.DEVICE_MUTED: NoticeWords(
        Weight.WARNING,
        mark("Your camera or microphone gives nothing just now"),
        mark(
            "A call, another program or a switch on the device may be holding it. Recording goes on, and this note "
            "disappears when it is back. If it does not come back, stop and record this answer again."
        ),
    ),
    Topic.PICTURE_THINNED: NoticeWords(
        Weight.INFO,
        mark("Your connection is slow: your video is recorded with fewer pictures"),
        mark(
            "Your sound is recorded in full. You need do nothing, just go on speaking; the video becomes smooth again "
            "as soon as your connection allows it."
        ),
    ),
    Topic.SILENT: NoticeWords(
        Weight.WARNING,
        mark("We hear nothing"),
        mark(
            "No sound has come since this recording began. Check whether your microphone is switched off. Recording "
            "goes on, and this note disappears once we hear you."
        ),
    ),
    Topic.BLACK: NoticeWords(
        Weight.WARNING,
        mark("Your picture is black"),
        mark(
            "It has been black since this recording began. Check whether something covers your camera. Recording goes "
            "on, and this note disappears once there is a picture."
        ),
    ),
    Topic.SILENT_TAKE: NoticeWords(
        Weight.WARNING,
        mark("We heard nothing in this recording"),
        mark("Play it, or record it again. You can also leave it as it is."),
    ),
    Topic.BLACK_TAKE: NoticeWords(
        Weight.WARNING,
        mark("The picture of this recording is black"),
        mark("Play it, or record it again. You can also leave it as it is."),
    ),
    Topic.PICTURE_TURNED: NoticeWords(
        Weight.WARNING,
        mark("Your device was turned while recording"),
        mark(
            "The picture of this recording may stop at that moment; the sound goes on. If you can, record it again "
            "without turning your device."
        ),
    ),
    Topic.NOTHING_RECORDED: NoticeWords(
        Weight.WARNING,
        mark("Nothing was recorded"),
        mark(
            "The recording stopped before anything arrived from the camera or microphone. Please record this "
            "answer again. No take has been used up."
        ),
    ),
    Topic.TOO_SHORT: NoticeWords(
        Weight.INFO,
        mark("That was too short to count"),
        mark(
            "It lasted less than a second, so it was not kept, and no take has been used up. Start again when you are "
            "ready."
        ),
    ),
}
