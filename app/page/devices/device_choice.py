"""Choose camera and microphone."""

from collections.abc import Sequence
from typing import Any

from app.core.recording.devices import Device, DevicesView
from app.core.session.actions import ChooseDevice
from app.page.kit.context import ViewContext
from app.page.kit.dom import Template, element
from app.page.kit.language import _


class DeviceChoices:
    """Show one list per kind of device, once a device of that kind is in use."""

    def __init__(self, place: str, context: ViewContext) -> None:
        """`place` makes element ids unique: the page offers the choice in several places."""

        def choose(kind: str, device_id: str) -> None:
            context.dispatch(ChooseDevice(kind, device_id))

        self._camera = _Choice("camera", _("Camera"), place, choose, context)
        self._microphone = _Choice("microphone", _("Microphone"), place, choose, context)
        self.node = element("div", self._camera.node, self._microphone.node, class_="choices")

    def show(self, view: DevicesView) -> None:
        self._camera.show(view.devices if view.needs_camera else (), view.camera)
        self._microphone.show(view.devices, view.microphone)


class _Choice:
    def __init__(self, kind: str, label: str, place: str, choose: Any, context: ViewContext) -> None:
        self._kind = kind
        self._label = label
        self._listed: tuple[tuple[str, str], ...] = ()
        id_ = f"choose-{kind}-{place}"
        made = Template("device-choice")
        self.node, self._select = made.node, made.part("select")
        self._select.attributes(id=id_, data_device=kind)
        name = made.part("label")
        name.text(label)
        name.attribute("for", id_)
        js_select = self._select.js_element
        context.listeners.add(js_select, "change", lambda _event: choose(kind, str(js_select.value)))

    def show(self, devices: Sequence[Device], chosen: str) -> None:
        mine = [device for device in devices if device.kind == self._kind]
        listed = tuple((device.id, device.label or f"{self._label} {number}") for number, device in enumerate(mine, 1))
        if listed != self._listed:
            self._listed = listed
            self._select.replace(*(element("option", label, value=id_) for id_, label in listed))
        if chosen:
            self._select.js_element.value = chosen
        self.node.show(bool(chosen) and bool(listed))
